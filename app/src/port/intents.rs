//! Intents: planning, carrying out and proposing whatever a person asks for.

use super::Result;
use async_trait::async_trait;
use domain::change::ChangeId;
use domain::change::proposal::Proposal;
use domain::document::{Document, Form};
use domain::intent::{Intent, Seen};
use domain::plan::Plan;
use domain::run::operation::Operation;

/// Intents: planning, carrying out and proposing whatever a person asks for.
#[async_trait]
pub trait IntentsApi: Send + Sync {
    /// Plans an intent on the state that the console has read for everybody.
    async fn plan(&self, intent: &Intent) -> Result<Plan>;
    /// An intent's plan in a downloadable format.
    async fn plan_document(&self, intent: &Intent, form: Form) -> Result<Document>;
    /// Carries out an intent on an unprotected stage, unless something that the person saw has changed.
    async fn apply(&self, intent: &Intent, seen: &Seen) -> Result<Operation>;
    /// Proposes an intent as a change.
    async fn propose(&self, proposal: Proposal) -> Result<ChangeId>;
}
