-- Changes. Their events are what counts; a row here is their projection, so that lists are found fast.
CREATE TABLE changes (
    id          TEXT PRIMARY KEY NOT NULL,
    stage       TEXT NOT NULL,
    endpoint    TEXT NOT NULL,
    title       TEXT NOT NULL,
    wish        TEXT NOT NULL, -- JSON; never changes, so that it can be planned again at any time
    planned     TEXT NOT NULL, -- JSON: the plan that is to be approved, with all that would be sent
    standing    TEXT NOT NULL, -- JSON: the fold of the events
    state       TEXT NOT NULL,
    proposed    BIGINT NOT NULL, -- milliseconds since 1970, as all times here
    run         TEXT REFERENCES runs (id),
    events      BIGINT NOT NULL, -- in change_events
    open        BIGINT NOT NULL  -- 1 while something can still happen to it by itself
);

CREATE INDEX changes_open ON changes (proposed) WHERE open = 1;
CREATE INDEX changes_recent ON changes (proposed DESC);

CREATE TABLE change_events (
    change      TEXT NOT NULL REFERENCES changes (id),
    number      BIGINT NOT NULL, -- from 0 without gaps
    at          BIGINT NOT NULL,
    event       TEXT NOT NULL, -- JSON
    PRIMARY KEY (change, number)
);

CREATE FUNCTION change_events_are_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'what happened to a change is append-only'; END $$;

CREATE TRIGGER change_events_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON change_events
FOR EACH STATEMENT EXECUTE FUNCTION change_events_are_append_only();

-- Stages that take no changes now. Who froze and thawed them before is in the ledger.
CREATE TABLE freezes (
    stage       TEXT PRIMARY KEY NOT NULL,
    by_name     TEXT NOT NULL,
    at          BIGINT NOT NULL,
    reason      TEXT NOT NULL
);
