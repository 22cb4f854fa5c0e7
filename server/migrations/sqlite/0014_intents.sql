-- One word for what people ask for: an intent. The routes before and after an operation stand beside it.
ALTER TABLE runs RENAME COLUMN action TO intent;
ALTER TABLE runs ADD COLUMN moved TEXT; -- JSON: the routes before and after; null where no route is set
ALTER TABLE changes RENAME COLUMN wish TO intent;
-- 0 until the sealed text was rewritten, which server/src/store/upgrade.rs does at the next start.
ALTER TABLE changes ADD COLUMN has_intent INTEGER NOT NULL DEFAULT 0;
CREATE INDEX changes_to_upgrade ON changes (id) WHERE has_intent = 0;

UPDATE runs SET
    moved = json_object('before', json_extract(intent, '$.set_route.before'),
                        'after', json_extract(intent, '$.set_route.after')),
    intent = json_object('set_route', json_object(
        'at', json_object('stage', stage, 'endpoint', endpoint),
        'route', json_extract(intent, '$.set_route.after')))
WHERE intent LIKE '{"set_route"%';
UPDATE runs SET intent = json_object('create_deployment', json_object(
    'at', json_object('stage', stage, 'endpoint', endpoint),
    'deployment', json_extract(intent, '$.create_deployment.deployment')))
WHERE intent LIKE '{"create_deployment"%';
UPDATE runs SET intent = json_object('delete_deployment', json_object(
    'at', json_object('stage', stage, 'endpoint', endpoint),
    'name', json_extract(intent, '$.delete_deployment.deployment')))
WHERE intent LIKE '{"delete_deployment"%';
UPDATE runs SET
    moved = json_object('before', json_extract(intent, '$.release.before'),
                        'after', json_extract(intent, '$.release.after')),
    intent = json_object('release', json_object('release', json_extract(intent, '$.release.release')))
WHERE intent LIKE '{"release"%';
UPDATE runs SET
    moved = json_object('before', json_extract(intent, '$.roll_back.before'),
                        'after', json_extract(intent, '$.roll_back.after')),
    intent = json_object('roll_back', json_object(
        'at', json_object('stage', stage, 'endpoint', endpoint),
        'run', json_extract(intent, '$.roll_back.run'),
        'route', json_extract(intent, '$.roll_back.after')))
WHERE intent LIKE '{"roll_back"%';
