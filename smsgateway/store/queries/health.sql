-- name: due_now(now)^
-- Texts whose time has come and that nothing of ours holds back, and since when the oldest waits.
SELECT COUNT(*) AS n, MIN(t.due_at) AS oldest
FROM outbox t
JOIN invitation i ON i.invitation_id = t.invitation_id
JOIN unit u ON u.unit_id = i.unit_id
WHERE t.status = 'planned' AND t.due_at <= :now AND u.paused = 0;

-- name: errors_by_code()
SELECT error_code, COUNT(*) AS n FROM outbox WHERE error_code IS NOT NULL GROUP BY error_code ORDER BY error_code;
