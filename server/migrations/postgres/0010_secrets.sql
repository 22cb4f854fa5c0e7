-- What can hold secrets is sealed (server/src/secrets). Rows that are in clear are sealed at the next start.

-- What belongs to the sealing itself, sealed as well: the key of marks. Who cannot open it has another key file.
CREATE TABLE secrets (
    name        TEXT PRIMARY KEY NOT NULL,
    sealed      TEXT NOT NULL
);

-- The id of the key with which a row's texts are sealed; empty while they are in clear.
ALTER TABLE runs ADD COLUMN sealed_by TEXT NOT NULL DEFAULT '';    -- steps
ALTER TABLE changes ADD COLUMN sealed_by TEXT NOT NULL DEFAULT ''; -- wish, planned
ALTER TABLE outbox ADD COLUMN sealed_by TEXT NOT NULL DEFAULT '';  -- message

-- 1 once the values of secrets are dropped from what is over.
ALTER TABLE runs ADD COLUMN pruned BIGINT NOT NULL DEFAULT 0;
ALTER TABLE changes ADD COLUMN pruned BIGINT NOT NULL DEFAULT 0;

CREATE INDEX runs_sealed_by ON runs (sealed_by);
CREATE INDEX changes_sealed_by ON changes (sealed_by);
CREATE INDEX outbox_sealed_by ON outbox (sealed_by);
CREATE INDEX runs_to_prune ON runs (ended) WHERE pruned = 0 AND standing = 'finished';
CREATE INDEX changes_to_prune ON changes (proposed) WHERE pruned = 0 AND open = 0;
