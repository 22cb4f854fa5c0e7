//! Goes on only if the endpoint is as it was when this was planned. Its output keeps the route, for rolling
//! back.

use super::{Ctx, Outcome, doubt, fail, raw, waiting};
use crate::azure;
use app::domain::route::Route;
use app::domain::run::Output;

pub(super) async fn look(ctx: &Ctx<'_>, planned: Option<&Route>) -> Result<Outcome, azure::Error> {
    let name = &ctx.at.endpoint;
    let doubted = |verdict| {
        let note = format!(
            "Azure does not report {name} as this was planned on. It is read again before that is believed."
        );
        Ok(doubt(note, verdict))
    };
    let read = match (ctx.endpoint().await?, planned) {
        (None, None) => {
            let note = format!("There is no endpoint {name} yet.");
            return Ok(Outcome::Done(Output { note, ..Output::default() }));
        }
        (None, Some(_)) => {
            let message = format!("There is no endpoint {name} any more. Nothing was sent.");
            return doubted(fail(message, &serde_json::Value::Null));
        }
        (Some(read), None) => {
            let message = format!(
                "There is an endpoint {name} by now, and this was planned without one. Nothing was sent. \
                 Look at the new plan."
            );
            return doubted(fail(message, &read.body));
        }
        (Some(read), Some(_)) => read,
    };
    let endpoint = &read.endpoint;
    if endpoint.state.is_busy() {
        return Ok(waiting(format!("{name} is {}: waiting until that has ended.", endpoint.state)));
    }
    if let Some(problem) = &endpoint.route_problem {
        return doubted(fail(format!("{problem} Nothing was sent."), &read.body));
    }
    match planned {
        Some(planned) if endpoint.route != *planned => {
            let message = format!(
                "The route changed after this was planned: it was {planned}, it is {}. Nothing was sent. \
                 Look at the new plan and apply it if it is still right.",
                endpoint.route
            );
            doubted(fail(message, &read.body))
        }
        _ => Ok(Outcome::Done(Output {
            note: format!("{name} is as planned on: {}.", endpoint.route),
            route: Some(endpoint.route.clone()),
            answer: raw(&read.body),
            ..Output::default()
        })),
    }
}
