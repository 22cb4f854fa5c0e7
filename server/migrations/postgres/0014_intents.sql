-- One word for what people ask for: an intent. The routes before and after an operation stand beside it.
ALTER TABLE runs RENAME COLUMN action TO intent;
ALTER TABLE runs ADD COLUMN moved TEXT; -- JSON: the routes before and after; null where no route is set
ALTER TABLE changes RENAME COLUMN wish TO intent;
-- 0 until the sealed text was rewritten, which server/src/store/upgrade.rs does at the next start.
ALTER TABLE changes ADD COLUMN has_intent INTEGER NOT NULL DEFAULT 0;
CREATE INDEX changes_to_upgrade ON changes (id) WHERE has_intent = 0;

UPDATE runs SET
    moved = json_build_object('before', intent::json -> 'set_route' -> 'before',
                              'after', intent::json -> 'set_route' -> 'after')::text,
    intent = json_build_object('set_route', json_build_object(
        'at', json_build_object('stage', stage, 'endpoint', endpoint),
        'route', intent::json -> 'set_route' -> 'after'))::text
WHERE intent LIKE '{"set_route"%';
UPDATE runs SET intent = json_build_object('create_deployment', json_build_object(
    'at', json_build_object('stage', stage, 'endpoint', endpoint),
    'deployment', intent::json -> 'create_deployment' -> 'deployment'))::text
WHERE intent LIKE '{"create_deployment"%';
UPDATE runs SET intent = json_build_object('delete_deployment', json_build_object(
    'at', json_build_object('stage', stage, 'endpoint', endpoint),
    'name', intent::json -> 'delete_deployment' -> 'deployment'))::text
WHERE intent LIKE '{"delete_deployment"%';
UPDATE runs SET
    moved = json_build_object('before', intent::json -> 'release' -> 'before',
                              'after', intent::json -> 'release' -> 'after')::text,
    intent = json_build_object('release', json_build_object('release', intent::json -> 'release' -> 'release'))::text
WHERE intent LIKE '{"release"%';
UPDATE runs SET
    moved = json_build_object('before', intent::json -> 'roll_back' -> 'before',
                              'after', intent::json -> 'roll_back' -> 'after')::text,
    intent = json_build_object('roll_back', json_build_object(
        'at', json_build_object('stage', stage, 'endpoint', endpoint),
        'run', intent::json -> 'roll_back' -> 'run',
        'route', intent::json -> 'roll_back' -> 'after'))::text
WHERE intent LIKE '{"roll_back"%';
