//! Whether the deployments that get more live traffic are what was consented to: read again, compared with the run's
//! warrant. Each step that sends a route asks this last, so that after every wait, retry or restart it is asked again.

use super::{Ctx, Outcome, doubt, fail, waiting};
use crate::azure::{self, deployments};
use app::domain::endpoint::Deployment;
use app::domain::name::DeploymentName;
use app::domain::provisioning::ProvisioningState;
use app::domain::route::Route;
use app::domain::run::warrant::{Expected, Made, Unlike, unlike};
use serde_json::Value;

impl Ctx<'_> {
    /// All deployments of the endpoint.
    pub(super) async fn deployments(&self) -> Result<Vec<Deployment>, azure::Error> {
        let (arm, workspace) = (&self.place.arm, &self.place.workspace);
        let all = deployments::list(arm, workspace, &self.at.endpoint).await?;
        Ok(all.into_iter().map(|read| read.deployment).collect())
    }

    /// Why these deployments must not get more live traffic, or not yet; `None` when they may.
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

    /// How the first of these deployments is not what was consented to.
    pub(super) fn other_than_consented<'n>(
        &self,
        names: impl IntoIterator<Item = &'n DeploymentName>,
        now: &[Deployment],
    ) -> Option<Unlike> {
        unlike(Expected { warrant: self.warrant, found: self.found }, names, now)
    }
}

/// The failure of a step that would have given live traffic to something else; read again before it is believed.
pub(super) fn not_sent(unlike: Unlike) -> Outcome {
    let message = format!(
        "{unlike} Nothing was sent by this step. Look at it, and plan or propose the change again."
    );
    let note = "Azure reports another deployment than was planned on. It is read again before that is believed.";
    doubt(note, fail(message, &Value::Null))
}

/// One that Azure is changing has to come to rest first; one that failed gets nothing.
fn not_ready(names: &[DeploymentName], now: &[Deployment]) -> Option<Outcome> {
    let mut those = now.iter().filter(|deployment| names.contains(&deployment.name));
    let unready = those.find(|deployment| deployment.state != ProvisioningState::Succeeded)?;
    let Deployment { name, state, .. } = unready;
    Some(match state.is_busy() {
        true => waiting(format!("{name} is {state}: waiting until that has ended.")),
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
