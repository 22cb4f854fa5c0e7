//! Sets split and mirror in one PUT of everything that was just read. What gets more live traffic by it is compared
//! with what was consented to, last of all before the PUT.

use super::write::Write;
use super::{Ctx, Outcome, done, doubt, fail, raw, send, waiting, waits_for_thaw};
use crate::azure;
use app::domain::evidence::standing::rising;
use app::domain::route::Route;
use app::domain::run::Output;
use app::domain::run::warrant::held_by_freeze;

pub(super) async fn look(
    ctx: &Ctx<'_>,
    before: &Route,
    after: &Route,
) -> Result<Outcome, azure::Error> {
    let name = &ctx.at.endpoint;
    let Some(read) = ctx.endpoint().await? else {
        let message = format!("There is no endpoint {name} any more.");
        let note = format!("Azure does not find {name}. It is read again before that is believed.");
        return Ok(doubt(note, fail(message, &serde_json::Value::Null)));
    };
    let (state, now) = (read.endpoint.state, &read.endpoint.route);
    if state.is_busy() {
        // Ours, whose answer was lost, or somebody else's: that shows when it has ended.
        return Ok(waiting(format!("{name} is {state}: waiting until that has ended.")));
    }
    if let Some(problem) = &read.endpoint.route_problem {
        let note = "Azure reports a route that is none. It is read again before that is believed.";
        return Ok(doubt(note, fail(problem.clone(), &read.body)));
    }
    if now == after {
        let (note, answer) = (ctx.found(), raw(&read.body));
        return Ok(done(ctx, Output { note, answer, ..Output::default() }));
    }
    if now != before {
        let message = format!(
            "Azure has another route than the one that this was planned on: it was {before}, it is {now}. \
             Somebody changed it elsewhere. Look at it, and plan again."
        );
        let note = "Azure reports another route than the one that this was planned on. It is read again before that \
                    is believed.";
        return Ok(doubt(note, fail(message, &read.body)));
    }
    // The run began before the freeze; before its next share it can still stand still.
    let is_held = held_by_freeze(ctx.warrant, before, after);
    if let Some(freeze) = ctx.place.rules.freeze().filter(|_| is_held) {
        return Ok(waits_for_thaw(&ctx.at.stage, &freeze));
    }
    if let Some(stop) = ctx.not_consented(&rising(before, after)).await? {
        return Ok(stop);
    }
    // The PUT carries all that was read: not what was there before this run changed the endpoint.
    let is_former = ctx.is_former(&read.body);
    let write = Write::Route { read: Box::new(read), route: after.clone() };
    match is_former {
        true => {
            let note = "Azure still reports the endpoint as it was before this run changed it. It is read again.";
            Ok(doubt(note, Outcome::Send(write)))
        }
        false => Ok(send(ctx, write)),
    }
}
