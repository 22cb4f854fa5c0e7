-- One row that the readiness check writes over, to find out whether writing works.
CREATE TABLE readiness (
    id          INTEGER PRIMARY KEY NOT NULL CHECK (id = 1),
    tries       INTEGER NOT NULL,
    body        BLOB NOT NULL
);
