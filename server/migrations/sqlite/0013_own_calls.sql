-- The console's own requests to scoring URIs, counted by minute: Azure Monitor counts them like any client's, and
-- evidence leaves them out again. Old minutes are swept.
CREATE TABLE own_calls (
    stage       TEXT NOT NULL,
    endpoint    TEXT NOT NULL, -- in small letters, as the deployment: Azure does not tell names apart by case
    deployment  TEXT NOT NULL, -- empty when nobody said who answered
    by_name     INTEGER NOT NULL, -- 1 when it was sent to the deployment by its name, 0 when through the split
    minute      INTEGER NOT NULL, -- its start, in milliseconds since 1970
    calls       INTEGER NOT NULL,
    errors      INTEGER NOT NULL,
    PRIMARY KEY (stage, endpoint, deployment, by_name, minute)
);

CREATE INDEX own_calls_old ON own_calls (minute);
