//! [`ReleasesApi`] for a signed-in person: checks the right, then calls the responsible module.

use crate::console::SignedIn;
use crate::console::knowing::learning;
use app::port::ReleasePlan;
use app::port::ReleaseView;
use app::port::ReleasesApi;
use app::port::ReleasesView;
use app::port::Result;
use app::port::RunBookView;
use domain::repository::Reference;
use domain::repository::ReleaseId;
use domain::run_book::ShadowDraft;
use domain::user::Right;

#[async_trait::async_trait]
impl ReleasesApi for SignedIn {
    async fn releases(&self, reference: Option<&Reference>, again: bool) -> Result<ReleasesView> {
        self.require(Right::See).await?;
        learning(self.view_releases(reference, again)).await
    }

    async fn release(&self, id: &ReleaseId, reference: Option<&Reference>) -> Result<ReleaseView> {
        self.require(Right::See).await?;
        learning(self.view_release(id, reference)).await
    }

    async fn plan_release(
        &self,
        id: &ReleaseId,
        reference: Option<&Reference>,
        answers: &[(String, String)],
    ) -> Result<ReleasePlan> {
        self.require(Right::See).await?;
        learning(self.view_release_plan(id, reference, answers)).await
    }

    async fn run_book(&self, draft: &ShadowDraft) -> Result<RunBookView> {
        self.require(Right::See).await?;
        learning(self.view_run_book(draft)).await
    }
}
