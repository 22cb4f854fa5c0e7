-- Sessions in a table of our own. Only what exists is updated, so that a session that has ended stays ended, and
-- they can be listed by person. The former table's sessions end: people sign in again.
DROP TABLE IF EXISTS tower_sessions;

CREATE TABLE sessions (
    -- SHA-256 of what stands in the cookie.
    id        TEXT    NOT NULL PRIMARY KEY,
    -- By which people name it.
    handle    TEXT    NOT NULL UNIQUE,
    -- Directory and object of whose it is.
    person    TEXT    NOT NULL,
    -- Name and sign-in name in small letters, for searches.
    words     TEXT    NOT NULL,
    -- Who, with the roles, as JSON.
    who       TEXT    NOT NULL,
    signed_in INTEGER NOT NULL,
    seen      INTEGER NOT NULL,
    address   TEXT    NOT NULL,
    agent     TEXT    NOT NULL
);

CREATE INDEX sessions_person ON sessions (person);
CREATE INDEX sessions_seen ON sessions (seen);
CREATE INDEX sessions_signed_in ON sessions (signed_in);
