-- The ledger. `line` is the entry in its canonical form, and all that counts; the columns after it are an
-- index over it for the History screen.
CREATE TABLE ledger (
    position    BIGINT PRIMARY KEY NOT NULL, -- the entry's index, from 0 without gaps
    line        TEXT NOT NULL,
    at          BIGINT NOT NULL, -- milliseconds since 1970, as all times here
    kind        TEXT NOT NULL,
    outcome     TEXT NOT NULL,
    person      TEXT NOT NULL, -- in small letters, as all that is searched for
    stage       TEXT,
    endpoint    TEXT,
    route       TEXT,          -- the route that was in force from here on, when the entry says so
    words       TEXT NOT NULL  -- what a free text is looked for in
);

CREATE INDEX ledger_at ON ledger (at);
CREATE INDEX ledger_endpoint ON ledger (stage, endpoint, at);

-- The hashes of the tree's complete subtrees, in the order in which they come to be (RFC 6962, as Go's
-- sumdb numbers them): appending, the root and every proof read O(log n) of them.
CREATE TABLE ledger_hashes (
    position    BIGINT PRIMARY KEY NOT NULL,
    hash        BYTEA NOT NULL
);

-- Signed tree heads (C2SP checkpoints), kept so that rewriting what they cover shows.
CREATE TABLE ledger_checkpoints (
    size        BIGINT NOT NULL,
    note        TEXT NOT NULL,
    PRIMARY KEY (size, note)
);

CREATE FUNCTION ledger_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'the ledger is append-only'; END $$;

CREATE TRIGGER ledger_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger
FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_append_only();
CREATE TRIGGER ledger_hashes_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_hashes
FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_append_only();
CREATE TRIGGER ledger_checkpoints_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_checkpoints
FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_append_only();
