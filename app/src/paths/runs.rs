//! The addresses of runs, and of the glass that was broken for them.

use super::{endpoint, query};
use crate::domain::glass::{Deed, GlassId};
use crate::domain::run::RunId;
use crate::domain::stage::EndpointKey;

/// A run's page (GET), and decisions about it (POST).
#[must_use]
pub fn run(id: &RunId) -> String {
    format!("/runs/{id}")
}

/// Live changes of a run (server-sent events).
#[must_use]
pub fn events_run(id: &RunId) -> String {
    format!("/events/runs/{id}")
}

/// Breaking glass on an endpoint (GET shows the plan and the form, POST breaks it). Without a deed, where a form
/// brings it along.
#[must_use]
pub fn break_glass(at: &EndpointKey, deed: Option<&Deed>) -> String {
    let fields = deed.map(Deed::fields).unwrap_or_default();
    format!("{}/break-glass{}", endpoint(at), query(&fields))
}

/// One broken glass (GET), and acknowledging it (POST).
#[must_use]
pub fn broken_glass(id: &GlassId) -> String {
    format!("/glass/{id}")
}
