//! Long-running operations as checkpoints: what to ask, kept in the store, so that a restart loses
//! nothing and no task sleeps.

use super::arm::{Arm, Reply};
use super::error::Error;
use super::refused::Refused;
use serde_json::Value;
use std::time::Duration;
use url::Url;

/// How an operation of Azure stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Status {
    /// Azure is at work.
    Running {
        /// When it wants to be asked again.
        retry_after: Option<Duration>,
    },
    /// It ended well.
    Succeeded,
    /// It failed or was cancelled.
    Failed {
        /// Azure's words.
        message: String,
    },
}

/// The checkpoint that an accepted request leaves: where to ask. `None` means that Azure answered
/// without one, and only the resource itself can tell.
#[must_use]
pub fn checkpoint(reply: &Reply) -> Option<String> {
    reply.operation.as_ref().map(Url::to_string)
}

/// Asks how it stands.
///
/// # Errors
/// [`Error`]; [`Error::NotFound`] when Azure has forgotten the operation, or the checkpoint leads to
/// another host than the stage's Azure has now: our token must not go there, and asking again would
/// not help.
pub async fn status(arm: &Arm, checkpoint: &str) -> Result<Status, Error> {
    read(arm, checkpoint).await.0
}

/// As [`status`], with Azure's raw answer; `Null` when there is none.
pub async fn read(arm: &Arm, checkpoint: &str) -> (Result<Status, Error>, Value) {
    match ask(arm, checkpoint).await {
        Ok(reply) => (told(&reply), reply.body),
        Err(error) => (Err(error), Value::Null),
    }
}

async fn ask(arm: &Arm, checkpoint: &str) -> Result<Reply, Error> {
    let elsewhere = |_| Error::NotFound("the operation is at another host".to_owned());
    arm.get(arm.followed(checkpoint).map_err(elsewhere)?).await
}

fn told(reply: &Reply) -> Result<Status, Error> {
    let text = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
    let Some(status) = text(reply.body.get("status")) else {
        return Err(Error::garbled("an operation without status"));
    };
    Ok(match status.to_ascii_lowercase().as_str() {
        "succeeded" => Status::Succeeded,
        "failed" | "canceled" | "cancelled" => {
            let Refused { code, message } = Refused::read(&reply.body);
            let message = match (code.as_str(), message.as_str()) {
                ("", "") => format!("Azure says {status} and gives no reason"),
                (code, "") => format!("Azure says {status}, {code}, and gives no reason"),
                ("", message) => message.to_owned(),
                (code, message) => format!("{code}: {message}"),
            };
            Status::Failed { message }
        }
        _ => Status::Running { retry_after: reply.retry_after },
    })
}
