//! Goes on only if the endpoint is as it was when this was planned, and what is to get more live traffic is what was
//! consented to. Its output keeps the route and what its live deployments are made of, for rolling back.

use super::consented::{made_of, not_sent};
use super::{Ctx, Outcome, doubt, fail, raw, route_after, waiting};
use crate::azure::{self, endpoints::Read};
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
        _ => consented(ctx, read).await,
    }
}

/// The same of the deployments, where the run sets a route.
async fn consented(ctx: &Ctx<'_>, read: Read) -> Result<Outcome, azure::Error> {
    let route = read.endpoint.route;
    let mut made = None;
    if route_after(ctx.all).is_some() {
        let now = ctx.deployments().await?;
        let named = ctx.warrant.into_iter().flat_map(|warrant| warrant.made_of.keys());
        if let Some(unlike) = ctx.other_than_consented(named, &now) {
            return Ok(not_sent(unlike));
        }
        made = Some(made_of(&route, &now));
    }
    Ok(Outcome::Done(Output {
        note: format!("{} is as planned on: {route}.", ctx.at.endpoint),
        route: Some(route),
        made_of: made,
        answer: raw(&read.body),
        ..Output::default()
    }))
}
