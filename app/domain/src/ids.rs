//! Ids of changes, runs and jobs.

use crate::uuid::uuid_id;
use serde::{Deserialize, Serialize};

uuid_id!(
    /// Identifies a change.
    ChangeId, "There is no such change; the Changes page lists them"
);
uuid_id!(
    /// Identifies one run.
    RunId, "There is no such run. Each endpoint's page lists its runs"
);
uuid_id!(
    /// Identifies one job.
    JobId, "There is no such job. The Activity page lists all jobs"
);
