//! Compares the deployments that get more live traffic with the run's warrant. A step that sends a route does this
//! last, so every wait, retry or restart is followed by another comparison.

use super::{Ctx, Outcome, doubt, fail, waiting};
use crate::azure::{self, deployments};
use domain::endpoint::Deployment;
use domain::name::DeploymentName;
use domain::provisioning::ProvisioningState;
use domain::route::Route;
use domain::run::warrant::{Expected, Made, Unlike, unlike};
use serde_json::Value;

impl Ctx<'_> {
    pub(super) async fn deployments(&self) -> Result<Vec<Deployment>, azure::Error> {
        let (arm, workspace) = (&self.place.arm, &self.place.workspace);
        let all = deployments::list(arm, workspace, &self.at.endpoint).await?;
        Ok(all.into_iter().map(|read| read.deployment).collect())
    }

    /// Why these deployments must not get more live traffic now; `None` when they may.
    pub(super) async fn not_consented(
        &self,
        names: &[DeploymentName],
    ) -> Result<Option<Outcome>, azure::Error> {
        if names.is_empty() {
            return Ok(None);
        }
        let now = self.deployments().await?;
        let unlike = self.other_than_consented(names, &now).map(not_sent);
        Ok(unlike.or_else(|| not_ready(names, &now)))
    }

    /// The first of these deployments that differs from the approved one.
    pub(super) fn other_than_consented<'n>(
        &self,
        names: impl IntoIterator<Item = &'n DeploymentName>,
        now: &[Deployment],
    ) -> Option<Unlike> {
        unlike(Expected { warrant: self.warrant, found: self.found }, names, now)
    }
}

/// Fails a step that would give live traffic to a deployment that was not approved, after consecutive reads.
pub(super) fn not_sent(unlike: Unlike) -> Outcome {
    let message = format!(
        "{unlike} Nothing was sent by this step. Check the deployment, then plan or propose the change again."
    );
    let note = "Azure reports a different deployment than the planned one. The console reads it again to be sure.";
    doubt(note, fail(message, &Value::Null))
}

/// Waits for a deployment that Azure is changing; fails for one that has failed.
fn not_ready(names: &[DeploymentName], now: &[Deployment]) -> Option<Outcome> {
    let mut those = now.iter().filter(|deployment| names.contains(&deployment.name));
    let unready = those.find(|deployment| deployment.state != ProvisioningState::Succeeded)?;
    let Deployment { name, state, .. } = unready;
    Some(match state.is_busy() {
        true => waiting(format!("{name} is {state}: waiting until Azure has finished.")),
        false => fail(
            format!(
                "{name} is {state}, so it gets no more live traffic. Nothing was sent by this step."
            ),
            &Value::Null,
        ),
    })
}

/// What the live deployments of a route are made of.
pub(super) fn made_of(route: &Route, now: &[Deployment]) -> Made {
    let live = now.iter().filter(|deployment| route.split().share(&deployment.name) > 0);
    live.map(|deployment| (deployment.name.clone(), deployment.into())).collect()
}
