-- name: known_under(lookups)
-- Of a JSON list of keyed hashes those under which a contact or an opt-out stands.
SELECT given.value AS lookup FROM json_array_elements_text(CAST(:lookups AS json)) AS given (value)
WHERE EXISTS (SELECT 1 FROM contact c WHERE c.lookup = given.value)
   OR EXISTS (SELECT 1 FROM opt_out o WHERE o.lookup = given.value);
