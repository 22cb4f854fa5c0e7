//! Creates or updates the endpoint. The route stays the same.

use super::write::Write;
use super::{Ctx, Outcome, done, doubt, fail, raw, send, waiting};
use crate::azure;
use crate::planner::diff;
use domain::plan::{Difference, Subject, route_maps};
use domain::provisioning::ProvisioningState;
use domain::run::Output;
use serde_json::Value;

pub(super) async fn look(ctx: &Ctx<'_>, body: &Value) -> Result<Outcome, azure::Error> {
    let write = || Ok(send(ctx, Write::Endpoint { body: body.clone() }));
    let Some(read) = ctx.endpoint().await? else { return write() };
    let (name, state) = (&ctx.at.endpoint, read.endpoint.state);
    if state.is_busy() {
        return Ok(waiting(format!("{name} is {state}: waiting until Azure has finished.")));
    }
    // A PUT includes the route, and would undo a route that somebody has set since.
    let (traffic, mirror) = route_maps(&read.endpoint.route);
    let properties = &body["properties"];
    let is_same_route = same(&properties["traffic"], &traffic)
        && same(&properties["mirrorTraffic"], &mirror)
        && read.endpoint.route_problem.is_none();
    if !is_same_route {
        let message = format!(
            "The route changed after this was planned: it is {}. Nothing was sent by this step. Check the route, \
             then plan again.",
            read.endpoint.route
        );
        let note =
            "Azure does not report the planned route. The console reads it again to be sure.";
        return Ok(doubt(note, fail(message, &read.body)));
    }
    let mut unlike = diff::compare(&Subject::Endpoint, &read.body, body);
    unlike.retain(Difference::is_change);
    // A PUT that failed is not sent again. The following wait reports the failure.
    let is_over = state == ProvisioningState::Succeeded || ctx.state.sent;
    if unlike.is_empty() && is_over {
        let (note, answer) = (ctx.found(), raw(&read.body));
        return Ok(done(ctx, Output { note, answer, ..Output::default() }));
    }
    write()
}

/// A missing map equals an empty one.
fn same(sent: &Value, now: &Value) -> bool {
    let is_empty = |value: &Value| value.as_object().is_none_or(serde_json::Map::is_empty);
    sent == now || (is_empty(sent) && is_empty(now))
}
