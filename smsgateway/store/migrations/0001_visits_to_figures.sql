-- The way of a visit: organisation and units, people, visits, invitations, texts out, texts in, answers, counts.
-- One text for both engines. Moments are UTC text of fixed width ("2026-11-23T10:00:00.000000Z"), days are
-- "2026-11-23" in the unit's own time zone, documents are JSON text.

CREATE TABLE organisation (
    only_one INTEGER PRIMARY KEY CHECK (only_one = 1),
    document TEXT NOT NULL,
    changed_at TEXT NOT NULL
);

CREATE TABLE unit (
    unit_id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    parent TEXT REFERENCES unit (unit_id),
    position INTEGER NOT NULL,
    paused INTEGER NOT NULL DEFAULT 0,
    schedules TEXT NOT NULL
);

-- The one table that holds phone numbers, sealed; `lookup` is a keyed hash of the number.
CREATE TABLE contact (
    contact_id TEXT PRIMARY KEY,
    lookup TEXT NOT NULL UNIQUE,
    sealed TEXT NOT NULL,
    created_at TEXT NOT NULL,
    number_state TEXT NOT NULL DEFAULT 'usable',
    answered_day TEXT NOT NULL DEFAULT '',
    answered_texts INTEGER NOT NULL DEFAULT 0
);

-- Refers to the keyed hash and not to the contact, so that it outlives an erasure.
CREATE TABLE opt_out (
    lookup TEXT PRIMARY KEY,
    since TEXT NOT NULL,
    source TEXT NOT NULL,
    reason TEXT NOT NULL
);

CREATE TABLE visit (
    visit_key TEXT PRIMARY KEY,
    unit_id TEXT NOT NULL REFERENCES unit (unit_id),
    visit_id TEXT NOT NULL,
    contact_id TEXT NOT NULL REFERENCES contact (contact_id),
    ended_at TEXT NOT NULL,
    day TEXT NOT NULL,
    language TEXT,
    age_band TEXT,
    gender TEXT,
    service TEXT,
    visit_type TEXT,
    consent INTEGER NOT NULL,
    received_at TEXT NOT NULL,
    -- NULL: not planned yet; 'invited', or the coded reason why this visit gets no text.
    decision TEXT,
    UNIQUE (unit_id, visit_id)
);
CREATE INDEX visit_to_plan ON visit (ended_at, visit_key) WHERE decision IS NULL;
CREATE INDEX visit_of_contact ON visit (contact_id);
CREATE INDEX visit_ledger ON visit (unit_id, day);

CREATE TABLE invitation (
    invitation_id TEXT PRIMARY KEY,
    visit_key TEXT NOT NULL UNIQUE REFERENCES visit (visit_key),
    unit_id TEXT NOT NULL REFERENCES unit (unit_id),
    contact_id TEXT NOT NULL REFERENCES contact (contact_id),
    day TEXT NOT NULL,
    visit_ended_at TEXT NOT NULL,
    survey TEXT NOT NULL,
    survey_version INTEGER NOT NULL,
    language TEXT NOT NULL,
    schedule TEXT NOT NULL,
    send_at TEXT NOT NULL,
    -- The moment the first text was handed to the carrier; NULL before that.
    asked_at TEXT,
    closes_at TEXT NOT NULL,
    conversation TEXT,
    closed TEXT,
    answered_at TEXT,
    -- What a reply made of it beyond an answer: 'wrong_person' is out of the response rate.
    disposition TEXT
);
CREATE INDEX invitation_of_contact ON invitation (contact_id, send_at);
CREATE INDEX invitation_of_unit ON invitation (unit_id, day);

CREATE TABLE outbox (
    text_id TEXT PRIMARY KEY,
    invitation_id TEXT NOT NULL REFERENCES invitation (invitation_id),
    purpose TEXT NOT NULL,
    status TEXT NOT NULL,
    reason TEXT,
    due_at TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    lease_until TEXT,
    sender TEXT,
    body TEXT,
    segments INTEGER,
    sending_at TEXT,
    sent_at TEXT,
    carrier_sid TEXT UNIQUE,
    delivery TEXT,
    error_code INTEGER,
    UNIQUE (invitation_id, purpose)
);
CREATE INDEX outbox_due ON outbox (due_at, text_id) WHERE status = 'planned';
CREATE INDEX outbox_in_flight ON outbox (lease_until) WHERE status IN ('sending', 'uncertain');

CREATE TABLE status_callback (
    carrier_sid TEXT NOT NULL,
    status TEXT NOT NULL,
    text_id TEXT,
    error_code INTEGER,
    received_at TEXT NOT NULL,
    PRIMARY KEY (carrier_sid, status)
);

CREATE TABLE inbound (
    message_sid TEXT PRIMARY KEY,
    contact_id TEXT NOT NULL REFERENCES contact (contact_id),
    invitation_id TEXT REFERENCES invitation (invitation_id),
    sealed_body TEXT NOT NULL,
    received_at TEXT NOT NULL,
    kind TEXT NOT NULL,
    rating INTEGER,
    language TEXT NOT NULL,
    why TEXT NOT NULL,
    flags TEXT NOT NULL,
    late INTEGER NOT NULL,
    media INTEGER NOT NULL,
    texts_back TEXT NOT NULL
);
CREATE INDEX inbound_of_contact ON inbound (contact_id, received_at);
CREATE INDEX inbound_of_invitation ON inbound (invitation_id);

CREATE TABLE answer (
    answer_id TEXT PRIMARY KEY,
    invitation_id TEXT NOT NULL REFERENCES invitation (invitation_id),
    message_sid TEXT NOT NULL,
    unit_id TEXT NOT NULL REFERENCES unit (unit_id),
    day TEXT NOT NULL,
    survey TEXT NOT NULL,
    survey_version INTEGER NOT NULL,
    question TEXT NOT NULL,
    kind TEXT NOT NULL,
    value INTEGER,
    comment TEXT,
    language TEXT NOT NULL,
    channel TEXT NOT NULL,
    visit_ended_at TEXT NOT NULL,
    answered_at TEXT NOT NULL,
    late INTEGER NOT NULL,
    flags TEXT NOT NULL
);
-- One mark per question, or one "none"; comments may follow each other. What came after the window closed is 'late_…'.
CREATE UNIQUE INDEX answer_mark ON answer (invitation_id, question)
WHERE kind IN ('rating', 'dont_know', 'not_concerned', 'late_rating');
CREATE INDEX answer_of_unit ON answer (unit_id, day, answer_id);
CREATE INDEX answer_of_invitation ON answer (invitation_id);

-- Counts kept in the transaction that changes what they count; `verify` recounts them.
-- `measure` is a step of the way ('invited', 'sent', 'delivered' ..., value 0) or 'answer:QUESTION' with the mark as value.
CREATE TABLE rollup (
    unit_id TEXT NOT NULL,
    day TEXT NOT NULL,
    survey TEXT NOT NULL,
    measure TEXT NOT NULL,
    value INTEGER NOT NULL,
    n BIGINT NOT NULL,
    PRIMARY KEY (unit_id, day, survey, measure, value)
);
CREATE TABLE rollup_total (
    unit_id TEXT NOT NULL,
    survey TEXT NOT NULL,
    measure TEXT NOT NULL,
    value INTEGER NOT NULL,
    n BIGINT NOT NULL,
    PRIMARY KEY (unit_id, survey, measure, value)
);

-- Why sending stands still ('sending': account problem, a pause for everything), if it does.
CREATE TABLE halt (
    what TEXT PRIMARY KEY,
    reason TEXT NOT NULL,
    since TEXT NOT NULL
);
