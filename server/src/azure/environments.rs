//! Environments: when the newest image was registered.

use super::arm::{Arm, ML_API_VERSION, Workspace};
use super::error::Error;
use super::wire::moment;
use app::domain::timestamp::Timestamp;
use serde_json::Value;

/// When the newest version of an environment was registered; `None` when there is no version.
///
/// # Errors
/// [`Error`]; [`Error::Garbled`] when Azure does not say when.
pub async fn newest(
    arm: &Arm,
    workspace: &Workspace,
    name: &str,
) -> Result<Option<Timestamp>, Error> {
    let mut url = arm.url(
        &format!("{}/environments", workspace.id()),
        ML_API_VERSION,
        // As the official SDK asks for the latest version (azure-wire.md §5.1).
        &[("$orderBy", "createdtime desc"), ("$top", "1")],
    )?;
    url.path_segments_mut()
        .map_err(|()| Error::Garbled("a URL without a path".to_owned()))?
        .extend([name, "versions"]);
    let body = match arm.get(url).await {
        Ok(reply) => reply.body,
        Err(Error::NotFound(_)) => return Ok(None),
        Err(error) => return Err(error),
    };
    let Some(versions) = body.get("value").and_then(Value::as_array) else {
        return Err(Error::Garbled("a list without “value”".to_owned()));
    };
    let Some(newest) = versions.first() else { return Ok(None) };
    let at = newest.pointer("/systemData/createdAt").and_then(Value::as_str).and_then(moment);
    at.map(Some).ok_or_else(|| Error::Garbled("an environment without createdAt".to_owned()))
}
