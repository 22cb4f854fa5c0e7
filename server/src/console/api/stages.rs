//! [`StagesApi`] for a signed-in person: checks the right, then calls the responsible module.

use crate::console::SignedIn;
use app::port::Result;
use app::port::StageRules;
use app::port::StagesApi;
use domain::change::proposal::Words;
use domain::name::StageName;
use domain::user::Right;

#[async_trait::async_trait]
impl StagesApi for SignedIn {
    async fn stage(&self, name: &StageName) -> Result<StageRules> {
        self.require(Right::See).await?;
        self.view_stage(name).await
    }

    async fn freeze(&self, name: &StageName, reason: Words) -> Result<()> {
        self.require(Right::Freeze).await?;
        self.services.changes.freeze(name, &reason, &self.principal).await
    }

    async fn thaw(&self, name: &StageName, reason: Words) -> Result<()> {
        self.require(Right::Freeze).await?;
        self.services.changes.thaw(name, &reason, &self.principal).await
    }
}
