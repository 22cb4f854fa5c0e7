-- Jobs: durable long work that changes no route, such as a build. The journal is what counts; a row here is its
-- projection. At most one job of a target is in progress.
CREATE TABLE jobs (
    id          TEXT PRIMARY KEY NOT NULL,
    target      TEXT NOT NULL, -- domain::target::Target::key
    stage       TEXT NOT NULL,
    name        TEXT NOT NULL, -- the target's
    kind        TEXT NOT NULL, -- build
    spec        TEXT NOT NULL, -- JSON
    by_person   TEXT NOT NULL, -- tenant id and object id
    by_name     TEXT NOT NULL,
    started     INTEGER NOT NULL, -- milliseconds since 1970, as all times here
    ended       INTEGER,
    standing    TEXT NOT NULL, -- running, finished
    progress    TEXT NOT NULL, -- JSON
    events      INTEGER NOT NULL, -- in the journal
    due         INTEGER NOT NULL  -- when to look next
);

CREATE UNIQUE INDEX jobs_one_in_flight ON jobs (target) WHERE standing = 'running';
CREATE INDEX jobs_of_target ON jobs (target, started DESC);
CREATE INDEX jobs_recent ON jobs (started DESC);

CREATE TABLE job_journal (
    job         TEXT NOT NULL REFERENCES jobs (id),
    number      INTEGER NOT NULL, -- from 0 without gaps
    at          INTEGER NOT NULL,
    token       INTEGER,       -- the fencing token under which the engine wrote it; null when a person did
    event       TEXT NOT NULL, -- JSON
    PRIMARY KEY (job, number)
);

CREATE TRIGGER job_journal_no_update BEFORE UPDATE ON job_journal
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
CREATE TRIGGER job_journal_no_delete BEFORE DELETE ON job_journal
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
-- INSERT OR REPLACE would delete without asking the trigger above.
CREATE TRIGGER job_journal_in_order BEFORE INSERT ON job_journal
WHEN NEW.number <> (SELECT coalesce(max(number), -1) + 1 FROM job_journal WHERE job = NEW.job)
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;

-- A log in pieces, so that a long one needs little memory. Secrets are hidden before they are stored.
CREATE TABLE job_logs (
    job         TEXT PRIMARY KEY NOT NULL REFERENCES jobs (id),
    lines       INTEGER NOT NULL,
    bytes       INTEGER NOT NULL,
    read_up_to  TEXT NOT NULL, -- JSON: how far each source has been read
    digest      TEXT NOT NULL  -- JSON: sections and the cause of a failure, as far as they are known
);

CREATE TABLE job_log_chunks (
    job         TEXT NOT NULL REFERENCES jobs (id),
    first       INTEGER NOT NULL, -- the number of the first line, from 1
    lines       INTEGER NOT NULL,
    text        TEXT NOT NULL,    -- each line ends with a line feed
    PRIMARY KEY (job, first)
);

-- What became of the release that a build is for.
CREATE TABLE job_deployments (
    job         TEXT PRIMARY KEY NOT NULL REFERENCES jobs (id),
    outcome     TEXT NOT NULL -- JSON
);

-- The list of activity.
CREATE INDEX runs_started ON runs (started DESC);
