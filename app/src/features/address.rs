//! What the URL of a page is about.

use crate::domain::change::ChangeId;
use crate::domain::evidence::EvidenceId;
use crate::domain::glass::GlassId;
use crate::domain::name::{DeploymentName, StageName};
use crate::domain::repository::ReleaseId;
use crate::domain::run::RunId;
use crate::domain::stage::EndpointKey;
use crate::error::ConsoleError;
use leptos::prelude::*;
use leptos_router::hooks::{use_location, use_params_map};

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

/// The deployment that the URL names, if it names one.
///
/// # Errors
/// [`ConsoleError::NotFound`] when what stands there cannot be a name.
pub fn deployment_if_named() -> Result<Option<DeploymentName>, ConsoleError> {
    let is_named = use_params_map().with_untracked(|params| params.get("deployment").is_some());
    is_named.then(|| param("deployment")).transpose()
}

/// The run that the URL names.
///
/// # Errors
/// [`ConsoleError::NotFound`] when what stands there cannot be one.
pub fn run() -> Result<RunId, ConsoleError> {
    param("run")
}

/// The stage that the URL names.
///
/// # Errors
/// [`ConsoleError::NotFound`] when what stands there cannot be a name.
pub fn stage() -> Result<StageName, ConsoleError> {
    param("stage")
}

/// The change that the URL names.
///
/// # Errors
/// [`ConsoleError::NotFound`] when what stands there cannot be one.
pub fn change() -> Result<ChangeId, ConsoleError> {
    param("change")
}

/// The broken glass that the URL names.
///
/// # Errors
/// [`ConsoleError::NotFound`] when what stands there cannot be one.
pub fn glass() -> Result<GlassId, ConsoleError> {
    param("glass")
}

/// The index of the ledger's entry that the URL names.
///
/// # Errors
/// [`ConsoleError::NotFound`] when what stands there cannot be one.
pub fn entry() -> Result<u64, ConsoleError> {
    param("entry").map_err(|_| {
        ConsoleError::NotFound("There is no such entry; the History page lists them.".to_owned())
    })
}

/// The evidence that the URL names.
///
/// # Errors
/// [`ConsoleError::NotFound`] when what stands there cannot be one.
pub fn evidence() -> Result<EvidenceId, ConsoleError> {
    param("evidence")
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

/// All fields of the URL's query, in their order. Not the router's map of them, which decodes twice: a
/// `%26` inside a value would come out as the `&` that ends it.
#[must_use]
pub fn query() -> Vec<(String, String)> {
    let search = use_location().search;
    search.with_untracked(|search| form_urlencoded::parse(search.as_bytes()).into_owned().collect())
}

/// One field of the URL's query; the last, when it is there several times.
#[must_use]
pub fn query_field(name: &str) -> Option<String> {
    let named = |(field, _): &(String, String)| field == name;
    query().into_iter().rfind(named).map(|(_, value)| value)
}
