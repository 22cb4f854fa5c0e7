//! Succeeds only if the endpoint has not changed since the plan, and the deployments that get more live traffic are
//! the approved ones. The output records the route and the live deployments for a roll-back.

use super::consented::{made_of, not_sent};
use super::{Ctx, Outcome, doubt, fail, raw, waiting};
use crate::azure::{self, endpoints::Read};
use crate::planner::step::route_after;
use domain::route::Route;
use domain::run::Output;

pub(super) async fn look(ctx: &Ctx<'_>, planned: Option<&Route>) -> Result<Outcome, azure::Error> {
    let name = &ctx.at.endpoint;
    let doubted = |verdict| {
        let note = format!(
            "Azure reports {name} in a different state than planned. The console reads it again to be sure."
        );
        Ok(doubt(note, verdict))
    };
    let read = match (ctx.endpoint().await?, planned) {
        (None, None) => {
            let note = format!("There is no endpoint {name} yet.");
            return Ok(Outcome::Done(Output { note, ..Output::default() }));
        }
        (None, Some(_)) => {
            let message =
                format!("The endpoint {name} no longer exists. Nothing was sent. Make a new plan.");
            return doubted(fail(message, &serde_json::Value::Null));
        }
        (Some(read), None) => {
            let message = format!(
                "The endpoint {name} was created after this was planned. Nothing was sent. Make a new plan."
            );
            return doubted(fail(message, &read.body));
        }
        (Some(read), Some(_)) => read,
    };
    let endpoint = &read.endpoint;
    if endpoint.state.is_busy() {
        return Ok(waiting(format!(
            "{name} is {}: waiting until Azure has finished.",
            endpoint.state
        )));
    }
    if let Some(problem) = &endpoint.route_problem {
        return doubted(fail(format!("{problem} Nothing was sent."), &read.body));
    }
    match planned {
        Some(planned) if endpoint.route != *planned => {
            let message = format!(
                "The route changed after this was planned: it was {planned}, it is {}. Nothing was sent. \
                 Check the new plan, then apply it if it is still right.",
                endpoint.route
            );
            doubted(fail(message, &read.body))
        }
        _ => consented(ctx, read).await,
    }
}

/// Compares the deployments with the warrant, if the run sets a route.
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
        note: format!("{} has not changed since the plan: {route}.", ctx.at.endpoint),
        route: Some(route),
        made_of: made,
        answer: raw(&read.body),
        ..Output::default()
    }))
}
