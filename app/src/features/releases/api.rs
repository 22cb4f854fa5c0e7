//! Releases' data, and what their pages' URLs are about.
#![expect(missing_docs, reason = "the macro turns arguments into fields without documentation")]

use crate::domain::repository::{Reference, ReleaseId};
use crate::error::ConsoleError;
use crate::features::address;
use crate::port::{ReleasePlan, ReleaseView, ReleasesView};
use crate::wire::Json;
use leptos::prelude::*;

/// The repositories and their releases.
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

/// What a release would do, with answers in place of some of its inputs.
#[server(endpoint = "plan-release", input = Json, output = Json)]
pub async fn plan_release(
    id: ReleaseId,
    reference: Option<Reference>,
    answers: Vec<(String, String)>,
) -> Result<ReleasePlan, ConsoleError> {
    crate::port::console()?.plan_release(&id, reference.as_ref(), &answers).await
}

/// The reference that the URL names; none when it names none.
///
/// # Errors
/// [`ConsoleError::Invalid`] when what stands there is no reference.
pub fn reference() -> Result<Option<Reference>, ConsoleError> {
    let text = address::query_field("ref").filter(|text| !text.trim().is_empty());
    let Some(text) = text else { return Ok(None) };
    text.parse().map(Some).map_err(|error| ConsoleError::Invalid {
        field: Some("ref".to_owned()),
        message: format!("{error}."),
    })
}
