//! What the URL of a page is about.

use crate::domain::name::DeploymentName;
use crate::domain::repository::ReleaseId;
use crate::domain::stage::EndpointKey;
use crate::error::ConsoleError;
use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};

fn param<T: std::str::FromStr<Err: ToString>>(name: &str) -> Result<T, ConsoleError> {
    let text = use_params_map().with_untracked(|params| params.get(name)).unwrap_or_default();
    text.parse::<T>().map_err(|error| ConsoleError::NotFound(format!("{}.", error.to_string())))
}

/// The endpoint that the URL names.
///
/// # Errors
/// [`ConsoleError::NotFound`] when what stands there cannot be a name.
pub fn endpoint() -> Result<EndpointKey, ConsoleError> {
    Ok(EndpointKey { stage: param("stage")?, endpoint: param("endpoint")? })
}

/// The deployment that the URL names, and its endpoint.
///
/// # Errors
/// [`ConsoleError::NotFound`] when what stands there cannot be a name.
pub fn deployment() -> Result<(EndpointKey, DeploymentName), ConsoleError> {
    Ok((endpoint()?, param("deployment")?))
}

/// The release that the URL names.
///
/// # Errors
/// [`ConsoleError::NotFound`] when a part of it is missing.
pub fn release() -> Result<ReleaseId, ConsoleError> {
    let part = |name: &str| {
        let text = use_params_map().with_untracked(|params| params.get(name)).unwrap_or_default();
        let missing = || ConsoleError::NotFound("This address names no release.".to_owned());
        if text.is_empty() { Err(missing()) } else { Ok(text) }
    };
    Ok(ReleaseId {
        repository: part("repository")?,
        workflow: part("workflow")?,
        job: part("job")?,
    })
}

/// All fields of the URL's query.
#[must_use]
pub fn query() -> Vec<(String, String)> {
    use_query_map().with_untracked(|query| {
        query.latest_values().map(|(name, value)| (name.to_string(), value.to_owned())).collect()
    })
}

/// One field of the URL's query.
#[must_use]
pub fn query_field(name: &str) -> Option<String> {
    use_query_map().with_untracked(|query| query.get(name))
}
