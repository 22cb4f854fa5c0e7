-- Runs. The journal is what counts; a row here is its projection, so that what is in flight is found fast.
-- While `standing` is 'running' the engine has the run in hand, and an endpoint has at most one of them.
CREATE TABLE runs (
    id          TEXT PRIMARY KEY NOT NULL,
    stage       TEXT NOT NULL,
    endpoint    TEXT NOT NULL COLLATE NOCASE,
    action      TEXT NOT NULL, -- JSON
    steps       TEXT NOT NULL, -- JSON, with all that is sent
    plan_hash   TEXT,
    by_person   TEXT NOT NULL, -- tenant id and object id
    by_name     TEXT NOT NULL,
    started     INTEGER NOT NULL, -- milliseconds since 1970, as all times here
    ended       INTEGER,       -- when it came to rest
    standing    TEXT NOT NULL, -- running, attention, finished
    progress    TEXT NOT NULL, -- JSON
    events      INTEGER NOT NULL, -- in the journal
    due         INTEGER NOT NULL  -- when to look next
);

CREATE UNIQUE INDEX runs_one_in_flight ON runs (stage, endpoint) WHERE standing = 'running';
CREATE INDEX runs_recent ON runs (stage, endpoint, started DESC);

CREATE TABLE journal (
    run         TEXT NOT NULL REFERENCES runs (id),
    number      INTEGER NOT NULL, -- from 0 without gaps
    at          INTEGER NOT NULL,
    token       INTEGER,       -- the fencing token under which the engine wrote it; null when a person did
    event       TEXT NOT NULL, -- JSON
    PRIMARY KEY (run, number)
);

CREATE TRIGGER journal_no_update BEFORE UPDATE ON journal
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
CREATE TRIGGER journal_no_delete BEFORE DELETE ON journal
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
-- INSERT OR REPLACE would delete without asking the trigger above.
CREATE TRIGGER journal_in_order BEFORE INSERT ON journal
WHEN NEW.number <> (SELECT coalesce(max(number), -1) + 1 FROM journal WHERE run = NEW.run)
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;

-- Who may append to the journal of an endpoint's run. The token grows whenever the holder changes, so that
-- one who was paused and woken finds its own to be stale. No times: see operations/lease.rs.
CREATE TABLE leases (
    stage       TEXT NOT NULL,
    endpoint    TEXT NOT NULL, -- in small letters
    token       INTEGER NOT NULL,
    beat        INTEGER NOT NULL, -- grows while the holder is at work
    holder      TEXT,          -- null when nobody holds it
    PRIMARY KEY (stage, endpoint)
);

-- What earlier versions did, one write each. They kept no journal.
INSERT INTO runs (id, stage, endpoint, action, steps, by_person, by_name, started, ended, standing, progress, events, due)
SELECT id, stage, endpoint, action, '[]', by_person, by_name, started, coalesce(ended, started), 'finished',
       CASE WHEN ended IS NULL
            THEN '{"failed":{"message":"The console was updated while this was under way. Look at the endpoint: the change may have been made."}}'
            ELSE progress END,
       0, due
FROM operations;
DROP TABLE operations;
