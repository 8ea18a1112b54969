-- name: claim_text(text_id, now, lease_until, sender, body, segments)!
UPDATE outbox
SET status = 'sending', sending_at = :now, lease_until = :lease_until, sender = :sender, body = :body,
    segments = :segments, attempts = attempts + 1
WHERE text_id = :text_id AND status = 'planned';

-- name: open_conversation(invitation_id, now, conversation, closes_at)!
UPDATE invitation SET asked_at = :now, conversation = :conversation, closes_at = :closes_at
WHERE invitation_id = :invitation_id AND asked_at IS NULL;

-- name: postpone_text(text_id, due_at)!
UPDATE outbox SET due_at = :due_at WHERE text_id = :text_id AND status = 'planned';

-- name: end_text(text_id, status, reason, error_code)!
-- For good: 'cancelled' before the carrier had it, 'failed' because the carrier or we gave up.
UPDATE outbox SET status = :status, reason = :reason, error_code = :error_code, lease_until = NULL
WHERE text_id = :text_id AND status IN ('planned', 'sending', 'uncertain');

-- name: put_text_back(text_id, due_at, reason, error_code)!
UPDATE outbox SET status = 'planned', due_at = :due_at, reason = :reason, error_code = :error_code, lease_until = NULL
WHERE text_id = :text_id AND status IN ('sending', 'uncertain');

-- name: uncount_attempt(text_id)!
UPDATE outbox SET attempts = attempts - 1 WHERE text_id = :text_id;

-- name: doubt_text(text_id, reason, error_code, ask_at)!
UPDATE outbox SET status = 'uncertain', reason = :reason, error_code = :error_code, lease_until = :ask_at
WHERE text_id = :text_id AND status IN ('sending', 'uncertain');

-- name: text_is_sent(text_id, carrier_sid, now)!
-- Also one that was put back: the carrier has it after all, so it must not go again.
UPDATE outbox SET status = 'sent', carrier_sid = :carrier_sid, sent_at = :now, reason = NULL, lease_until = NULL
WHERE text_id = :text_id AND status IN ('planned', 'sending', 'uncertain');

-- name: text_id_of_sid(carrier_sid)$
SELECT text_id FROM outbox WHERE carrier_sid = :carrier_sid;

-- name: add_status(carrier_sid, status, text_id, error_code, now)!
INSERT INTO status_callback (carrier_sid, status, text_id, error_code, received_at)
VALUES (:carrier_sid, :status, :text_id, :error_code, :now)
ON CONFLICT (carrier_sid, status) DO NOTHING;

-- name: statuses_of(carrier_sid)
SELECT status, error_code FROM status_callback WHERE carrier_sid = :carrier_sid ORDER BY received_at, status;

-- name: set_delivery(text_id, delivery, error_code)!
UPDATE outbox SET delivery = :delivery, error_code = COALESCE(:error_code, error_code) WHERE text_id = :text_id;

-- name: probe_halt(what, now)!
UPDATE halt SET since = :now WHERE what = :what;

-- name: halts()
SELECT what, reason, since FROM halt ORDER BY what;

-- name: add_halt(what, reason, now)!
INSERT INTO halt (what, reason, since) VALUES (:what, :reason, :now)
ON CONFLICT (what) DO UPDATE SET reason = excluded.reason, since = excluded.since;

-- name: lift_halt(what)!
DELETE FROM halt WHERE what = :what;

-- name: texts_that_met(error_code, since)$
SELECT COUNT(*) AS n FROM outbox WHERE error_code = :error_code AND sending_at >= :since;

-- name: texts_by_status()
SELECT purpose, status, COUNT(*) AS n FROM outbox GROUP BY purpose, status ORDER BY purpose, status;

-- name: standing_of(invitation_id)^
-- How an invitation stands for the counts: see figures/rollups.py.
SELECT i.unit_id, i.day, i.survey, i.answered_at, i.disposition, t.status, t.delivery
FROM invitation i
JOIN outbox t ON t.invitation_id = i.invitation_id AND t.purpose = 'invitation'
WHERE i.invitation_id = :invitation_id;

-- name: work_is_waiting(now)$
SELECT CASE WHEN EXISTS (SELECT 1 FROM outbox WHERE status = 'planned' AND due_at <= :now)
              OR EXISTS (SELECT 1 FROM outbox WHERE status IN ('sending', 'uncertain') AND lease_until <= :now)
       THEN 1 ELSE 0 END AS waiting;

-- name: unsettled_texts(now, batch)
SELECT t.text_id, t.invitation_id, t.purpose, t.status, t.body, t.sender, t.sending_at, t.attempts, t.expires_at,
       i.unit_id, i.day, i.survey, i.contact_id, i.visit_key, i.schedule, c.sealed
FROM outbox t
JOIN invitation i ON i.invitation_id = t.invitation_id
JOIN contact c ON c.contact_id = i.contact_id
WHERE t.status IN ('sending', 'uncertain') AND t.lease_until <= :now
ORDER BY t.lease_until, t.text_id
LIMIT :batch;

-- name: texts_without_final_status(before, batch)
SELECT text_id, carrier_sid, delivery
FROM outbox
WHERE status = 'sent' AND sent_at <= :before
  AND (delivery IS NULL OR delivery NOT IN ('canceled', 'failed', 'undelivered', 'delivered', 'read'))
ORDER BY sent_at DESC
LIMIT :batch;
