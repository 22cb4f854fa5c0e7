-- Messages to webhooks. A row is written in the transaction of what it tells of, once for each webhook, and
-- delivered afterwards.
CREATE TABLE outbox (
    position    BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id          TEXT NOT NULL UNIQUE, -- the message's id, the same at every try
    target      TEXT NOT NULL, -- the webhook's name in the configuration
    topic       TEXT NOT NULL, -- what a webhook is told once
    subject     TEXT NOT NULL, -- messages about one thing do not overtake each other
    message     TEXT NOT NULL, -- JSON
    written     BIGINT NOT NULL, -- milliseconds since 1970, as all times here
    due         BIGINT NOT NULL, -- when to try next; while somebody tries, when another may
    tries       BIGINT NOT NULL DEFAULT 0, -- begun so far; who tries holds the newest number
    state       TEXT NOT NULL DEFAULT 'waiting', -- waiting, delivered, given_up
    trouble     TEXT,          -- why the last try failed
    ended       BIGINT,
    UNIQUE (target, topic)
);

CREATE INDEX outbox_waiting ON outbox (target, subject, position) WHERE state = 'waiting';
CREATE INDEX outbox_recent ON outbox (target, position DESC);

-- Whether a run belongs to a change.
CREATE INDEX changes_run ON changes (run);
