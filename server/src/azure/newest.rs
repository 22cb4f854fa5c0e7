//! Assets of a workspace: the newest version of a model or an environment.

use super::arm::{Arm, ML_API_VERSION, Workspace};
use super::error::Error;
use serde_json::Value;

/// Longest version, in characters.
const VERSION_CHARS_MAX: usize = 255;

/// Azure's body of the version that was registered last; `None` when there is none. `collection` is ARM's:
/// `models`, `environments`.
///
/// # Errors
/// [`Error`].
pub async fn of(
    arm: &Arm,
    workspace: &Workspace,
    collection: &str,
    name: &str,
) -> Result<Option<Value>, Error> {
    let mut url = arm.url(
        &format!("{}/{collection}", workspace.id()),
        ML_API_VERSION,
        // As the official SDK asks for the latest version (azure-wire.md §5.1).
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

/// The newest version, as its id names it; `None` when there is none.
///
/// # Errors
/// [`Error`]; [`Error::Garbled`] when what Azure calls a version cannot be one: it becomes part of an id.
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
