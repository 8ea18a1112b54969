-- name: inbound_by_sid(message_sid)^
SELECT texts_back FROM inbound WHERE message_sid = :message_sid;

-- name: newest_asked(contact_id, before)^
-- A person with two open invitations answers the one that reached them last; one whose text the carrier refused, or
-- has not got yet, only where there is no other.
SELECT i.invitation_id, i.unit_id, i.day, i.visit_ended_at, i.survey, i.survey_version, i.conversation, i.closes_at
FROM invitation i
WHERE i.contact_id = :contact_id AND i.asked_at <= :before
ORDER BY
    CASE WHEN EXISTS (
        SELECT 1 FROM outbox t
        WHERE t.invitation_id = i.invitation_id AND t.status IN ('sending', 'uncertain', 'sent')
    ) THEN 0 ELSE 1 END,
    i.asked_at DESC, i.invitation_id DESC
LIMIT 1;

-- name: add_inbound(message_sid, contact_id, invitation_id, sealed_body, received_at, kind, rating, language, why, flags, late, media, texts_back)!
INSERT INTO inbound (message_sid, contact_id, invitation_id, sealed_body, received_at, kind, rating, language, why,
                     flags, late, media, texts_back)
VALUES (:message_sid, :contact_id, :invitation_id, :sealed_body, :received_at, :kind, :rating, :language, :why,
        :flags, :late, :media, :texts_back);

-- name: take_back_mark(invitation_id, question)^
DELETE FROM answer
WHERE invitation_id = :invitation_id AND question = :question
  AND kind IN ('rating', 'dont_know', 'not_concerned', 'late_rating')
RETURNING kind, value;

-- name: add_answer(answer_id, invitation_id, message_sid, unit_id, day, survey, survey_version, question, kind, value, comment, language, channel, visit_ended_at, answered_at, late, flags)!
INSERT INTO answer (answer_id, invitation_id, message_sid, unit_id, day, survey, survey_version, question, kind,
                    value, comment, language, channel, visit_ended_at, answered_at, late, flags)
VALUES (:answer_id, :invitation_id, :message_sid, :unit_id, :day, :survey, :survey_version, :question, :kind,
        :value, :comment, :language, :channel, :visit_ended_at, :answered_at, :late, :flags);

-- name: conversation_moves_on(invitation_id, conversation, closed, answered_at, disposition)!
-- The first mark sets the moment; a wrong person stays one; words alone are noted until a mark comes.
UPDATE invitation
SET conversation = :conversation,
    closed = :closed,
    answered_at = COALESCE(answered_at, :answered_at),
    disposition = CASE
        WHEN :disposition = 'wrong_person' THEN 'wrong_person'
        ELSE COALESCE(disposition, :disposition)
    END
WHERE invitation_id = :invitation_id;

-- name: replies_by_kind()
SELECT kind, COUNT(*) AS n FROM inbound GROUP BY kind ORDER BY kind;
