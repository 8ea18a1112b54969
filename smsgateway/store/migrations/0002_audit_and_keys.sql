-- What operators and the service did to the installation: each entry's hash covers the one before it.
-- Never a phone number or a comment: a person is the first characters of the keyed hash.
CREATE TABLE audit (
    seq BIGINT PRIMARY KEY,
    at TEXT NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    detail TEXT NOT NULL,
    hash TEXT NOT NULL
);

-- The secret keys that this database needs, by their ids, and since when: a start without one of them is refused,
-- as people who opted out would not be recognised.
CREATE TABLE secret_key (
    key_id TEXT PRIMARY KEY,
    since TEXT NOT NULL
);
