//! Environments: when the newest version was registered.

use super::arm::{Arm, Workspace};
use super::error::Error;
use super::newest;
use super::wire::moment;
use domain::timestamp::Timestamp;
use serde_json::Value;

/// When the newest version of an environment was registered; `None` if it has no version.
///
/// # Errors
/// [`Error`]; [`Error::Garbled`] if the response has no time.
pub async fn newest(
    arm: &Arm,
    workspace: &Workspace,
    name: &str,
) -> Result<Option<Timestamp>, Error> {
    let newest = newest::of(arm, workspace, "environments", name).await?;
    let Some(newest) = newest else { return Ok(None) };
    let at = newest.pointer("/systemData/createdAt").and_then(Value::as_str).and_then(moment);
    at.map(Some).ok_or_else(|| Error::garbled("an environment without createdAt"))
}
