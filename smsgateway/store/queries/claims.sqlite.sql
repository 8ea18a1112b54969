-- name: one_planner_at_a_time()$
-- Nothing to do: a write transaction on SQLite is alone.
SELECT 1;

-- name: due_texts(now, batch)
-- What may go now, with all that is checked anew before it goes.
SELECT t.text_id, t.invitation_id, t.purpose, t.due_at, t.expires_at, t.attempts,
       i.visit_key, i.unit_id, i.contact_id, i.day, i.visit_ended_at, i.survey, i.language, i.schedule, i.asked_at,
       i.conversation, i.closed, i.answered_at,
       EXISTS (SELECT 1 FROM inbound n WHERE n.invitation_id = i.invitation_id) AS replied,
       v.consent, c.sealed, c.number_state,
       CASE WHEN o.lookup IS NULL THEN 0 ELSE 1 END AS opted_out
FROM outbox t
JOIN invitation i ON i.invitation_id = t.invitation_id
JOIN visit v ON v.visit_key = i.visit_key
JOIN unit u ON u.unit_id = i.unit_id
JOIN contact c ON c.contact_id = i.contact_id
LEFT JOIN opt_out o ON o.lookup = c.lookup
WHERE t.status = 'planned' AND t.due_at <= :now AND (u.paused = 0 OR t.expires_at < :now)
ORDER BY t.due_at, t.text_id
LIMIT :batch;

-- name: text_by_id(text_id)^
-- A text about to be moved on: held, so that a callback and the carrier's answer wait for each other.
SELECT t.text_id, t.invitation_id, t.purpose, t.status, t.attempts, t.delivery, t.carrier_sid, t.sending_at,
       i.unit_id, i.day, i.survey, i.contact_id, i.schedule, i.closes_at, c.lookup
FROM outbox t
JOIN invitation i ON i.invitation_id = t.invitation_id
JOIN contact c ON c.contact_id = i.contact_id
WHERE t.text_id = :text_id;

-- name: hold_texts(text_ids)
-- Nothing to do: a write transaction on SQLite is alone.
SELECT :text_ids AS text_ids;

-- name: withdrawable(visit_key)^
-- An invitation of which no text has left, and none is on its way: held, so that nobody claims it meanwhile.
SELECT i.invitation_id, i.contact_id
FROM invitation i
JOIN outbox t ON t.invitation_id = i.invitation_id AND t.purpose = 'invitation'
WHERE i.visit_key = :visit_key AND i.asked_at IS NULL AND t.status IN ('planned', 'cancelled') AND t.attempts = 0;

-- name: hold_invitation(invitation_id)$
-- Until the transaction ends: what is counted before and after a change must not change in between.
SELECT 1 FROM invitation WHERE invitation_id = :invitation_id;
