-- name: planned_before(now)
SELECT text_id, invitation_id FROM outbox WHERE status = 'planned' AND due_at <= :now ORDER BY due_at, text_id;

-- name: newest_moment()$
-- The last thing that is known to have happened: as of when a restored database is.
SELECT MAX(moment) FROM (
    SELECT MAX(received_at) AS moment FROM inbound
    UNION ALL SELECT MAX(received_at) FROM status_callback
    UNION ALL SELECT MAX(received_at) FROM visit
    UNION ALL SELECT MAX(sent_at) FROM outbox
) AS moments;
