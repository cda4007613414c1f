-- What was refused, and so is no report: how often, from which device, as it calls itself.
CREATE TABLE refusals (
    code        TEXT NOT NULL,              -- docs/verifier.md
    device      TEXT NOT NULL,              -- unproven; '' if none was named, or if there are too many
    times       INTEGER NOT NULL,
    first_at    INTEGER NOT NULL,
    last_at     INTEGER NOT NULL,
    PRIMARY KEY (code, device)
) STRICT;

-- Why gate and verifier do not agree; NULL where they do, and for reports from before this column.
ALTER TABLE reports ADD COLUMN disagreement TEXT;
