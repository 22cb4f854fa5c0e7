//! [`JobsApi`] and [`ImagesApi`] for a signed-in person: checks the right, then calls the responsible module.

use crate::console::SignedIn;
use crate::console::knowing::learning;
use app::port::{
    ActivityKind, ActivityView, Begun, BuildPlan, BuildRequest, ImageView, ImagesApi, ImagesView,
    JobView, JobsApi, LogMatches, LogPage, Result,
};
use domain::change::proposal::Words;
use domain::concern::Concern;
use domain::job::JobId;
use domain::name::StageName;
use domain::timestamp::Timestamp;
use domain::user::Right;

#[async_trait::async_trait]
impl JobsApi for SignedIn {
    async fn activity(
        &self,
        kind: ActivityKind,
        before: Option<Timestamp>,
    ) -> Result<ActivityView> {
        self.require(Right::See).await?;
        self.view_activity(kind, before).await
    }

    async fn plan_build(&self, request: &BuildRequest) -> Result<BuildPlan> {
        self.require(Right::See).await?;
        learning(self.view_build_plan(request)).await
    }

    async fn start_build(
        &self,
        request: &BuildRequest,
        commit: &str,
        reason: Option<Words>,
    ) -> Result<Begun> {
        self.require_to(Right::Build, "start a build", &Concern::default()).await?;
        learning(self.begin_build(request, commit, reason)).await
    }

    async fn repeat_job(&self, id: &JobId, failed_only: bool) -> Result<Begun> {
        self.require_to(Right::Build, "start a build again", &Concern::default().job(id)).await?;
        self.repeat(id, failed_only).await
    }

    async fn cancel_job(&self, id: &JobId) -> Result<()> {
        self.require_to(Right::Build, "cancel a build", &Concern::default().job(id)).await?;
        self.cancel(id).await
    }

    async fn job(&self, id: &JobId) -> Result<JobView> {
        self.require(Right::See).await?;
        self.view_job(id).await
    }

    async fn job_log(&self, id: &JobId, first: u64, count: u32) -> Result<LogPage> {
        self.require(Right::See).await?;
        self.read_log(id, first, count).await
    }

    async fn search_log(&self, id: &JobId, text: &str) -> Result<LogMatches> {
        self.require(Right::See).await?;
        self.find_in_log(id, text).await
    }
}

#[async_trait::async_trait]
impl ImagesApi for SignedIn {
    async fn images(&self) -> Result<ImagesView> {
        self.require(Right::See).await?;
        self.view_images().await
    }

    async fn image(&self, stage: &StageName, name: &str) -> Result<ImageView> {
        self.require(Right::See).await?;
        learning(self.view_image(stage, name)).await
    }

    async fn archive_image(&self, stage: &StageName, name: &str, version: &str) -> Result<()> {
        let concern = Concern { stage: Some(stage.clone()), ..Concern::default() };
        self.require_to(Right::Build, "archive an image", &concern).await?;
        self.archive(stage, name, version).await
    }
}
