-- Evidence: captured once, never changed. `body` is canonical JSON (RFC 8785) and all that counts; `hash` is
-- its SHA-256; the columns before it are an index over it.
CREATE TABLE evidence (
    number      INTEGER PRIMARY KEY NOT NULL, -- from 0 without gaps
    id          TEXT NOT NULL UNIQUE,
    stage       TEXT NOT NULL,
    endpoint    TEXT NOT NULL, -- in small letters, as the deployment: Azure does not tell names apart by case
    deployment  TEXT NOT NULL,
    kind        TEXT NOT NULL,
    body        TEXT NOT NULL,
    hash        TEXT NOT NULL
);

CREATE INDEX evidence_newest ON evidence (stage, endpoint, kind, deployment, number);

CREATE TRIGGER evidence_no_update BEFORE UPDATE ON evidence
BEGIN SELECT RAISE(ABORT, 'evidence is append-only'); END;
CREATE TRIGGER evidence_no_delete BEFORE DELETE ON evidence
BEGIN SELECT RAISE(ABORT, 'evidence is append-only'); END;
-- INSERT OR REPLACE would delete without asking the trigger above.
CREATE TRIGGER evidence_in_order BEFORE INSERT ON evidence
WHEN NEW.number <> (SELECT coalesce(max(number), -1) + 1 FROM evidence)
  OR EXISTS (SELECT 1 FROM evidence WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'evidence is append-only'); END;

-- What each person's roles were when they last signed in: Entra tells them at no other time.
CREATE TABLE people (
    id          TEXT PRIMARY KEY NOT NULL, -- tenant and object
    roles       TEXT NOT NULL, -- JSON
    signed_in   INTEGER NOT NULL -- milliseconds since 1970
);
