//! References to assets: which ids are valid, and whether the asset exists.

use crate::inner::Inner;
use crate::protocol::error::ArmError;
use crate::state::WorkspaceState;

/// Reads `{WS}/{kind}/{n}/versions/{v}` or `azureml:{n}:{v}`.
pub fn parse_reference(kind: &str, text: &str) -> Option<(String, String)> {
    let lower = text.to_lowercase();
    if let Some(at) = lower.find(&format!("/{kind}/")) {
        let mut parts = text[at + kind.len() + 2..].trim_end_matches('/').split('/');
        let name = parts.next()?.to_owned();
        let is_version = parts.next().is_some_and(|word| word.eq_ignore_ascii_case("versions"));
        let version = parts.next().filter(|_| is_version)?;
        return Some((name, version.to_owned()));
    }
    let rest = if lower.starts_with("azureml:") { &text[8..] } else { text };
    rest.rsplit_once(':').map(|(name, version)| (name.to_owned(), version.to_owned()))
}

/// Refuses a reference to an asset that does not exist. Registries and curated environments are not
/// checked; every other id must name an asset of this workspace.
pub fn check_reference(
    inner: &Inner,
    workspace: &WorkspaceState,
    kind: &str,
    text: &str,
) -> Result<(), ArmError> {
    let lower = text.to_lowercase();
    let is_elsewhere = lower.starts_with("azureml://registries/")
        || (kind == "environments" && lower.starts_with("azureml:azureml-"));
    if is_elsewhere {
        return Ok(());
    }
    let home = format!("{}/", inner.workspace_id(&workspace.name).to_lowercase());
    if lower.starts_with('/') && !lower.starts_with(&home) {
        return Err(ArmError::user(format!("The id [{text}] is not one of this workspace.")));
    }
    let Some((name, version)) = parse_reference(kind, text) else {
        return Err(ArmError::user(format!("The id [{text}] does not name one of {kind}.")));
    };
    let container = workspace.assets.get(kind).and_then(|all| all.get(&name.to_lowercase()));
    match container.map(|c| c.versions.iter().any(|asset| asset.version == version)) {
        Some(true) => Ok(()),
        _ => Err(ArmError::not_found(format!(
            "The asset [{name}:{version}] was not found in the {kind} of workspace [{}].",
            workspace.name
        ))),
    }
}
