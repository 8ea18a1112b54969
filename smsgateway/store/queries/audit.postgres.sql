-- name: one_auditor_at_a_time()$
-- Until the transaction ends: two writers would both follow the same entry.
SELECT 1 FROM (SELECT pg_advisory_xact_lock(1397576524)) AS locked;
