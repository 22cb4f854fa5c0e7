//! Creates a deployment, or gives it another body. The route is not touched. What takes live traffic by now is not
//! written: that would put something in front of clients that nobody let go live, or take it away from them.

use super::write::Write;
use super::{Ctx, Outcome, done, doubt, fail, raw, send, unlike, waiting};
use crate::azure::{self, endpoints::Read};
use app::domain::name::DeploymentName;
use app::domain::provisioning::ProvisioningState;
use app::domain::run::Output;
use serde_json::Value;

pub(super) async fn look(
    ctx: &Ctx<'_>,
    name: &DeploymentName,
    body: &Value,
) -> Result<Outcome, azure::Error> {
    let write = || Ok(send(ctx, Write::Deployment { name: name.clone(), body: body.clone() }));
    let Some((deployment, live)) = ctx.deployment(name).await? else {
        return match ctx.endpoint().await? {
            // Azure refuses it meanwhile, and would not say how long.
            Some(read) if read.endpoint.state.is_busy() => Ok(waiting(format!(
                "{} is {}: waiting until that has ended.",
                ctx.at.endpoint, read.endpoint.state
            ))),
            read => read.and_then(|read| live_by_now(&read, name)).map_or_else(write, Ok),
        };
    };
    let state = deployment.state;
    let is_as_asked = unlike(name, &live, body).is_empty();
    // What we sent may still be at work, or have failed: the wait after this says so.
    if is_as_asked && (state == ProvisioningState::Succeeded || ctx.state.sent) {
        let (note, answer) = (ctx.found(), raw(&live));
        return Ok(done(ctx, Output { note, answer, ..Output::default() }));
    }
    if state.is_busy() {
        return Ok(waiting(format!("{name} is {state}: waiting until that has ended.")));
    }
    match ctx.endpoint().await?.and_then(|read| live_by_now(&read, name)) {
        Some(stop) => Ok(stop),
        None => write(),
    }
}

/// The failure, when the route gives live traffic to what is about to be written.
fn live_by_now(read: &Read, name: &DeploymentName) -> Option<Outcome> {
    let share = read.endpoint.route.split().share(name);
    (share > 0).then(|| {
        let message = format!(
            "{name} takes {share} % of the live traffic by now, so it was not written. Move the traffic away, and plan \
             again."
        );
        let note = format!("Azure reports live traffic of {name}. It is read again before that is believed.");
        doubt(note, fail(message, &read.body))
    })
}
