//! The newest version of a model or an environment.

use super::arm::{Arm, ML_API_VERSION, Workspace};
use super::error::Error;
use serde_json::Value;

/// Longest version, in characters.
const VERSION_CHARS_MAX: usize = 255;

/// Azure's body of the version that was registered last; `None` if there is no version. `collection` is `models` or
/// `environments`.
pub async fn of(
    arm: &Arm,
    workspace: &Workspace,
    collection: &str,
    name: &str,
) -> Result<Option<Value>, Error> {
    let mut url = arm.url(
        &format!("{}/{collection}", workspace.id()),
        ML_API_VERSION,
        // The official SDK sends the same query for the latest version (azure-wire.md §5.1).
        &[("$orderBy", "createdtime desc"), ("$top", "1")],
    )?;
    url.path_segments_mut()
        .map_err(|()| Error::garbled("a URL without a path"))?
        .extend([name, "versions"]);
    let mut body = match arm.get(url).await {
        Ok(reply) => reply.body,
        Err(Error::NotFound(_)) => return Ok(None),
        Err(error) => return Err(error),
    };
    let Some(Value::Array(versions)) = body.get_mut("value").map(Value::take) else {
        return Err(Error::garbled("a list without “value”"));
    };
    Ok(versions.into_iter().next())
}

/// The name of the newest version; `None` if there is no version.
///
/// # Errors
/// [`Error`]; [`Error::Garbled`] if the name cannot be part of an ID.
pub async fn version(
    arm: &Arm,
    workspace: &Workspace,
    collection: &str,
    name: &str,
) -> Result<Option<String>, Error> {
    let Some(body) = of(arm, workspace, collection, name).await? else { return Ok(None) };
    let version = body.get("name").and_then(Value::as_str).unwrap_or_default();
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    let is_version = !version.is_empty()
        && version.len() <= VERSION_CHARS_MAX
        && version.chars().all(is_plain)
        && version.chars().any(|c| c.is_ascii_alphanumeric());
    if is_version {
        Ok(Some(version.to_owned()))
    } else {
        Err(Error::garbled("a version without a name"))
    }
}
