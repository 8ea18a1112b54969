-- name: one_auditor_at_a_time()$
-- Nothing to do: a write transaction on SQLite is alone.
SELECT 1;
