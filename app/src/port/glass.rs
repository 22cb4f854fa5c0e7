//! Breaking glass, and acknowledging another person's break.

use super::Result;
use async_trait::async_trait;
use domain::change::proposal::Words;
use domain::endpoint::Endpoint;
use domain::glass::{Broken, GlassId, Purpose, SetAside};
use domain::plan::Plan;
use domain::run::operation::Operation;
use domain::stage::EndpointKey;
use domain::timestamp::Timestamp;
use serde::{Deserialize, Serialize};

/// The plan of breaking glass.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GlassPlan {
    pub at: EndpointKey,
    /// The endpoint as just read; `None` if the plan creates it.
    pub endpoint: Option<Endpoint>,
    /// What the plan does, in a few words.
    pub title: String,
    /// The plan, checked with all facts for the guards.
    pub plan: Plan,
    /// The rules that would be overridden.
    pub set_aside: Vec<SetAside>,
    /// Why breaking glass does not allow the plan; `None` if it does.
    pub why_not: Option<String>,
    /// The number of configured webhooks, all of which are notified.
    pub webhooks: usize,
    /// A hash of the plan and of the overridden rules.
    pub seen: String,
    /// The id of the form, which makes submitting it twice harmless.
    pub form: GlassId,
}

/// The submitted form of a person who breaks glass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Breaking {
    pub at: EndpointKey,
    pub purpose: Purpose,
    pub reason: Words,
    /// The endpoint's name as typed.
    pub typed: String,
    /// The hash from [`GlassPlan::seen`].
    pub seen: String,
    /// The id from [`GlassPlan::form`].
    pub form: GlassId,
}

/// The page of one broken glass.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BrokenView {
    pub now: Timestamp,
    pub broken: Broken,
    pub may_not_acknowledge: Option<String>,
}

/// Breaking glass and acknowledging breaks.
#[async_trait]
pub trait BreakGlass: Send + Sync {
    /// Plans breaking glass.
    async fn plan_glass(&self, at: &EndpointKey, purpose: Purpose) -> Result<GlassPlan>;
    /// Breaks glass. Submitting the same form again returns the same run.
    async fn break_glass(&self, breaking: Breaking) -> Result<Operation>;
    /// The record of one broken glass.
    async fn broken_glass(&self, id: &GlassId) -> Result<BrokenView>;
    /// Acknowledges another person's break.
    async fn acknowledge_glass(&self, id: &GlassId, comment: Option<Words>) -> Result<()>;
}
