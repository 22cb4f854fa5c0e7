//! Deletes a deployment with no live or mirrored traffic.

use super::consented::not_sent;
use super::write::Write;
use super::{Ctx, Outcome, done, doubt, fail, raw, send, waiting};
use crate::azure;
use domain::endpoint::MadeOf;
use domain::name::DeploymentName;
use domain::provisioning::ProvisioningState;
use domain::route::Part;
use domain::run::Output;
use domain::run::warrant::one_unlike;
use std::slice;

/// `made_of` is the deployment to delete; `None` if an earlier version planned the deletion.
pub(super) async fn look(
    ctx: &Ctx<'_>,
    name: &DeploymentName,
    made_of: Option<&MadeOf>,
) -> Result<Outcome, azure::Error> {
    let Some((deployment, live)) = ctx.deployment(name).await? else {
        return Ok(done(ctx, Output { note: ctx.found(), ..Output::default() }));
    };
    let state = deployment.state;
    if state == ProvisioningState::Deleting && ctx.state.sent {
        let (note, answer) = (ctx.found(), raw(&live));
        return Ok(Outcome::Done(Output { note, answer, ..Output::default() }));
    }
    if state.is_busy() {
        return Ok(waiting(format!("{name} is {state}: waiting until Azure has finished.")));
    }
    let unlike = made_of.and_then(|of| one_unlike(Some(of), name, slice::from_ref(&deployment)));
    if let Some(unlike) = unlike {
        return Ok(not_sent(unlike));
    }
    // Check the traffic again, because the plan may be old.
    let served = ctx.endpoint().await?.map(|read| read.endpoint);
    if let Some(endpoint) = served {
        if endpoint.state.is_busy() {
            let (name, state) = (&ctx.at.endpoint, endpoint.state);
            return Ok(waiting(format!("{name} is {state}: waiting until Azure has finished.")));
        }
        if endpoint.route.part(name) != Part::Idle || endpoint.route_problem.is_some() {
            let message = format!(
                "{name} gets traffic again ({}), so it was not deleted. Move the traffic away first.",
                endpoint.route
            );
            let note = format!(
                "{name} seems to get traffic. The console reads the route again to be sure."
            );
            return Ok(doubt(note, fail(message, &live)));
        }
    }
    Ok(send(ctx, Write::Deletion { name: name.clone() }))
}
