//! Server functions for breaking glass. Only server-side rendering calls them.

use crate::error::ConsoleError;
use crate::port::{BrokenView, GlassPlan};
use crate::wire::Json;
use domain::glass::{GlassId, Purpose};
use domain::stage::EndpointKey;
use leptos::prelude::*;

/// What breaking glass would do.
#[server(endpoint = "plan-glass", input = Json, output = Json)]
pub async fn plan_glass(at: EndpointKey, purpose: Purpose) -> Result<GlassPlan, ConsoleError> {
    crate::port::console()?.plan_glass(&at, purpose).await
}

/// The record of one broken glass.
#[server(endpoint = "read-broken-glass", input = Json, output = Json)]
pub async fn read_broken_glass(id: GlassId) -> Result<BrokenView, ConsoleError> {
    crate::port::console()?.broken_glass(&id).await
}
