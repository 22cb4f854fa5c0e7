//! Creates a deployment, or gives it another body. The route is not touched.

use super::write::Write;
use super::{Ctx, Outcome, done, raw, send, unlike, waiting};
use crate::azure;
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
            _ => write(),
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
    write()
}
