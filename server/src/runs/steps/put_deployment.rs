//! Creates or updates a deployment. The route stays the same. A deployment with live traffic is not written, because
//! that would expose an unapproved body to clients, or cause an outage.

use super::write::Write;
use super::{Ctx, Outcome, done, doubt, fail, raw, send, unlike, waiting};
use crate::azure::{self, endpoints::Read};
use domain::name::DeploymentName;
use domain::provisioning::ProvisioningState;
use domain::run::Output;
use serde_json::Value;

pub(super) async fn look(
    ctx: &Ctx<'_>,
    name: &DeploymentName,
    body: &Value,
) -> Result<Outcome, azure::Error> {
    let write = || Ok(send(ctx, Write::Deployment { name: name.clone(), body: body.clone() }));
    let Some((deployment, live)) = ctx.deployment(name).await? else {
        return match ctx.endpoint().await? {
            // Azure would refuse the PUT now, without saying for how long.
            Some(read) if read.endpoint.state.is_busy() => Ok(waiting(format!(
                "{} is {}: waiting until Azure has finished.",
                ctx.at.endpoint, read.endpoint.state
            ))),
            read => read.and_then(|read| live_by_now(&read, name)).map_or_else(write, Ok),
        };
    };
    let state = deployment.state;
    let is_as_asked = unlike(name, &live, body).is_empty();
    // The PUT may still be in progress or have failed, which the following wait reports.
    if is_as_asked && (state == ProvisioningState::Succeeded || ctx.state.sent) {
        let (note, answer) = (ctx.found(), raw(&live));
        return Ok(done(ctx, Output { note, answer, ..Output::default() }));
    }
    if state.is_busy() {
        return Ok(waiting(format!("{name} is {state}: waiting until Azure has finished.")));
    }
    match ctx.endpoint().await?.and_then(|read| live_by_now(&read, name)) {
        Some(stop) => Ok(stop),
        None => write(),
    }
}

/// Fails if the route gives live traffic to the deployment.
fn live_by_now(read: &Read, name: &DeploymentName) -> Option<Outcome> {
    let share = read.endpoint.route.split().share(name);
    (share > 0).then(|| {
        let message = format!(
            "{name} now gets {share} % of the live traffic, so it was not written. Move the traffic away, then plan \
             again."
        );
        let note = format!("Azure reports live traffic of {name}. The console reads the route again to be sure.");
        doubt(note, fail(message, &read.body))
    })
}
