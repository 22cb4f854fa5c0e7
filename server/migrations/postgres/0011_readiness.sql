-- One row that the readiness check writes over, to find out whether writing works.
CREATE TABLE readiness (
    id          BIGINT PRIMARY KEY NOT NULL CHECK (id = 1),
    tries       BIGINT NOT NULL,
    body        BYTEA NOT NULL
);
