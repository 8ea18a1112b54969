-- name: contact_heard(contact_id, lookup, sealed, now)^
-- The contact of a number, made when it is new, sealed again when it was cut. The update locks the row: two replies
-- of one person wait for each other.
INSERT INTO contact (contact_id, lookup, sealed, created_at)
VALUES (:contact_id, :lookup, :sealed, :now)
ON CONFLICT (lookup) DO UPDATE
SET sealed = CASE WHEN contact.sealed = '' THEN excluded.sealed ELSE contact.sealed END
RETURNING contact_id, lookup, number_state, answered_day, answered_texts;

-- name: contact_by_lookup(lookup)^
SELECT contact_id, sealed, number_state, created_at FROM contact WHERE lookup = :lookup;

-- name: count_texts_back(contact_id, day, texts)!
UPDATE contact SET answered_day = :day, answered_texts = :texts WHERE contact_id = :contact_id;

-- name: mark_number(contact_id, state)!
UPDATE contact SET number_state = :state WHERE contact_id = :contact_id;

-- name: add_opt_out(lookup, since, source, reason)!
INSERT INTO opt_out (lookup, since, source, reason) VALUES (:lookup, :since, :source, :reason)
ON CONFLICT (lookup) DO NOTHING;

-- name: remove_opt_out(lookup)!
DELETE FROM opt_out WHERE lookup = :lookup;

-- name: opt_outs()
SELECT o.since, o.source, o.reason, c.sealed
FROM opt_out o LEFT JOIN contact c ON c.lookup = o.lookup
ORDER BY o.since, o.lookup;
