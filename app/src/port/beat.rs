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

/// The event that replaces a part of a page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RenderedPart {
    pub now: Timestamp,
    pub html: String,
    /// What the part says to people who listen to the page.
    pub said: String,
}
