-- The ledger. `line` is the entry in its canonical form, and all that counts; the columns after it are an
-- index over it for the History screen.
CREATE TABLE ledger (
    position    INTEGER PRIMARY KEY NOT NULL, -- the entry's index, from 0 without gaps
    line        TEXT NOT NULL,
    at          INTEGER NOT NULL, -- milliseconds since 1970, as all times here
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
    position    INTEGER PRIMARY KEY NOT NULL,
    hash        BLOB NOT NULL
);

-- Signed tree heads (C2SP checkpoints), kept so that rewriting what they cover shows.
CREATE TABLE ledger_checkpoints (
    size        INTEGER NOT NULL,
    note        TEXT NOT NULL,
    PRIMARY KEY (size, note)
);

CREATE TRIGGER ledger_no_update BEFORE UPDATE ON ledger
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER ledger_no_delete BEFORE DELETE ON ledger
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
-- INSERT OR REPLACE would delete without asking the trigger above.
CREATE TRIGGER ledger_in_order BEFORE INSERT ON ledger
WHEN NEW.position <> (SELECT coalesce(max(position), -1) + 1 FROM ledger)
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;

CREATE TRIGGER ledger_hashes_no_update BEFORE UPDATE ON ledger_hashes
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER ledger_hashes_no_delete BEFORE DELETE ON ledger_hashes
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER ledger_hashes_in_order BEFORE INSERT ON ledger_hashes
WHEN NEW.position <> (SELECT coalesce(max(position), -1) + 1 FROM ledger_hashes)
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;

CREATE TRIGGER ledger_checkpoints_no_update BEFORE UPDATE ON ledger_checkpoints
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER ledger_checkpoints_no_delete BEFORE DELETE ON ledger_checkpoints
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
