//! [`RunsApi`] for a signed-in person: checks the right, then calls the responsible module.

use crate::console::SignedIn;
use crate::console::knowing::learning;
use app::port::Result;
use app::port::RunsApi;
use domain::route::Route;
use domain::run::Decision;
use domain::run::RunId;
use domain::run::operation::Operation;
use domain::run::view::RunView;
use domain::user::Right;

#[async_trait::async_trait]
impl RunsApi for SignedIn {
    async fn run(&self, id: &RunId) -> Result<RunView> {
        self.require(Right::See).await?;
        learning(self.view_run(id)).await
    }

    async fn decide(&self, id: &RunId, decision: Decision) -> Result<Operation> {
        self.require(Right::See).await?;
        learning(self.decide_run(id, decision)).await
    }

    async fn roll_back(&self, id: &RunId, saw: &Route) -> Result<Operation> {
        self.require(Right::See).await?;
        learning(self.roll_back_run(id, saw)).await
    }
}
