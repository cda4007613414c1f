-- Devices and their public keys. A revoked device stays, since its reports do.
CREATE TABLE devices (
    name        TEXT PRIMARY KEY NOT NULL,
    public_key  BLOB NOT NULL,          -- SubjectPublicKeyInfo, DER
    added_at    INTEGER NOT NULL,       -- all times: milliseconds since 1970 UTC
    revoked_at  INTEGER
) STRICT;

-- Challenges for active authentication: issued once, used once.
CREATE TABLE nonces (
    nonce       BLOB PRIMARY KEY NOT NULL,
    device      TEXT NOT NULL REFERENCES devices (name),
    issued_at   INTEGER NOT NULL,
    expires_at  INTEGER NOT NULL,
    used_by     BLOB                    -- identifier of the report that used it
) STRICT;
CREATE INDEX nonces_by_device ON nonces (device, expires_at);

-- Every beacon that was handed out, so that an offline challenge can be recomputed.
CREATE TABLE beacons (
    hash        BLOB PRIMARY KEY NOT NULL,
    signed      BLOB NOT NULL,
    issued_at   INTEGER NOT NULL
) STRICT;

-- Document signer certificates, each once.
CREATE TABLE signers (
    hash        BLOB PRIMARY KEY NOT NULL,  -- SHA-256 of the DER
    certificate BLOB NOT NULL,
    subject     TEXT NOT NULL,
    first_seen  INTEGER NOT NULL
) STRICT;

-- The outcome of a report. No personal data; the pseudonym is severed when its key is destroyed.
CREATE TABLE reports (
    number        INTEGER PRIMARY KEY AUTOINCREMENT,
    id            BLOB NOT NULL UNIQUE,
    digest        BLOB NOT NULL,            -- SHA-256 of the signed report
    device        TEXT NOT NULL REFERENCES devices (name),
    sequence      INTEGER NOT NULL,
    previous      BLOB,                     -- what the report says the digest of the one before it is
    made_at       INTEGER NOT NULL,
    received_at   INTEGER NOT NULL,
    verdict       TEXT NOT NULL,
    gate_verdict  TEXT NOT NULL,
    agrees        INTEGER NOT NULL,
    issuing_state TEXT,
    challenge     BLOB,
    epoch         INTEGER,
    pseudonym     BLOB,
    receipt       TEXT NOT NULL,            -- JSON: what the device was answered
    summary       TEXT NOT NULL,            -- JSON: what the page says about the evidence
    UNIQUE (device, sequence)
) STRICT;
CREATE INDEX reports_by_time ON reports (received_at);
CREATE INDEX reports_by_verdict ON reports (verdict, number);
CREATE INDEX reports_by_challenge ON reports (challenge) WHERE challenge IS NOT NULL;
CREATE INDEX reports_by_pseudonym ON reports (epoch, pseudonym) WHERE pseudonym IS NOT NULL;

-- The signed report as it came, apart from its outcome and with a retention of its own. The document
-- signer's certificate is cut out and stands in `signers`.
CREATE TABLE evidence (
    report      BLOB PRIMARY KEY NOT NULL REFERENCES reports (id),
    before      BLOB NOT NULL,
    signer      BLOB REFERENCES signers (hash),
    after       BLOB NOT NULL,
    delete_at   INTEGER NOT NULL
) STRICT;
CREATE INDEX evidence_by_deletion ON evidence (delete_at);
