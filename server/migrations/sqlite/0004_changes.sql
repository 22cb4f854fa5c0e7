-- Changes. Their events are what counts; a row here is their projection, so that lists are found fast.
CREATE TABLE changes (
    id          TEXT PRIMARY KEY NOT NULL,
    stage       TEXT NOT NULL,
    endpoint    TEXT NOT NULL COLLATE NOCASE,
    title       TEXT NOT NULL,
    wish        TEXT NOT NULL, -- JSON; never changes, so that it can be planned again at any time
    planned     TEXT NOT NULL, -- JSON: the plan that is to be approved, with all that would be sent
    standing    TEXT NOT NULL, -- JSON: the fold of the events
    state       TEXT NOT NULL,
    proposed    INTEGER NOT NULL, -- milliseconds since 1970, as all times here
    run         TEXT REFERENCES runs (id),
    events      INTEGER NOT NULL, -- in change_events
    open        INTEGER NOT NULL  -- 1 while something can still happen to it by itself
);

CREATE INDEX changes_open ON changes (proposed) WHERE open = 1;
CREATE INDEX changes_recent ON changes (proposed DESC);

CREATE TABLE change_events (
    change      TEXT NOT NULL REFERENCES changes (id),
    number      INTEGER NOT NULL, -- from 0 without gaps
    at          INTEGER NOT NULL,
    event       TEXT NOT NULL, -- JSON
    PRIMARY KEY (change, number)
);

CREATE TRIGGER change_events_no_update BEFORE UPDATE ON change_events
BEGIN SELECT RAISE(ABORT, 'what happened to a change is append-only'); END;
CREATE TRIGGER change_events_no_delete BEFORE DELETE ON change_events
BEGIN SELECT RAISE(ABORT, 'what happened to a change is append-only'); END;
-- INSERT OR REPLACE would delete without asking the trigger above.
CREATE TRIGGER change_events_in_order BEFORE INSERT ON change_events
WHEN NEW.number <> (SELECT coalesce(max(number), -1) + 1 FROM change_events WHERE change = NEW.change)
BEGIN SELECT RAISE(ABORT, 'what happened to a change is append-only'); END;

-- Stages that take no changes now. Who froze and thawed them before is in the ledger.
CREATE TABLE freezes (
    stage       TEXT PRIMARY KEY NOT NULL,
    by_name     TEXT NOT NULL,
    at          INTEGER NOT NULL,
    reason      TEXT NOT NULL
);
