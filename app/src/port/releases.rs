//! Releases: reading and planning them.

use super::ReleasePlan;
use super::ReleaseView;
use super::ReleasesView;
use super::Result;
use super::run_book::RunBookView;
use async_trait::async_trait;
use domain::repository::Reference;
use domain::repository::ReleaseId;
use domain::run_book::ShadowDraft;

/// Releases: reading and planning them.
#[async_trait]
pub trait ReleasesApi: Send + Sync {
    /// The repositories and their releases at a reference, by default each repository's configured one; `again`
    /// reads the repositories again.
    async fn releases(&self, reference: Option<&Reference>, again: bool) -> Result<ReleasesView>;
    /// One release at a reference.
    async fn release(&self, id: &ReleaseId, reference: Option<&Reference>) -> Result<ReleaseView>;
    /// Plans a release, with answers in place of some inputs.
    async fn plan_release(
        &self,
        id: &ReleaseId,
        reference: Option<&Reference>,
        answers: &[(String, String)],
    ) -> Result<ReleasePlan>;
    /// The progress of a shadow's run book, and what the workflow's next run would do.
    async fn run_book(&self, draft: &ShadowDraft) -> Result<RunBookView>;
}
