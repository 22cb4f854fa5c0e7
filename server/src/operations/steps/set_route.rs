//! Sets split and mirror in one PUT of everything that was just read.

use super::write::Write;
use super::{Ctx, Outcome, done, doubt, fail, raw, send, waiting};
use crate::azure;
use crate::operations::plan::step::Step;
use app::domain::route::Route;
use app::domain::run::Output;
use app::domain::stage::Freeze;

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
    // The run began before the freeze; between two of its shares it can still stand still.
    let bakes = matches!(ctx.done.last(), Some(Step::Bake { .. }));
    if let Some(freeze) = ctx.place.rules.freeze().filter(|_| bakes) {
        let (stage, Freeze { by, reason, .. }) = (&ctx.at.stage, freeze);
        return Ok(waiting(format!("{by} froze {stage}: {reason}. It goes on when that is over.")));
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
