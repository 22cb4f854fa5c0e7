//! Reads the route parameters and the query of the page's URL. A missing or invalid parameter is
//! [`ConsoleError::NotFound`].

use crate::error::ConsoleError;
use domain::change::ChangeId;
use domain::evidence::EvidenceId;
use domain::glass::GlassId;
use domain::job::JobId;
use domain::name::{DeploymentName, StageName};
use domain::repository::ReleaseId;
use domain::run::RunId;
use domain::stage::EndpointKey;
use leptos::prelude::*;
use leptos_router::hooks::{use_location, use_params_map};

fn param<T: std::str::FromStr<Err: ToString>>(name: &str) -> Result<T, ConsoleError> {
    let text = use_params_map().with_untracked(|params| params.get(name)).unwrap_or_default();
    text.parse::<T>().map_err(|error| ConsoleError::NotFound(format!("{}.", error.to_string())))
}

/// The endpoint that the URL names.
pub fn endpoint() -> Result<EndpointKey, ConsoleError> {
    Ok(EndpointKey { stage: param("stage")?, endpoint: param("endpoint")? })
}

/// The deployment that the URL names, and its endpoint.
pub fn deployment() -> Result<(EndpointKey, DeploymentName), ConsoleError> {
    Ok((endpoint()?, param("deployment")?))
}

/// The deployment that the URL names, if it names one.
pub fn deployment_if_named() -> Result<Option<DeploymentName>, ConsoleError> {
    let is_named = use_params_map().with_untracked(|params| params.get("deployment").is_some());
    is_named.then(|| param("deployment")).transpose()
}

/// The run that the URL names.
pub fn run() -> Result<RunId, ConsoleError> {
    param("run")
}

/// The job that the URL names.
pub fn job() -> Result<JobId, ConsoleError> {
    param("job_id")
}

/// The image that the URL names, and its stage.
pub fn image() -> Result<(StageName, String), ConsoleError> {
    Ok((stage()?, param("image")?))
}

/// The stage that the URL names.
pub fn stage() -> Result<StageName, ConsoleError> {
    param("stage")
}

/// The change that the URL names.
pub fn change() -> Result<ChangeId, ConsoleError> {
    param("change")
}

/// The broken-glass record that the URL names.
pub fn glass() -> Result<GlassId, ConsoleError> {
    param("glass")
}

/// The index of the ledger entry that the URL names.
pub fn entry() -> Result<u64, ConsoleError> {
    param("entry").map_err(|_| {
        ConsoleError::NotFound(
            "There is no such entry. The audit log lists all entries.".to_owned(),
        )
    })
}

/// The evidence that the URL names.
pub fn evidence() -> Result<EvidenceId, ConsoleError> {
    param("evidence")
}

/// The release that the URL names.
pub fn release() -> Result<ReleaseId, ConsoleError> {
    let part = |name: &str| {
        let text = use_params_map().with_untracked(|params| params.get(name)).unwrap_or_default();
        let missing = || ConsoleError::NotFound("This address does not name a release.".to_owned());
        if text.is_empty() { Err(missing()) } else { Ok(text) }
    };
    Ok(ReleaseId {
        repository: part("repository")?,
        workflow: part("workflow")?,
        job: part("job")?,
    })
}

/// All fields of the URL's query, in order. The router's own query map decodes twice, so a `%26` inside a value
/// would split it.
#[must_use]
pub fn query() -> Vec<(String, String)> {
    let search = use_location().search;
    search.with_untracked(|search| form_urlencoded::parse(search.as_bytes()).into_owned().collect())
}

/// One field of the URL's query; the last one if the field is repeated.
#[must_use]
pub fn query_field(name: &str) -> Option<String> {
    let named = |(field, _): &(String, String)| field == name;
    query().into_iter().rfind(named).map(|(_, value)| value)
}
