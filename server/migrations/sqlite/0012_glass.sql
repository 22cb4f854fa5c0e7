-- Broken glass: runs for which rules of a stage's policy were set aside, and who acknowledged that. Both are written
-- once, with their entries in the ledger.
CREATE TABLE glass (
    id          TEXT PRIMARY KEY NOT NULL, -- brought along by the form, which breaks glass once
    stage       TEXT NOT NULL,
    endpoint    TEXT NOT NULL,
    run         TEXT NOT NULL UNIQUE REFERENCES runs (id),
    title       TEXT NOT NULL,
    person      TEXT NOT NULL, -- JSON
    at          INTEGER NOT NULL, -- milliseconds since 1970
    glass       TEXT NOT NULL, -- JSON: the reason, and the rules that were set aside
    entry       INTEGER NOT NULL -- in the ledger
);

CREATE TABLE glass_acknowledged (
    glass       TEXT PRIMARY KEY NOT NULL REFERENCES glass (id),
    person      TEXT NOT NULL,
    at          INTEGER NOT NULL,
    comment     TEXT,
    entry       INTEGER NOT NULL
);

CREATE TRIGGER glass_no_update BEFORE UPDATE ON glass
BEGIN SELECT RAISE(ABORT, 'broken glass is append-only'); END;
CREATE TRIGGER glass_no_delete BEFORE DELETE ON glass
BEGIN SELECT RAISE(ABORT, 'broken glass is append-only'); END;
-- INSERT OR REPLACE would delete without asking the trigger above.
CREATE TRIGGER glass_once BEFORE INSERT ON glass
WHEN EXISTS (SELECT 1 FROM glass WHERE id = NEW.id OR run = NEW.run)
BEGIN SELECT RAISE(ABORT, 'broken glass is append-only'); END;

CREATE TRIGGER glass_acknowledged_no_update BEFORE UPDATE ON glass_acknowledged
BEGIN SELECT RAISE(ABORT, 'broken glass is append-only'); END;
CREATE TRIGGER glass_acknowledged_no_delete BEFORE DELETE ON glass_acknowledged
BEGIN SELECT RAISE(ABORT, 'broken glass is append-only'); END;
CREATE TRIGGER glass_acknowledged_once BEFORE INSERT ON glass_acknowledged
WHEN EXISTS (SELECT 1 FROM glass_acknowledged WHERE glass = NEW.glass)
BEGIN SELECT RAISE(ABORT, 'broken glass is append-only'); END;
