-- name: rollup_rows()$
-- How many counts are kept, days and totals.
SELECT (SELECT COUNT(*) FROM rollup) + (SELECT COUNT(*) FROM rollup_total) AS n;

-- name: rollup_differences()
-- Every count that differs from what the tables hold; day '' is the all-time total.
-- The rules are those of figures/rollups.py, said a second time on purpose.
WITH standing AS (
    SELECT
        i.unit_id, i.day, i.survey, i.disposition, t.status, t.delivery,
        CASE WHEN i.answered_at IS NULL THEN 0 ELSE 1 END AS answered,
        CASE WHEN i.answered_at IS NULL AND i.disposition IS NULL THEN 0 ELSE 1 END AS replied
    FROM invitation AS i
    LEFT JOIN outbox AS t ON t.invitation_id = i.invitation_id AND t.purpose = 'invitation'
    WHERE t.status IS NULL OR t.status <> 'cancelled'
),
cohort AS (
    SELECT
        unit_id, day, survey,
        COUNT(*) AS invited,
        COUNT(*) FILTER (WHERE status = 'sent' OR replied = 1) AS sent,
        COUNT(*) FILTER (WHERE delivery = 'delivered') AS delivered,
        COUNT(*) FILTER (
            WHERE delivery IN ('undelivered', 'failed') AND status = 'sent' AND replied = 0
        ) AS undelivered,
        COUNT(*) FILTER (WHERE status = 'failed' AND replied = 0) AS refused,
        COUNT(*) FILTER (WHERE answered = 1) AS answered,
        COUNT(*) FILTER (WHERE disposition = 'commented' AND answered = 0) AS commented,
        COUNT(*) FILTER (WHERE disposition = 'wrong_person' AND answered = 0) AS ineligible
    FROM standing
    GROUP BY unit_id, day, survey
),
recounted AS (
    SELECT unit_id, day, survey, 'invited' AS measure, 0 AS value, invited AS n FROM cohort
    UNION ALL SELECT unit_id, day, survey, 'sent', 0, sent FROM cohort
    UNION ALL SELECT unit_id, day, survey, 'delivered', 0, delivered FROM cohort
    UNION ALL SELECT unit_id, day, survey, 'undelivered', 0, undelivered FROM cohort
    UNION ALL SELECT unit_id, day, survey, 'refused', 0, refused FROM cohort
    UNION ALL SELECT unit_id, day, survey, 'answered', 0, answered FROM cohort
    UNION ALL SELECT unit_id, day, survey, 'commented', 0, commented FROM cohort
    UNION ALL SELECT unit_id, day, survey, 'ineligible', 0, ineligible FROM cohort
    UNION ALL
    SELECT unit_id, day, survey, 'answer:' || question, value, COUNT(*)
    FROM answer WHERE kind = 'rating' AND value IS NOT NULL
    GROUP BY unit_id, day, survey, question, value
    UNION ALL
    SELECT unit_id, day, survey, 'none:' || question, 0, COUNT(*)
    FROM answer WHERE kind IN ('dont_know', 'not_concerned')
    GROUP BY unit_id, day, survey, question
),
compared AS (
    SELECT unit_id, day, survey, measure, value, n AS expected, 0 AS found FROM recounted
    UNION ALL SELECT unit_id, '', survey, measure, value, n, 0 FROM recounted
    UNION ALL SELECT unit_id, day, survey, measure, value, 0, n FROM rollup
    UNION ALL SELECT unit_id, '', survey, measure, value, 0, n FROM rollup_total
)
SELECT
    unit_id, day, survey, measure, value,
    CAST(SUM(expected) AS BIGINT) AS expected, CAST(SUM(found) AS BIGINT) AS found
FROM compared
GROUP BY unit_id, day, survey, measure, value
HAVING SUM(expected) <> SUM(found)
ORDER BY unit_id, day, survey, measure, value;

-- name: invited_visits_without_invitation()
SELECT v.visit_key, v.unit_id FROM visit AS v
WHERE v.decision = 'invited'
AND NOT EXISTS (SELECT 1 FROM invitation AS i WHERE i.visit_key = v.visit_key)
ORDER BY v.visit_key;

-- name: invitations_of_other_visits()
SELECT i.invitation_id, i.unit_id, COALESCE(v.decision, 'not planned') AS decision
FROM invitation AS i
JOIN visit AS v ON v.visit_key = i.visit_key
WHERE v.decision IS NULL OR v.decision <> 'invited'
ORDER BY i.invitation_id;

-- name: invitations_beside_their_visit()
SELECT i.invitation_id, i.unit_id, i.day, v.unit_id AS visit_unit, v.day AS visit_day
FROM invitation AS i
JOIN visit AS v ON v.visit_key = i.visit_key
WHERE i.unit_id <> v.unit_id OR i.day <> v.day
ORDER BY i.invitation_id;

-- name: invitations_without_text()
SELECT i.invitation_id, i.unit_id FROM invitation AS i
WHERE NOT EXISTS (
    SELECT 1 FROM outbox AS t WHERE t.invitation_id = i.invitation_id AND t.purpose = 'invitation'
)
ORDER BY i.invitation_id;

-- name: ratings_of_the_unanswered()
SELECT i.invitation_id, i.unit_id, COUNT(*) AS ratings
FROM invitation AS i
JOIN answer AS a ON a.invitation_id = i.invitation_id AND a.kind = 'rating'
WHERE i.answered_at IS NULL
GROUP BY i.invitation_id, i.unit_id
ORDER BY i.invitation_id;

-- name: answered_without_answer()
-- Any answer will do: "I cannot say" may have taken the place of the rating that came first.
SELECT i.invitation_id, i.unit_id FROM invitation AS i
WHERE i.answered_at IS NOT NULL
AND NOT EXISTS (SELECT 1 FROM answer AS a WHERE a.invitation_id = i.invitation_id)
ORDER BY i.invitation_id;

-- name: answers_without_message()
SELECT a.answer_id, a.unit_id FROM answer AS a
WHERE a.channel = 'sms' AND NOT EXISTS (SELECT 1 FROM inbound AS m WHERE m.message_sid = a.message_sid)
ORDER BY a.answer_id;

-- name: answers_beside_their_invitation()
SELECT a.answer_id, a.unit_id, a.day, a.survey, i.unit_id AS invited_unit, i.day AS invited_day,
    i.survey AS invited_survey
FROM answer AS a
JOIN invitation AS i ON i.invitation_id = a.invitation_id
WHERE a.unit_id <> i.unit_id OR a.day <> i.day OR a.survey <> i.survey
ORDER BY a.answer_id;

-- name: ratings_without_mark()
SELECT answer_id, unit_id FROM answer
WHERE kind = 'rating' AND value IS NULL
ORDER BY answer_id;

-- name: questions_with_two_marks()
SELECT invitation_id, unit_id, question, COUNT(*) AS marks FROM answer
WHERE kind IN ('rating', 'dont_know', 'not_concerned', 'late_rating')
GROUP BY invitation_id, unit_id, question
HAVING COUNT(*) > 1
ORDER BY invitation_id, question;

-- name: ledger_differences()
-- The ledger from two sides: a unit's visits, and the counted invitations with the visits that got none.
WITH side AS (
    SELECT
        v.unit_id, COUNT(*) AS visits,
        COUNT(*) FILTER (WHERE v.decision <> 'invited') AS not_invited,
        COUNT(*) FILTER (WHERE v.decision IS NULL) AS waiting,
        COUNT(*) FILTER (WHERE v.decision = 'invited' AND t.status = 'cancelled') AS cancelled
    FROM visit AS v
    LEFT JOIN invitation AS i ON i.visit_key = v.visit_key
    LEFT JOIN outbox AS t ON t.invitation_id = i.invitation_id AND t.purpose = 'invitation'
    GROUP BY v.unit_id
),
counted AS (
    SELECT unit_id, CAST(SUM(n) AS BIGINT) AS invited FROM rollup_total
    WHERE measure = 'invited'
    GROUP BY unit_id
)
SELECT s.unit_id, s.visits, s.not_invited, s.waiting, s.cancelled, COALESCE(c.invited, 0) AS invited
FROM side AS s
LEFT JOIN counted AS c ON c.unit_id = s.unit_id
WHERE s.visits <> s.not_invited + s.waiting + s.cancelled + COALESCE(c.invited, 0)
ORDER BY s.unit_id;
