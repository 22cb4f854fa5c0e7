//! What a quiet stream says.

use crate::domain::name::StageName;
use crate::domain::stage::Freshness;
use crate::domain::timestamp::Timestamp;
use serde::{Deserialize, Serialize};

/// What a stream says while nothing changes: that it lives, and how current each stage is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Beat {
    /// The server's clock.
    pub now: Timestamp,
    /// The stages.
    pub stages: Vec<(StageName, Freshness)>,
}
