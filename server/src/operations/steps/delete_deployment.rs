//! Deletes a deployment that nobody is served by.

use super::write::Write;
use super::{Ctx, Outcome, done, doubt, fail, raw, send, waiting};
use crate::azure;
use app::domain::name::DeploymentName;
use app::domain::provisioning::ProvisioningState;
use app::domain::route::Part;
use app::domain::run::Output;

pub(super) async fn look(ctx: &Ctx<'_>, name: &DeploymentName) -> Result<Outcome, azure::Error> {
    let Some((deployment, live)) = ctx.deployment(name).await? else {
        return Ok(done(ctx, Output { note: ctx.found(), ..Output::default() }));
    };
    let state = deployment.state;
    if state == ProvisioningState::Deleting && ctx.state.sent {
        let (note, answer) = (ctx.found(), raw(&live));
        return Ok(Outcome::Done(Output { note, answer, ..Output::default() }));
    }
    if state.is_busy() {
        return Ok(waiting(format!("{name} is {state}: waiting until that has ended.")));
    }
    // Looked at again, however long ago the plan was made.
    let served = ctx.endpoint().await?.map(|read| read.endpoint);
    if let Some(endpoint) = served {
        if endpoint.state.is_busy() {
            let (name, state) = (&ctx.at.endpoint, endpoint.state);
            return Ok(waiting(format!("{name} is {state}: waiting until that has ended.")));
        }
        if endpoint.route.part(name) != Part::Idle || endpoint.route_problem.is_some() {
            let message = format!(
                "{name} takes traffic again ({}), so it was not deleted. Move the traffic away first.",
                endpoint.route
            );
            let note = format!(
                "{name} seems to take traffic. The route is read again before that is believed."
            );
            return Ok(doubt(note, fail(message, &live)));
        }
    }
    Ok(send(ctx, Write::Deletion { name: name.clone() }))
}
