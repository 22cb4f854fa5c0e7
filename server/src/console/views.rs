//! The data of endpoint and deployment pages, from the observed state.

use super::SignedIn;
use crate::azure::deployments;
use crate::error::{OrInternal as _, from_azure};
use crate::stages::StageContext;
use app::error::ConsoleError;
use app::port::{DeploymentView, EndpointView, Result};
use domain::endpoint::Endpoint;
use domain::intent::Intent;
use domain::log::{Container, Log, TAIL_MAX};
use domain::name::DeploymentName;
use domain::plan::rollout_path::Outline;
use domain::stage::{EndpointKey, Freshness};
use domain::user::Right;
use std::sync::Arc;
use std::time::Duration;

/// How long a deployment's page waits for a run that is about to create the deployment.
const CREATED_WITHIN: Duration = Duration::from_secs(10);

impl SignedIn {
    /// The endpoint as last observed. If it was not observed yet, waits for the observer to look for it, because the
    /// endpoint may be newer than the latest round.
    pub(super) async fn endpoint_at(
        &self,
        place: &StageContext,
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
        let operations = self.services.operations.table.recent(&at.clone().into()).await;
        let now = self.services.clock.now();
        let freshness = match place.observer.now().freshness.clone() {
            // The endpoint was read just now for this page.
            Freshness::Waiting => Freshness::Fresh { at: now },
            Freshness::Fresh { at } if place.observer.is_behind(&endpoint.key.endpoint) => {
                let reason = "Azure still returns the former state of this endpoint, at least in some responses. \
                              This page shows the newest state that the console has read."
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
            operations: operations.or_internal("operations cannot be read")?,
            waiting: self.services.changes.waiting_at(at),
            gate: place.rules.gate(now),
            promotion: place.rules.policy.promotion.as_ref().map(Outline::from),
            may_not_change: self.may_not_change(place),
            may_not_test: self.principal.why_not(Right::Test),
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
            // The deployment may have been created after the latest round, or be about to be created.
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
        let deletion = Intent::DeleteDeployment { at: at.clone(), name: name.clone() };
        let deletion = self.planned(at, &deletion).await?.plan;
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
            // The deployment may be newer than the latest round.
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
fn seen(place: &StageContext, at: &EndpointKey) -> Option<Arc<Endpoint>> {
    place.observer.now().endpoints.get(&at.endpoint).cloned()
}

/// The error for an endpoint that was not observed: it does not exist, or Azure could not be read.
fn not_seen(place: &StageContext, at: &EndpointKey) -> ConsoleError {
    match &place.observer.now().freshness {
        Freshness::Fresh { .. } => ConsoleError::NotFound(format!(
            "There is no endpoint {} in {}. The overview lists the endpoints.",
            at.endpoint, at.stage
        )),
        Freshness::Stale { reason, .. } => ConsoleError::Unavailable(reason.clone()),
        Freshness::Waiting => ConsoleError::Unavailable(format!(
            "The console has not read {} from Azure yet. Try again in a moment.",
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
