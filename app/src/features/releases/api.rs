//! Server functions for releases, and the reference in their pages' URLs.

use crate::components::address;
use crate::error::ConsoleError;
use crate::port::{ReleasePlan, ReleaseView, ReleasesView};
use crate::wire::Json;
use domain::repository::{Reference, ReleaseId};
use leptos::prelude::*;

/// The repositories and their releases; `again` reads the repositories again.
#[server(endpoint = "read-releases", input = Json, output = Json)]
pub async fn read_releases(
    reference: Option<Reference>,
    again: bool,
) -> Result<ReleasesView, ConsoleError> {
    crate::port::console()?.releases(reference.as_ref(), again).await
}

/// One release.
#[server(endpoint = "read-release", input = Json, output = Json)]
pub async fn read_release(
    id: ReleaseId,
    reference: Option<Reference>,
) -> Result<ReleaseView, ConsoleError> {
    crate::port::console()?.release(&id, reference.as_ref()).await
}

/// Plans a release, with answers in place of some inputs.
#[server(endpoint = "plan-release", input = Json, output = Json)]
pub async fn plan_release(
    id: ReleaseId,
    reference: Option<Reference>,
    answers: Vec<(String, String)>,
) -> Result<ReleasePlan, ConsoleError> {
    crate::port::console()?.plan_release(&id, reference.as_ref(), &answers).await
}

/// The reference that the URL names, if any.
///
/// # Errors
/// [`ConsoleError::Invalid`] when the text is not a valid reference.
pub fn reference() -> Result<Option<Reference>, ConsoleError> {
    let text = address::query_field("ref").filter(|text| !text.trim().is_empty());
    let Some(text) = text else { return Ok(None) };
    text.parse().map(Some).map_err(|error| ConsoleError::Invalid {
        field: Some("ref".to_owned()),
        message: format!("{error}."),
    })
}
