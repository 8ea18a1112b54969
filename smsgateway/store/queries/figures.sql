-- name: rollup_add(unit_id, day, survey, measure, value, change)*!
INSERT INTO rollup (unit_id, day, survey, measure, value, n)
VALUES (:unit_id, :day, :survey, :measure, :value, :change)
ON CONFLICT (unit_id, day, survey, measure, value) DO UPDATE SET n = rollup.n + excluded.n;

-- name: rollup_total_add(unit_id, survey, measure, value, change)*!
INSERT INTO rollup_total (unit_id, survey, measure, value, n)
VALUES (:unit_id, :survey, :measure, :value, :change)
ON CONFLICT (unit_id, survey, measure, value) DO UPDATE SET n = rollup_total.n + excluded.n;

-- name: units_selected(unit)
-- A unit and all units beneath it, or every unit, in the organisation's order.
WITH RECURSIVE beneath (unit_id) AS (
    SELECT unit_id FROM unit WHERE unit_id = :unit OR CAST(:unit AS TEXT) IS NULL
    UNION
    SELECT u.unit_id FROM unit AS u JOIN beneath AS b ON u.parent = b.unit_id
)
SELECT u.unit_id FROM unit AS u JOIN beneath AS b ON b.unit_id = u.unit_id
ORDER BY u.position, u.unit_id;

-- name: counts_of_all_time(unit)
WITH RECURSIVE beneath (unit_id) AS (
    SELECT unit_id FROM unit WHERE unit_id = :unit OR CAST(:unit AS TEXT) IS NULL
    UNION
    SELECT u.unit_id FROM unit AS u JOIN beneath AS b ON u.parent = b.unit_id
)
SELECT t.unit_id, '' AS period, t.survey, t.measure, t.value, t.n
FROM beneath AS b
JOIN rollup_total AS t ON t.unit_id = b.unit_id;

-- name: counts_of_days(unit, from_day, to_day, letters)
-- `letters` of the day make the period: 10 a day, 7 a month, 0 all days together.
WITH RECURSIVE beneath (unit_id) AS (
    SELECT unit_id FROM unit WHERE unit_id = :unit OR CAST(:unit AS TEXT) IS NULL
    UNION
    SELECT u.unit_id FROM unit AS u JOIN beneath AS b ON u.parent = b.unit_id
)
SELECT r.unit_id, substr(r.day, 1, :letters) AS period, r.survey, r.measure, r.value, CAST(SUM(r.n) AS BIGINT) AS n
FROM beneath AS b
JOIN rollup AS r ON r.unit_id = b.unit_id
WHERE r.day BETWEEN :from_day AND :to_day
GROUP BY r.unit_id, 2, r.survey, r.measure, r.value;
