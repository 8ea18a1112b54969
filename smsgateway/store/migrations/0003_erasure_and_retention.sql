-- What is left of a person who was erased: that it was done, when, and how much it was.
CREATE TABLE erasure (
    receipt_id TEXT PRIMARY KEY,
    erased_at TEXT NOT NULL,
    counts TEXT NOT NULL
);

-- Whether the carrier has emptied its own copy of the text.
ALTER TABLE outbox ADD COLUMN redacted INTEGER NOT NULL DEFAULT 0;
ALTER TABLE inbound ADD COLUMN redacted INTEGER NOT NULL DEFAULT 0;

-- Until when a contact's number was of use: its newest visit, open window, send and reply, and whether anything waits.
CREATE VIEW contact_use AS
SELECT
    c.contact_id, c.lookup, c.sealed, c.created_at,
    COALESCE((SELECT MAX(v.received_at) FROM visit AS v WHERE v.contact_id = c.contact_id), '') AS last_visit,
    COALESCE((SELECT MAX(i.closes_at) FROM invitation AS i WHERE i.contact_id = c.contact_id), '') AS last_close,
    COALESCE((SELECT MAX(i.send_at) FROM invitation AS i WHERE i.contact_id = c.contact_id), '') AS last_send,
    COALESCE((SELECT MAX(n.received_at) FROM inbound AS n WHERE n.contact_id = c.contact_id), '') AS last_reply,
    CASE
        WHEN EXISTS (SELECT 1 FROM visit AS v WHERE v.contact_id = c.contact_id AND v.decision IS NULL) THEN 1
        WHEN EXISTS (
            SELECT 1 FROM invitation AS i
            JOIN outbox AS t ON t.invitation_id = i.invitation_id
            WHERE i.contact_id = c.contact_id AND t.status IN ('planned', 'sending', 'uncertain')
        ) THEN 1
        ELSE 0
    END AS waiting
FROM contact AS c;
