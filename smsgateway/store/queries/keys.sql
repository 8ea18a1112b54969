-- name: secret_keys()
SELECT key_id, since FROM secret_key ORDER BY since, key_id;

-- name: add_secret_key(key_id, now)*!
INSERT INTO secret_key (key_id, since) VALUES (:key_id, :now) ON CONFLICT (key_id) DO NOTHING;

-- name: forget_other_secret_keys(key_id)!
DELETE FROM secret_key WHERE key_id <> :key_id;

-- name: any_sealed_number()$
SELECT sealed FROM contact WHERE sealed <> '' LIMIT 1;

-- name: rekey_contact(former, was, lookup, sealed)!
-- Only as it was read: a number that was erased meanwhile stays erased.
UPDATE contact SET lookup = :lookup, sealed = :sealed WHERE lookup = :former AND sealed = :was;

-- name: rekey_opt_out(former, lookup)!
INSERT INTO opt_out (lookup, since, source, reason)
SELECT :lookup, since, source, reason FROM opt_out WHERE lookup = :former
ON CONFLICT (lookup) DO NOTHING;

-- name: move_visits(former, contact_id)!
UPDATE visit SET contact_id = :contact_id WHERE contact_id = :former;

-- name: move_invitations(former, contact_id)!
UPDATE invitation SET contact_id = :contact_id WHERE contact_id = :former;

-- name: move_inbound(former, contact_id)!
UPDATE inbound SET contact_id = :contact_id WHERE contact_id = :former;

-- name: remove_contact(contact_id)!
DELETE FROM contact WHERE contact_id = :contact_id;

-- name: contacts_under_other_keys(after, beginning, length, batch)
-- Numbers whose seal does not begin with the current key's; an erased one has none.
SELECT contact_id, lookup, sealed FROM contact
WHERE contact_id > :after AND sealed <> '' AND substr(sealed, 1, :length) <> :beginning
ORDER BY contact_id
LIMIT :batch;

-- name: bodies_under_other_keys(after, beginning, length, batch)
SELECT message_sid, sealed_body FROM inbound
WHERE message_sid > :after AND sealed_body <> '' AND substr(sealed_body, 1, :length) <> :beginning
ORDER BY message_sid
LIMIT :batch;

-- name: reseal_body(message_sid, was, sealed_body)!
-- Only what is still as it was read: a text that was erased meanwhile stays erased.
UPDATE inbound SET sealed_body = :sealed_body WHERE message_sid = :message_sid AND sealed_body = :was;

-- name: opt_outs_without_number(before)$
-- Entered before that moment, and without a contact whose number could be hashed anew.
SELECT COUNT(*) AS n FROM opt_out o
WHERE o.since < :before AND NOT EXISTS (SELECT 1 FROM contact c WHERE c.lookup = o.lookup AND c.sealed <> '');

-- name: marks_of_erased_visits(before)$
-- Keyed hashes in the place of visits' ids (people/marks.py), of visits taken in before that moment.
SELECT COUNT(*) AS n FROM visit WHERE substr(visit_id, 1, 7) = 'erased:' AND received_at < :before;
