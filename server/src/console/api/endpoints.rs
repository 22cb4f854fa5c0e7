//! [`EndpointsApi`] for a signed-in person: checks the right, then calls the responsible module.

use crate::console::SignedIn;
use crate::console::knowing::learning;
use crate::console::overview;
use app::port::EndpointView;
use app::port::EndpointsApi;
use app::port::Overview;
use app::port::Result;
use domain::document::Export;
use domain::find::Find;
use domain::name::DeploymentName;
use domain::scoring::Answer;
use domain::scoring::TestTarget;
use domain::stage::EndpointKey;
use domain::traffic::Traffic;
use domain::user::Right;

#[async_trait::async_trait]
impl EndpointsApi for SignedIn {
    async fn overview(&self, find: &Find) -> Result<Overview> {
        self.require(Right::See).await?;
        overview::read(&self.services, find).await
    }

    async fn endpoint(&self, at: &EndpointKey) -> Result<EndpointView> {
        self.require(Right::See).await?;
        learning(self.view_endpoint(at)).await
    }

    async fn traffic(&self, at: &EndpointKey) -> Result<Traffic> {
        self.require(Right::See).await?;
        let endpoint = self.observed(at).await?;
        let place = self.place(at)?;
        Ok(place.traffic.of(place, &endpoint, self.services.clock.now()).await)
    }

    async fn export(&self, at: &EndpointKey, name: Option<&DeploymentName>) -> Result<Export> {
        self.require(Right::See).await?;
        self.knowing(at, self.export_of(at, name)).await
    }

    async fn test(&self, at: &EndpointKey, target: &TestTarget, body: &str) -> Result<Answer> {
        self.require(Right::Test).await?;
        self.knowing(at, self.send_test(at, target, body)).await
    }
}
