//! Sets split and mirror with one PUT of the endpoint as just read. Right before the PUT, compares the deployments that
//! get more live traffic with the run's warrant.

use super::write::Write;
use super::{Ctx, Outcome, done, doubt, fail, raw, send, waiting, waits_for_thaw};
use crate::azure;
use domain::evidence::status::rising;
use domain::route::Route;
use domain::run::Output;
use domain::run::warrant::held_by_freeze;

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
        // Azure may be carrying out this step's own PUT or another change. The next read after it shows which.
        return Ok(waiting(format!("{name} is {state}: waiting until Azure has finished.")));
    }
    if let Some(problem) = &read.endpoint.route_problem {
        let note = "Azure reports an invalid route. The console reads it again to be sure.";
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
    // The run may have begun before the freeze, which then holds back its next share.
    let is_held = held_by_freeze(ctx.warrant, before, after);
    if let Some(freeze) = ctx.place.rules.freeze().filter(|_| is_held) {
        return Ok(waits_for_thaw(&ctx.at.stage, &freeze));
    }
    if let Some(stop) = ctx.not_consented(&rising(before, after)).await? {
        return Ok(stop);
    }
    // The PUT includes the whole endpoint, so an outdated read would undo this run's own changes.
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
