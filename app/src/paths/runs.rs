//! The URLs of runs and of broken glass.

use super::{endpoint, image, query};
use domain::glass::{GlassId, Purpose};
use domain::run::RunId;
use domain::stage::EndpointKey;
use domain::target::Target;

/// Shows a run (GET) and decides on it (POST).
#[must_use]
pub fn run(id: &RunId) -> String {
    format!("/runs/{id}")
}

/// The page of what a run changes.
#[must_use]
pub fn target(target: &Target) -> String {
    match target {
        Target::Endpoint(at) => endpoint(at),
        Target::Image { stage, name } => image(stage, name),
    }
}

/// Server-sent events of a run.
#[must_use]
pub fn events_run(id: &RunId) -> String {
    format!("/events/runs/{id}")
}

/// Breaks glass on an endpoint (GET shows the plan and the form, POST breaks glass). Pass no purpose if the form's
/// fields contain it.
#[must_use]
pub fn break_glass(at: &EndpointKey, purpose: Option<&Purpose>) -> String {
    let fields = purpose.map(Purpose::fields).unwrap_or_default();
    format!("{}/break-glass{}", endpoint(at), query(&fields))
}

/// Shows one broken glass (GET) and acknowledges it (POST).
#[must_use]
pub fn broken_glass(id: &GlassId) -> String {
    format!("/glass/{id}")
}
