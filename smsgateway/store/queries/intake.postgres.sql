-- name: contacts_of(lookups)
-- `lookups` is a JSON list. Shared locks: nobody is erased between this and the visit that is added.
SELECT c.lookup, c.contact_id, CASE WHEN c.sealed = '' THEN 1 ELSE 0 END AS cut
FROM json_array_elements_text(CAST(:lookups AS json)) AS given (value) CROSS JOIN contact c
WHERE c.lookup = given.value
FOR SHARE OF c;

-- name: how_many_visits_are_here(visits)$
-- As `visits_already_here`, counted: the usual answer is none, and costs a tenth.
SELECT COUNT(*) AS n
FROM json_array_elements(CAST(:visits AS json)) AS given (value) CROSS JOIN visit v
WHERE v.unit_id = given.value ->> 0 AND v.visit_id = given.value ->> 1 AND v.visit_key <> given.value ->> 2;

-- name: visits_already_here(visits)
-- Of a JSON list of [unit_id, visit_id, visit_key] those that are stored under another key, as stored.
SELECT v.visit_key, v.unit_id, v.visit_id, v.contact_id, v.ended_at, v.language, v.age_band, v.gender, v.service,
       v.visit_type, v.consent, v.decision
FROM json_array_elements(CAST(:visits AS json)) AS given (value) CROSS JOIN visit v
WHERE v.unit_id = given.value ->> 0 AND v.visit_id = given.value ->> 1 AND v.visit_key <> given.value ->> 2;
