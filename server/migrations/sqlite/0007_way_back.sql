-- Going back without an approval: which change of an endpoint's route is the newest, and on what it rests.
ALTER TABLE runs ADD COLUMN number INTEGER NOT NULL DEFAULT 0; -- the order in which an endpoint's runs began, from 1
ALTER TABLE runs ADD COLUMN warrant TEXT;     -- JSON; null where an earlier version began the run
ALTER TABLE runs ADD COLUMN takes_back TEXT;  -- the run that this one rolls back
ALTER TABLE runs ADD COLUMN sent_route INTEGER NOT NULL DEFAULT 0; -- 1 once it may have sent a route

UPDATE runs SET number = ranked.place
FROM (SELECT id, row_number() OVER (PARTITION BY stage, lower(endpoint) ORDER BY started, id) AS place FROM runs) AS ranked
WHERE ranked.id = runs.id;

-- Of what earlier versions did, all that was to set a route counts as a change of it.
UPDATE runs SET sent_route = 1
WHERE steps LIKE '%"kind":"set_route"%' OR action LIKE '{"set_route"%' OR action LIKE '{"roll_back"%';
UPDATE runs SET takes_back = json_extract(action, '$.roll_back.run') WHERE action LIKE '{"roll_back"%';

CREATE UNIQUE INDEX runs_in_order ON runs (stage, endpoint, number);
CREATE INDEX runs_newest_route ON runs (stage, endpoint, number) WHERE sent_route = 1;
CREATE INDEX runs_taken_back ON runs (takes_back, number) WHERE takes_back IS NOT NULL;
