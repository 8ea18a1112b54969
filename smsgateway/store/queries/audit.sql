-- name: last_audit_entry()^
SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1;

-- name: add_audit_entry(seq, at, actor, action, subject, detail, hash)!
INSERT INTO audit (seq, at, actor, action, subject, detail, hash)
VALUES (:seq, :at, :actor, :action, :subject, :detail, :hash);

-- name: audit_entries()
SELECT seq, at, actor, action, subject, detail, hash FROM audit ORDER BY seq;
