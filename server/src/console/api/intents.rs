//! [`IntentsApi`] for a signed-in person: checks the right, then calls the responsible module.

use crate::console::SignedIn;
use crate::console::knowing::learning;
use app::port::IntentsApi;
use app::port::Result;
use domain::change::ChangeId;
use domain::change::proposal::Proposal;
use domain::document::{Document, Form};
use domain::intent::{Intent, Seen};
use domain::plan::Plan;
use domain::run::operation::Operation;
use domain::user::Right;

#[async_trait::async_trait]
impl IntentsApi for SignedIn {
    async fn plan(&self, intent: &Intent) -> Result<Plan> {
        self.require(Right::See).await?;
        Ok(self.about(intent, Box::pin(self.plan_of(intent))).await?.plan)
    }

    async fn plan_document(&self, intent: &Intent, form: Form) -> Result<Document> {
        self.require(Right::See).await?;
        self.about(intent, Box::pin(self.document_of(intent, form))).await
    }

    async fn apply(&self, intent: &Intent, seen: &Seen) -> Result<Operation> {
        self.require(Right::See).await?;
        self.about(intent, Box::pin(self.apply_intent(intent, seen))).await
    }

    async fn propose(&self, proposal: Proposal) -> Result<ChangeId> {
        self.require(Right::Propose).await?;
        learning(Box::pin(self.propose_change(proposal))).await
    }
}
