-- Broken glass: runs for which rules of a stage's policy were set aside, and who acknowledged that. Both are written
-- once, with their entries in the ledger.
CREATE TABLE glass (
    id          TEXT PRIMARY KEY NOT NULL, -- brought along by the form, which breaks glass once
    stage       TEXT NOT NULL,
    endpoint    TEXT NOT NULL,
    run         TEXT NOT NULL UNIQUE REFERENCES runs (id),
    title       TEXT NOT NULL,
    person      TEXT NOT NULL, -- JSON
    at          BIGINT NOT NULL, -- milliseconds since 1970
    glass       TEXT NOT NULL, -- JSON: the reason, and the rules that were set aside
    entry       BIGINT NOT NULL -- in the ledger
);

CREATE TABLE glass_acknowledged (
    glass       TEXT PRIMARY KEY NOT NULL REFERENCES glass (id),
    person      TEXT NOT NULL,
    at          BIGINT NOT NULL,
    comment     TEXT,
    entry       BIGINT NOT NULL
);

CREATE FUNCTION glass_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'broken glass is append-only'; END $$;

CREATE TRIGGER glass_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON glass
FOR EACH STATEMENT EXECUTE FUNCTION glass_is_append_only();
CREATE TRIGGER glass_acknowledged_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON glass_acknowledged
FOR EACH STATEMENT EXECUTE FUNCTION glass_is_append_only();
