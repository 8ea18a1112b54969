-- name: demo_texts_at(moment)
-- Texts that were sent at that moment and have reached their phones: what the simulated patients find on theirs.
SELECT v.visit_id, t.purpose, i.survey
FROM outbox t
JOIN invitation i ON i.invitation_id = t.invitation_id
JOIN visit v ON v.visit_key = i.visit_key
WHERE t.sent_at = :moment AND t.delivery = 'delivered'
ORDER BY v.visit_id, t.purpose;

-- name: demo_comments(least, most)
-- The newest comments of units with at least so many answers, each with the first mark of the same person.
SELECT a.comment, a.unit_id, a.language, a.answered_at, a.survey,
       (SELECT MIN(m.value) FROM answer m WHERE m.invitation_id = a.invitation_id AND m.kind = 'rating') AS mark
FROM answer a
WHERE a.kind = 'comment'
  AND (SELECT SUM(t.n) FROM rollup_total t WHERE t.unit_id = a.unit_id AND t.measure = 'answered') >= :least
ORDER BY a.answered_at DESC, a.answer_id DESC
LIMIT :most;

-- name: demo_visit(visit_id)^
-- The visit of somebody at the phone page, and how far it has come.
SELECT v.unit_id, v.language, v.decision, c.sealed, i.invitation_id, i.survey, i.conversation, t.status, t.delivery
FROM visit v
JOIN contact c ON c.contact_id = v.contact_id
LEFT JOIN invitation i ON i.visit_key = v.visit_key
LEFT JOIN outbox t ON t.invitation_id = i.invitation_id AND t.purpose = 'invitation'
WHERE v.visit_id = :visit_id;

-- name: demo_readings(invitation_id)
-- How the replies to an invitation were read, in the order they came.
SELECT kind, rating, why FROM inbound WHERE invitation_id = :invitation_id ORDER BY received_at, message_sid;

-- name: demo_marks(invitation_id)
SELECT value FROM answer WHERE invitation_id = :invitation_id AND kind = 'rating' ORDER BY answer_id;
