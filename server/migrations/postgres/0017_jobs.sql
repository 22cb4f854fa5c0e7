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
    started     BIGINT NOT NULL, -- milliseconds since 1970, as all times here
    ended       BIGINT,
    standing    TEXT NOT NULL, -- running, finished
    progress    TEXT NOT NULL, -- JSON
    events      BIGINT NOT NULL, -- in the journal
    due         BIGINT NOT NULL  -- when to look next
);

CREATE UNIQUE INDEX jobs_one_in_flight ON jobs (target) WHERE standing = 'running';
CREATE INDEX jobs_of_target ON jobs (target, started DESC);
CREATE INDEX jobs_recent ON jobs (started DESC);

CREATE TABLE job_journal (
    job         TEXT NOT NULL REFERENCES jobs (id),
    number      BIGINT NOT NULL, -- from 0 without gaps
    at          BIGINT NOT NULL,
    token       BIGINT,       -- the fencing token under which the engine wrote it; null when a person did
    event       TEXT NOT NULL, -- JSON
    PRIMARY KEY (job, number)
);

CREATE TRIGGER job_journal_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON job_journal
FOR EACH STATEMENT EXECUTE FUNCTION journal_is_append_only();

-- A log in pieces, so that a long one needs little memory. Secrets are hidden before they are stored.
CREATE TABLE job_logs (
    job         TEXT PRIMARY KEY NOT NULL REFERENCES jobs (id),
    lines       BIGINT NOT NULL,
    bytes       BIGINT NOT NULL,
    read_up_to  TEXT NOT NULL, -- JSON: how far each source has been read
    digest      TEXT NOT NULL  -- JSON: sections and the cause of a failure, as far as they are known
);

CREATE TABLE job_log_chunks (
    job         TEXT NOT NULL REFERENCES jobs (id),
    first       BIGINT NOT NULL, -- the number of the first line, from 1
    lines       BIGINT NOT NULL,
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
