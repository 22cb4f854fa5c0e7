//! What the console can do, for one signed-in person: checks their rights, then asks whoever knows.

mod changes;
pub mod error;
mod overview;
mod releases;
mod testing;
mod traffic;
mod views;

use crate::clock::Clock;
use crate::operations::Operations;
use crate::releases::Reader;
use crate::stages::{Place, Stages};
use app::domain::endpoint::Endpoint;
use app::domain::find::Find;
use app::domain::log::{Container, Log};
use app::domain::name::DeploymentName;
use app::domain::operation::Operation;
use app::domain::plan::Plan;
use app::domain::repository::{Reference, ReleaseId};
use app::domain::route::Route;
use app::domain::scoring::{Answer, Target};
use app::domain::spec::Check;
use app::domain::stage::EndpointKey;
use app::domain::timestamp::Timestamp;
use app::domain::traffic::Traffic;
use app::domain::user::{Right, User};
use app::error::ConsoleError;
use app::port::{
    Account, Console, DeploymentView, EndpointView, Overview, ReleasePlan, ReleaseView,
    ReleasesView, Result,
};
use std::sync::Arc;

pub use overview::LiveOverviews;
pub use traffic::TrafficCache;

/// What all requests share.
#[derive(Debug)]
pub struct Services {
    /// The stages.
    pub stages: Stages,
    /// The team's repositories.
    pub repositories: Vec<Arc<Reader>>,
    /// What the console does to Azure.
    pub operations: Arc<Operations>,
    /// Measured traffic, read once for all viewers.
    pub traffic: TrafficCache,
    /// The overview as its live pages get it.
    pub overviews: LiveOverviews,
    /// The time of day.
    pub clock: Clock,
}

/// The console of one signed-in person.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// What all share.
    pub services: Arc<Services>,
    /// Who.
    pub user: User,
    /// When they signed in.
    pub signed_in: Timestamp,
    /// When the session ends at the latest.
    pub ends: Timestamp,
    /// Minutes without a request after which it ends.
    pub idle_minutes: u32,
}

impl SignedIn {
    fn require(&self, right: Right) -> Result<()> {
        self.user.why_not(right).map_or(Ok(()), |reason| {
            tracing::warn!(user = self.user.object, ?right, "denied");
            Err(ConsoleError::Forbidden(reason))
        })
    }

    /// Why they may not change a stage's endpoints.
    fn may_not_change(&self, place: &Place) -> Option<String> {
        self.user.why_not(Right::ApplyUnprotected).or_else(|| {
            place.stage.protected.then(|| {
                format!(
                    "{} is a protected stage: a change needs another person's approval, and approvals are \
                     not part of this version. Set “protected: false” for the stage to allow direct changes.",
                    place.stage.name
                )
            })
        })
    }

    fn require_change(&self, place: &Place) -> Result<()> {
        self.may_not_change(place).map_or(Ok(()), |reason| {
            tracing::warn!(user = self.user.object, stage = %place.stage.name, "denied");
            Err(ConsoleError::Forbidden(reason))
        })
    }

    fn place(&self, at: &EndpointKey) -> Result<&Arc<Place>> {
        self.services.stages.get(&at.stage)
    }

    /// The endpoint as last observed; read now when the console has just started.
    async fn observed(&self, at: &EndpointKey) -> Result<Arc<Endpoint>> {
        let place = self.place(at)?;
        views::endpoint(place, at).await
    }
}

#[async_trait::async_trait]
impl Console for SignedIn {
    fn account(&self) -> Account {
        Account {
            user: self.user.clone(),
            signed_in: self.signed_in,
            ends: self.ends,
            idle_minutes: self.idle_minutes,
            now: self.services.clock.now(),
        }
    }

    async fn overview(&self, find: &Find) -> Result<Overview> {
        self.require(Right::See)?;
        overview::read(&self.services, find).await
    }

    async fn endpoint(&self, at: &EndpointKey) -> Result<EndpointView> {
        self.require(Right::See)?;
        self.view_endpoint(at).await
    }

    async fn deployment(&self, at: &EndpointKey, name: &DeploymentName) -> Result<DeploymentView> {
        self.require(Right::See)?;
        self.view_deployment(at, name).await
    }

    async fn traffic(&self, at: &EndpointKey) -> Result<Traffic> {
        self.require(Right::See)?;
        let endpoint = self.observed(at).await?;
        self.services.traffic.of(self.place(at)?, &endpoint, self.services.clock.now()).await
    }

    async fn log(
        &self,
        at: &EndpointKey,
        name: &DeploymentName,
        container: Container,
        tail: u32,
    ) -> Result<Log> {
        self.require(Right::See)?;
        self.view_log(at, name, container, tail).await
    }

    async fn plan_route(&self, at: &EndpointKey, route: &Route) -> Result<Plan> {
        self.require(Right::See)?;
        self.plan_of_route(at, route).await
    }

    async fn apply_route(
        &self,
        at: &EndpointKey,
        route: &Route,
        base: &Route,
    ) -> Result<Operation> {
        self.require_change(self.place(at)?)?;
        self.services.operations.set_route(at, route, base, &self.user).await
    }

    async fn check_deployment(&self, at: &EndpointKey, yaml: &str) -> Result<Check> {
        self.require(Right::See)?;
        self.check_yaml(at, yaml).await
    }

    async fn create_deployment(&self, at: &EndpointKey, yaml: &str) -> Result<Operation> {
        self.require_change(self.place(at)?)?;
        self.create(at, yaml).await
    }

    async fn delete_deployment(
        &self,
        at: &EndpointKey,
        name: &DeploymentName,
    ) -> Result<Operation> {
        self.require_change(self.place(at)?)?;
        self.services.operations.delete_deployment(at, name, &self.user).await
    }

    async fn releases(&self, reference: Option<&Reference>, again: bool) -> Result<ReleasesView> {
        self.require(Right::See)?;
        Ok(self.view_releases(reference, again).await)
    }

    async fn release(&self, id: &ReleaseId, reference: Option<&Reference>) -> Result<ReleaseView> {
        self.require(Right::See)?;
        self.view_release(id, reference).await
    }

    async fn plan_release(
        &self,
        id: &ReleaseId,
        reference: Option<&Reference>,
        answers: &[(String, String)],
    ) -> Result<ReleasePlan> {
        self.require(Right::See)?;
        self.view_release_plan(id, reference, answers).await
    }

    async fn test(&self, at: &EndpointKey, target: &Target, body: &str) -> Result<Answer> {
        self.require(Right::Test)?;
        self.send_test(at, target, body).await
    }
}
