//! Creates the endpoint, or gives it another body; its route stays as it is.

use super::write::Write;
use super::{Ctx, Outcome, done, doubt, fail, raw, send, waiting};
use crate::azure;
use crate::operations::plan::diff;
use crate::operations::plan::step::maps;
use app::domain::plan::{Difference, Subject};
use app::domain::provisioning::ProvisioningState;
use app::domain::run::Output;
use serde_json::Value;

pub(super) async fn look(ctx: &Ctx<'_>, body: &Value) -> Result<Outcome, azure::Error> {
    let write = || Ok(send(ctx, Write::Endpoint { body: body.clone() }));
    let Some(read) = ctx.endpoint().await? else { return write() };
    let (name, state) = (&ctx.at.endpoint, read.endpoint.state);
    if state.is_busy() {
        return Ok(waiting(format!("{name} is {state}: waiting until that has ended.")));
    }
    // A PUT carries the route too, and would undo what somebody else has set since.
    let (traffic, mirror) = maps(&read.endpoint.route);
    let properties = &body["properties"];
    let is_same_route = same(&properties["traffic"], &traffic)
        && same(&properties["mirrorTraffic"], &mirror)
        && read.endpoint.route_problem.is_none();
    if !is_same_route {
        let message = format!(
            "The route is no longer the one that this was planned on: it is {}. Nothing was sent by this \
             step. Look at it, and plan again.",
            read.endpoint.route
        );
        let note = "Azure does not report the route that this was planned on. It is read again before that is \
                    believed.";
        return Ok(doubt(note, fail(message, &read.body)));
    }
    let mut unlike = diff::compare(&Subject::Endpoint, &read.body, body);
    unlike.retain(Difference::is_change);
    // One that failed by what we sent is not sent again: the wait says why it failed.
    let is_over = state == ProvisioningState::Succeeded || ctx.state.sent;
    if unlike.is_empty() && is_over {
        let (note, answer) = (ctx.found(), raw(&read.body));
        return Ok(done(ctx, Output { note, answer, ..Output::default() }));
    }
    write()
}

/// No map is an empty one.
fn same(sent: &Value, now: &Value) -> bool {
    let is_empty = |value: &Value| value.as_object().is_none_or(serde_json::Map::is_empty);
    sent == now || (is_empty(sent) && is_empty(now))
}
