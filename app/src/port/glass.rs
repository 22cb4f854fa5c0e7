//! Breaking glass, and acknowledging that somebody else did.

use super::Result;
use crate::domain::change::proposal::Words;
use crate::domain::endpoint::Endpoint;
use crate::domain::glass::{Broken, Deed, GlassId, SetAside};
use crate::domain::operation::Operation;
use crate::domain::plan::Plan;
use crate::domain::stage::EndpointKey;
use crate::domain::timestamp::Timestamp;
use async_trait::async_trait;
use serde::{Deserialize, Serialize};

/// What breaking glass would do, before anybody breaks it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GlassPlan {
    /// Where.
    pub at: EndpointKey,
    /// The endpoint as just read; `None` when the plan makes it.
    pub endpoint: Option<Endpoint>,
    /// What would be done, in a few words.
    pub title: String,
    /// The plan, with all that guards know now.
    pub plan: Plan,
    /// The rules that would be set aside.
    pub set_aside: Vec<SetAside>,
    /// Why it cannot be done even so; `None` when it can.
    pub why_not: Option<String>,
    /// A hash of the plan and of these rules.
    pub seen: String,
    /// The id of the form that shows this.
    pub form: GlassId,
}

/// What somebody sends who breaks glass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Breaking {
    /// Where.
    pub at: EndpointKey,
    /// What is to be done.
    pub deed: Deed,
    /// Why.
    pub reason: Words,
    /// The endpoint's name as they typed it.
    pub typed: String,
    /// The hash of what they saw.
    pub seen: String,
    /// The id of their form.
    pub form: GlassId,
}

/// The page of one broken glass.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BrokenView {
    /// The server's clock, from which ages are computed.
    pub now: Timestamp,
    /// All about it.
    pub broken: Broken,
    /// Why this person may not acknowledge it; `None` when they may.
    pub may_not_acknowledge: Option<String>,
}

/// What the console can do about glass.
#[async_trait]
pub trait BreakGlass: Send + Sync {
    /// What breaking glass would do.
    async fn plan_glass(&self, at: &EndpointKey, deed: Deed) -> Result<GlassPlan>;
    /// Breaks glass. The same form leads to the same run.
    async fn break_glass(&self, breaking: Breaking) -> Result<Operation>;
    /// One broken glass.
    async fn broken_glass(&self, id: &GlassId) -> Result<BrokenView>;
    /// Acknowledges that somebody else broke glass.
    async fn acknowledge_glass(&self, id: &GlassId, comment: Option<Words>) -> Result<()>;
}
