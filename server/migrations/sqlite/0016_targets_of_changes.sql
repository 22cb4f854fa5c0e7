-- Changes are about a target, as runs are. The key: domain::target::Target::key.
ALTER TABLE changes RENAME COLUMN endpoint TO name; -- the target's
ALTER TABLE changes ADD COLUMN target TEXT NOT NULL DEFAULT '';
UPDATE changes SET target = 'endpoint/' || stage || '/' || lower(name);
