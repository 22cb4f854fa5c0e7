-- What the console asked Azure to do. A row is written before anything is sent; while `ended` is null the
-- operation is open, and an endpoint has at most one open operation.
CREATE TABLE operations (
    id          TEXT PRIMARY KEY NOT NULL,
    stage       TEXT NOT NULL,
    endpoint    TEXT NOT NULL,
    action      TEXT NOT NULL, -- JSON
    by_person   TEXT NOT NULL, -- tenant id and object id
    by_name     TEXT NOT NULL,
    started     BIGINT NOT NULL, -- milliseconds since 1970, as all times here
    ended       BIGINT,
    progress    TEXT NOT NULL, -- JSON
    checkpoint  TEXT,          -- where Azure tells how it stands
    due         BIGINT NOT NULL, -- when to ask next
    troubles    BIGINT NOT NULL DEFAULT 0 -- failed attempts to ask, in a row
);

CREATE UNIQUE INDEX operations_one_open ON operations (stage, lower(endpoint)) WHERE ended IS NULL;
CREATE INDEX operations_recent ON operations (stage, lower(endpoint), started DESC);
