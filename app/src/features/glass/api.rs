//! Glass' data. Only asked for while a page is rendered on the server.

use crate::domain::glass::{Deed, GlassId};
use crate::domain::stage::EndpointKey;
use crate::error::ConsoleError;
use crate::port::{BrokenView, GlassPlan};
use crate::wire::Json;
use leptos::prelude::*;

/// What breaking glass would do.
#[server(endpoint = "plan-glass", input = Json, output = Json)]
pub async fn plan_glass(at: EndpointKey, deed: Deed) -> Result<GlassPlan, ConsoleError> {
    crate::port::console()?.plan_glass(&at, deed).await
}

/// One broken glass.
#[server(endpoint = "read-broken-glass", input = Json, output = Json)]
pub async fn read_broken_glass(id: GlassId) -> Result<BrokenView, ConsoleError> {
    crate::port::console()?.broken_glass(&id).await
}
