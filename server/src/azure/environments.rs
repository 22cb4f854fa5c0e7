//! Environments: when the newest image was registered.

use super::arm::{Arm, Workspace};
use super::error::Error;
use super::newest;
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
    let newest = newest::of(arm, workspace, "environments", name).await?;
    let Some(newest) = newest else { return Ok(None) };
    let at = newest.pointer("/systemData/createdAt").and_then(Value::as_str).and_then(moment);
    at.map(Some).ok_or_else(|| Error::garbled("an environment without createdAt"))
}
