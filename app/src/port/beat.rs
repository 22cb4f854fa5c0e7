//! The heartbeat of event streams.

use domain::name::StageName;
use domain::stage::Freshness;
use domain::timestamp::Timestamp;
use serde::{Deserialize, Serialize};

/// The event that a stream sends while nothing changes, with each stage's freshness.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Beat {
    pub now: Timestamp,
    pub stages: Vec<(StageName, Freshness)>,
}
