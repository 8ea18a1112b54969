-- name: visits_to_plan(batch)
-- The oldest visits without a decision, with what decides about them.
SELECT v.visit_key, v.unit_id, v.visit_id, v.contact_id, v.ended_at, v.day, v.language, v.consent,
       u.paused, c.number_state,
       CASE WHEN o.lookup IS NULL THEN 0 ELSE 1 END AS opted_out
FROM visit v
JOIN unit u ON u.unit_id = v.unit_id
JOIN contact c ON c.contact_id = v.contact_id
LEFT JOIN opt_out o ON o.lookup = c.lookup
WHERE v.decision IS NULL
ORDER BY v.ended_at, v.visit_key
LIMIT :batch;

-- name: invitations_of_people_to_plan(batch)
-- What the same people were or will be sent: for the cool-down over all units, and against asking twice about one visit.
SELECT i.contact_id, i.unit_id, i.visit_ended_at, i.send_at
FROM invitation i
JOIN outbox t ON t.invitation_id = i.invitation_id AND t.purpose = 'invitation'
WHERE t.status NOT IN ('cancelled', 'failed')
  AND i.contact_id IN (
      SELECT v.contact_id FROM visit v WHERE v.decision IS NULL ORDER BY v.ended_at, v.visit_key LIMIT :batch
  );

-- name: decide_visit(visit_key, decision)*!
UPDATE visit SET decision = :decision WHERE visit_key = :visit_key;

-- name: add_invitation(invitation_id, visit_key, unit_id, contact_id, day, visit_ended_at, survey, survey_version, language, schedule, send_at, closes_at)*!
INSERT INTO invitation (invitation_id, visit_key, unit_id, contact_id, day, visit_ended_at, survey, survey_version,
                        language, schedule, send_at, closes_at)
VALUES (:invitation_id, :visit_key, :unit_id, :contact_id, :day, :visit_ended_at, :survey, :survey_version,
        :language, :schedule, :send_at, :closes_at);

-- name: add_text(text_id, invitation_id, purpose, due_at, expires_at)*!
INSERT INTO outbox (text_id, invitation_id, purpose, status, due_at, expires_at)
VALUES (:text_id, :invitation_id, :purpose, 'planned', :due_at, :expires_at)
ON CONFLICT (invitation_id, purpose) DO NOTHING;

-- name: remove_texts_of(invitation_id)!
DELETE FROM outbox WHERE invitation_id = :invitation_id;

-- name: remove_invitation(invitation_id)!
DELETE FROM invitation WHERE invitation_id = :invitation_id;

-- name: undecide_visit(visit_key)!
UPDATE visit SET decision = NULL WHERE visit_key = :visit_key;

-- name: release_cooled_down(contact_id)!
-- A cancelled invitation no longer holds back the person's other visits.
UPDATE visit SET decision = NULL WHERE contact_id = :contact_id AND decision = 'cool_down';

-- name: ledger()
-- Every visit by what became of it: the sums are the intake.
SELECT v.unit_id,
       CASE
           WHEN v.decision IS NULL THEN 'to_plan'
           WHEN v.decision <> 'invited' THEN v.decision
           WHEN t.status IN ('cancelled', 'failed') THEN COALESCE(t.reason, t.status)
           ELSE t.status
       END AS outcome,
       COUNT(*) AS n
FROM visit v
LEFT JOIN invitation i ON i.visit_key = v.visit_key
LEFT JOIN outbox t ON t.invitation_id = i.invitation_id AND t.purpose = 'invitation'
GROUP BY 1, 2
ORDER BY 1, 2;
