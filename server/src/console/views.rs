//! The pages' data, from what was observed.

use super::SignedIn;
use super::error::{from_azure, internal};
use crate::azure::deployments;
use crate::stages::Place;
use app::domain::endpoint::Endpoint;
use app::domain::log::{Container, Log, TAIL_MAX};
use app::domain::name::DeploymentName;
use app::domain::plan::way::Outline;
use app::domain::stage::{EndpointKey, Freshness};
use app::domain::user::Right;
use app::error::ConsoleError;
use app::port::{DeploymentView, EndpointView, Result};
use std::sync::Arc;
use std::time::Duration;

/// How long the page of a deployment waits that a run is about to create; then it says that there is none yet.
const CREATED_WITHIN: Duration = Duration::from_secs(10);

impl SignedIn {
    /// The endpoint as last observed. One that was not observed may be newer than the last round, or the console
    /// has just started: the next round tells, for all who ask.
    pub(super) async fn endpoint_at(
        &self,
        place: &Place,
        at: &EndpointKey,
    ) -> Result<Arc<Endpoint>> {
        if let Some(endpoint) = seen(place, at) {
            return Ok(endpoint);
        }
        self.may_read()?;
        place.observer.look_for(&at.endpoint).await;
        seen(place, at).ok_or_else(|| not_seen(place, at))
    }

    pub(super) async fn view_endpoint(&self, at: &EndpointKey) -> Result<EndpointView> {
        let place = self.place(at)?;
        let endpoint = self.endpoint_at(place, at).await?;
        let operations = self.services.operations.table.recent(at).await;
        let now = self.services.clock.now();
        let freshness = match place.observer.now().freshness.clone() {
            // It was read just now for this page.
            Freshness::Waiting => Freshness::Fresh { at: now },
            Freshness::Fresh { at } if place.observer.is_behind(&endpoint.key.endpoint) => {
                let reason = "Azure still reports the former state of this endpoint, at least by turns. Shown is \
                              the newest that was read of it."
                    .to_owned();
                Freshness::Stale { since: Some(at), reason }
            }
            freshness => freshness,
        };
        Ok(EndpointView {
            now,
            stage: place.stage.clone(),
            freshness,
            endpoint: Arc::unwrap_or_clone(endpoint),
            operations: operations.map_err(|e| internal("operations cannot be read", &e))?,
            waiting: self.services.changes.waiting_at(at),
            gate: place.rules.gate(now),
            promotion: place.rules.policy.promotion.as_ref().map(Outline::from),
            may_not_change: self.may_not_change(place),
            may_not_test: self.asker.user.why_not(Right::Test),
            may_break_glass: self.may_break_glass(place),
            broken: self.broken_on(at),
        })
    }

    pub(super) async fn view_deployment(
        &self,
        at: &EndpointKey,
        name: &DeploymentName,
    ) -> Result<DeploymentView> {
        let mut on = self.view_endpoint(at).await?;
        if on.endpoint.deployment(name).is_none() {
            // It may have been created a moment ago, after the last round, or be just about to.
            let sent = self.services.operations.until_created(at, name);
            let _ = tokio::time::timeout(CREATED_WITHIN, sent).await;
            self.may_read()?;
            let place = self.place(at)?;
            place.observer.next_round().await;
            let seen = seen(place, at).ok_or_else(|| not_seen(place, at))?;
            on.endpoint = Arc::unwrap_or_clone(seen);
        }
        let Some(deployment) = on.endpoint.deployment(name).cloned() else {
            return Err(no_deployment(at, name));
        };
        let deletion = self.plan_of_deletion(&on.endpoint, name).await?;
        Ok(DeploymentView { on, deployment, deletion })
    }

    pub(super) async fn view_log(
        &self,
        at: &EndpointKey,
        name: &DeploymentName,
        container: Container,
        tail: u32,
    ) -> Result<Log> {
        let place = self.place(at)?;
        if self.endpoint_at(place, at).await?.deployment(name).is_none() {
            // It may be newer than the last round.
            self.may_read()?;
            place.observer.next_round().await;
            let found = seen(place, at).is_some_and(|seen| seen.deployment(name).is_some());
            if !found {
                return Err(no_deployment(at, name));
            }
        }
        let tail = tail.clamp(1, TAIL_MAX);
        let (arm, workspace) = (&place.arm, &place.workspace);
        let key = (at.endpoint.clone(), name.clone(), container, tail);
        let ask = async {
            self.may_read()?;
            match deployments::log(arm, workspace, &at.endpoint, name, container, tail).await {
                Ok(lines) => Ok(Log { container, lines }),
                Err(crate::azure::Error::NotFound(_)) => Err(no_deployment(at, name)),
                Err(error) => Err(from_azure(&error)),
            }
        };
        place.around.log_ends.get(&key, ask).await
    }
}

/// The endpoint as last observed.
fn seen(place: &Place, at: &EndpointKey) -> Option<Arc<Endpoint>> {
    place.observer.now().endpoints.get(&at.endpoint).cloned()
}

/// Why there is none: it is not there, or nobody could look.
fn not_seen(place: &Place, at: &EndpointKey) -> ConsoleError {
    match &place.observer.now().freshness {
        Freshness::Fresh { .. } => ConsoleError::NotFound(format!(
            "There is no endpoint {} in {}. The overview lists the endpoints.",
            at.endpoint, at.stage
        )),
        Freshness::Stale { reason, .. } => ConsoleError::Unavailable(reason.clone()),
        Freshness::Waiting => ConsoleError::Unavailable(format!(
            "Azure has not told yet what there is in {}. Try again in a moment.",
            at.stage
        )),
    }
}

pub(super) fn no_deployment(at: &EndpointKey, name: &DeploymentName) -> ConsoleError {
    ConsoleError::NotFound(format!(
        "There is no deployment {name} on {}. It may have been deleted; the endpoint's page lists those \
         that exist.",
        at.endpoint
    ))
}
