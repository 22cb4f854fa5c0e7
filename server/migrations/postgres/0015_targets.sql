-- Runs and leases are about a target: an endpoint, an image, or whatever else a plan changes. At most one run of a
-- target is in flight, so that a build never holds an endpoint. The key: domain::target::Target::key.
DROP INDEX runs_one_in_flight;
DROP INDEX runs_recent;
DROP INDEX runs_in_order;
DROP INDEX runs_newest_route;
ALTER TABLE runs RENAME COLUMN endpoint TO name; -- the target's
ALTER TABLE runs ADD COLUMN target TEXT NOT NULL DEFAULT '';
UPDATE runs SET target = 'endpoint/' || stage || '/' || lower(name);
CREATE UNIQUE INDEX runs_one_in_flight ON runs (target) WHERE standing = 'running';
CREATE UNIQUE INDEX runs_in_order ON runs (target, number);
CREATE INDEX runs_newest_route ON runs (target, number) WHERE sent_route = 1;
CREATE INDEX runs_recent ON runs (target, started DESC);

ALTER TABLE leases RENAME TO leases_of_endpoints;
CREATE TABLE leases (
    target      TEXT PRIMARY KEY NOT NULL,
    token       BIGINT NOT NULL,
    beat        BIGINT NOT NULL, -- grows while the holder is at work
    holder      TEXT           -- null when nobody holds it
);
INSERT INTO leases (target, token, beat, holder)
SELECT 'endpoint/' || stage || '/' || endpoint, token, beat, holder FROM leases_of_endpoints;
DROP TABLE leases_of_endpoints;
