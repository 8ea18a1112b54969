-- name: contact_held(lookup)^
-- The contact of a number. The update that changes nothing locks the row: no visit and no reply reaches it meanwhile.
UPDATE contact SET lookup = lookup WHERE lookup = :lookup
RETURNING contact_id, created_at, number_state, sealed;

-- name: opt_out_of(lookup)^
SELECT since, source, reason FROM opt_out WHERE lookup = :lookup;

-- name: visits_held(contact_id)
SELECT visit_key, unit_id, visit_id, ended_at, day, language, age_band, gender, service, visit_type, consent,
       received_at, decision
FROM visit WHERE contact_id = :contact_id ORDER BY ended_at, visit_key;

-- name: invitations_held(contact_id)
SELECT invitation_id, unit_id, day, visit_ended_at, survey, survey_version, language, send_at, asked_at, closes_at,
       conversation, closed, answered_at, disposition
FROM invitation WHERE contact_id = :contact_id ORDER BY send_at, invitation_id;

-- name: texts_held(contact_id)
SELECT t.text_id, t.invitation_id, t.purpose, t.status, t.reason, t.due_at, t.sent_at, t.sender, t.body,
       t.carrier_sid, t.delivery, t.error_code
FROM outbox AS t JOIN invitation AS i ON i.invitation_id = t.invitation_id
WHERE i.contact_id = :contact_id ORDER BY t.due_at, t.text_id;

-- name: delivery_reports_held(contact_id)
SELECT s.carrier_sid, s.status, s.error_code, s.received_at
FROM status_callback AS s
JOIN outbox AS t ON t.text_id = s.text_id
JOIN invitation AS i ON i.invitation_id = t.invitation_id
WHERE i.contact_id = :contact_id ORDER BY s.received_at, s.status;

-- name: replies_held(contact_id)
SELECT message_sid, invitation_id, sealed_body, received_at, kind, rating, language, why, flags, late, media, texts_back
FROM inbound WHERE contact_id = :contact_id ORDER BY received_at, message_sid;

-- name: answers_held(contact_id)
SELECT a.answer_id, a.invitation_id, a.unit_id, a.day, a.survey, a.survey_version, a.question, a.kind, a.value,
       a.comment, a.language, a.channel, a.visit_ended_at, a.answered_at, a.late, a.flags
FROM answer AS a JOIN invitation AS i ON i.invitation_id = a.invitation_id
WHERE i.contact_id = :contact_id ORDER BY a.answered_at, a.answer_id;

-- name: open_texts_of(contact_id)
SELECT t.text_id FROM outbox AS t JOIN invitation AS i ON i.invitation_id = t.invitation_id
WHERE i.contact_id = :contact_id AND t.status IN ('planned', 'sending', 'uncertain') ORDER BY t.text_id;

-- name: has_replied(invitation_id)$
SELECT COUNT(*) AS n FROM invitation
WHERE invitation_id = :invitation_id AND (answered_at IS NOT NULL OR disposition IS NOT NULL);

-- name: erase_visit(visit_key, mark)*!
-- The moment becomes the noon of its day: to the second it could be found again in the unit's own register.
UPDATE visit
SET visit_id = :mark, ended_at = day || 'T12:00:00.000000Z', language = NULL, age_band = NULL, gender = NULL,
    service = NULL, visit_type = NULL, decision = COALESCE(decision, 'erased')
WHERE visit_key = :visit_key;

-- name: erase_invitations(contact_id)!
UPDATE invitation
SET conversation = NULL, visit_ended_at = day || 'T12:00:00.000000Z', closed = COALESCE(closed, 'erased')
WHERE contact_id = :contact_id;

-- name: erase_answers(contact_id)!
-- The marks stay: they are in the figures.
UPDATE answer SET comment = NULL, flags = '', visit_ended_at = day || 'T12:00:00.000000Z'
WHERE invitation_id IN (SELECT invitation_id FROM invitation WHERE contact_id = :contact_id);

-- name: erase_texts(contact_id)!
UPDATE outbox SET body = NULL
WHERE invitation_id IN (SELECT invitation_id FROM invitation WHERE contact_id = :contact_id);

-- name: erase_replies(contact_id)!
-- The row stays, so that the same message is not heard anew when the carrier repeats it.
UPDATE inbound SET sealed_body = '', why = '', flags = '', texts_back = '[]' WHERE contact_id = :contact_id;

-- name: erase_contact(contact_id, tombstone)!
UPDATE contact
SET lookup = :tombstone, sealed = '', number_state = 'erased', answered_day = '', answered_texts = 0
WHERE contact_id = :contact_id;

-- name: add_erasure(receipt_id, now, counts)!
INSERT INTO erasure (receipt_id, erased_at, counts) VALUES (:receipt_id, :now, :counts);

-- name: numbers_to_cut(before, after, batch)
-- Contacts whose number was last of use before that moment.
SELECT contact_id FROM contact_use
WHERE sealed <> '' AND created_at < :before AND last_visit < :before AND last_close < :before AND last_reply < :before
  AND waiting = 0 AND contact_id > :after
ORDER BY contact_id
LIMIT :batch;

-- name: hold_contact(contact_id)!
UPDATE contact SET lookup = lookup WHERE contact_id = :contact_id;

-- name: cut_number(contact_id, before)!
-- By the same rule, asked again while the contact is held.
UPDATE contact SET sealed = ''
WHERE contact_id = :contact_id AND EXISTS (
    SELECT 1 FROM contact_use AS u
    WHERE u.contact_id = :contact_id AND u.sealed <> '' AND u.created_at < :before AND u.last_visit < :before
      AND u.last_close < :before AND u.last_reply < :before AND u.waiting = 0
);

-- name: seal_again(contact_id, sealed)*!
UPDATE contact SET sealed = :sealed WHERE contact_id = :contact_id AND sealed = '';

-- name: mask_visit(visit_key, mark)*!
UPDATE visit SET visit_id = :mark WHERE visit_key = :visit_key;

-- name: hashes_to_cut(cooled, after, batch)
-- Contacts without a number whose keyed hash no cool-down needs any more.
SELECT contact_id FROM contact_use
WHERE sealed = '' AND substr(lookup, 1, 7) <> 'erased:' AND last_send < :cooled AND waiting = 0 AND contact_id > :after
ORDER BY contact_id
LIMIT :batch;

-- name: cut_hash(contact_id, tombstone, cooled)!
UPDATE contact SET lookup = :tombstone
WHERE contact_id = :contact_id AND EXISTS (
    SELECT 1 FROM contact_use AS u
    WHERE u.contact_id = :contact_id AND u.sealed = '' AND substr(u.lookup, 1, 7) <> 'erased:'
      AND u.last_send < :cooled AND u.waiting = 0
);

-- name: raw_texts_to_cut(before, after, batch)
SELECT message_sid AS id FROM inbound
WHERE sealed_body <> '' AND received_at < :before AND message_sid > :after ORDER BY message_sid LIMIT :batch;

-- name: cut_raw_text(id)*!
-- `why` may quote its words.
UPDATE inbound SET sealed_body = '', why = '', texts_back = '[]' WHERE message_sid = :id;

-- name: comments_to_cut(before, after, batch)
SELECT answer_id AS id FROM answer
WHERE comment IS NOT NULL AND answered_at < :before AND answer_id > :after ORDER BY answer_id LIMIT :batch;

-- name: cut_comment(id)*!
UPDATE answer SET comment = NULL WHERE answer_id = :id;

-- name: delivery_reports_to_cut(before, after, batch)
SELECT DISTINCT carrier_sid AS id FROM status_callback
WHERE received_at < :before AND carrier_sid > :after ORDER BY carrier_sid LIMIT :batch;

-- name: cut_delivery_reports(id)*!
DELETE FROM status_callback WHERE carrier_sid = :id;

-- name: sent_texts_to_cut(before, after, batch)
SELECT text_id AS id FROM outbox
WHERE body IS NOT NULL AND sending_at < :before AND status IN ('sent', 'cancelled', 'failed') AND text_id > :after
ORDER BY text_id LIMIT :batch;

-- name: cut_sent_text(id)*!
UPDATE outbox SET body = NULL WHERE text_id = :id AND status IN ('sent', 'cancelled', 'failed');

-- name: carrier_copies_to_cut(before, after, batch)
-- Messages of which the carrier still keeps the words: old ones, and those whose words are gone here.
SELECT id FROM (
    SELECT carrier_sid AS id FROM outbox
    WHERE carrier_sid IS NOT NULL AND redacted = 0 AND (sent_at < :before OR body IS NULL)
    UNION ALL
    SELECT message_sid FROM inbound WHERE redacted = 0 AND (received_at < :before OR sealed_body = '')
) AS copies
WHERE id > :after ORDER BY id LIMIT :batch;

-- name: text_is_redacted(id)*!
UPDATE outbox SET redacted = 1 WHERE carrier_sid = :id;

-- name: reply_is_redacted(id)*!
UPDATE inbound SET redacted = 1 WHERE message_sid = :id;
