-- Evidence: captured once, never changed. `body` is canonical JSON (RFC 8785) and all that counts; `hash` is
-- its SHA-256; the columns before it are an index over it.
CREATE TABLE evidence (
    number      BIGINT PRIMARY KEY NOT NULL, -- from 0 without gaps
    id          TEXT NOT NULL UNIQUE,
    stage       TEXT NOT NULL,
    endpoint    TEXT NOT NULL, -- in small letters, as the deployment: Azure does not tell names apart by case
    deployment  TEXT NOT NULL,
    kind        TEXT NOT NULL,
    body        TEXT NOT NULL,
    hash        TEXT NOT NULL
);

CREATE INDEX evidence_newest ON evidence (stage, endpoint, kind, deployment, number);

CREATE FUNCTION evidence_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'evidence is append-only'; END $$;

CREATE TRIGGER evidence_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON evidence
FOR EACH STATEMENT EXECUTE FUNCTION evidence_is_append_only();

-- What each person's roles were when they last signed in: Entra tells them at no other time.
CREATE TABLE people (
    id          TEXT PRIMARY KEY NOT NULL, -- tenant and object
    roles       TEXT NOT NULL, -- JSON
    signed_in   BIGINT NOT NULL -- milliseconds since 1970
);
