-- name: demo_texts_at(moment)
-- Texts that were sent at that moment and have reached their phones: what the simulated patients find on theirs.
SELECT v.visit_id, t.purpose, i.survey
FROM outbox t
JOIN invitation i ON i.invitation_id = t.invitation_id
JOIN visit v ON v.visit_key = i.visit_key
WHERE t.sent_at = :moment AND t.delivery = 'delivered'
ORDER BY v.visit_id, t.purpose;
