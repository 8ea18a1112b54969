-- name: export_answers(unit, from_day, to_day)
-- In the order of an index, so that the first row comes at once and no row waits in memory.
WITH RECURSIVE beneath (unit_id) AS (
    SELECT unit_id FROM unit WHERE unit_id = :unit OR CAST(:unit AS TEXT) IS NULL
    UNION
    SELECT u.unit_id FROM unit AS u JOIN beneath AS b ON u.parent = b.unit_id
)
SELECT
    a.answer_id, a.invitation_id, a.unit_id AS unit, a.survey, a.survey_version, a.question, a.kind, a.value,
    a.comment, a.language, a.channel, a.visit_ended_at, a.answered_at, v.age_band, v.gender, v.service, v.visit_type
FROM answer AS a
JOIN invitation AS i ON i.invitation_id = a.invitation_id
JOIN visit AS v ON v.visit_key = i.visit_key
WHERE a.unit_id IN (SELECT unit_id FROM beneath) AND a.day BETWEEN :from_day AND :to_day
ORDER BY a.unit_id, a.day, a.answer_id;

-- name: export_invitations(unit, from_day, to_day)
-- One row per visit, invited or not.
WITH RECURSIVE beneath (unit_id) AS (
    SELECT unit_id FROM unit WHERE unit_id = :unit OR CAST(:unit AS TEXT) IS NULL
    UNION
    SELECT u.unit_id FROM unit AS u JOIN beneath AS b ON u.parent = b.unit_id
)
SELECT
    i.invitation_id, v.unit_id AS unit, i.survey, i.survey_version, COALESCE(i.language, v.language) AS language,
    v.ended_at AS visit_ended_at, v.decision, t.status, t.reason, i.send_at, t.sent_at, t.delivery, t.error_code,
    i.answered_at, i.closed, v.age_band, v.gender, v.service, v.visit_type
FROM visit AS v
LEFT JOIN invitation AS i ON i.visit_key = v.visit_key
LEFT JOIN outbox AS t ON t.invitation_id = i.invitation_id AND t.purpose = 'invitation'
WHERE v.unit_id IN (SELECT unit_id FROM beneath) AND v.day BETWEEN :from_day AND :to_day
ORDER BY v.unit_id, v.day, v.visit_key;
