//! Planning a route.
#![expect(missing_docs, reason = "the macro turns arguments into fields without documentation")]

use crate::domain::plan::Plan;
use crate::domain::route::Route;
use crate::domain::stage::EndpointKey;
use crate::error::ConsoleError;
use crate::wire::Json;
use leptos::prelude::*;

/// What setting a route would do.
#[server(endpoint = "plan-route", input = Json, output = Json)]
pub async fn plan_route(at: EndpointKey, route: Route) -> Result<Plan, ConsoleError> {
    crate::port::console()?.plan_route(&at, &route).await
}
