//! Long-running operations as checkpoints: the store keeps the status URL, so a restart loses nothing and no task
//! has to sleep.

use super::arm::{Arm, Reply};
use super::error::Error;
use super::refused::Refused;
use serde_json::Value;
use std::time::Duration;
use url::Url;

/// The status of an Azure operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Status {
    Running {
        retry_after: Option<Duration>,
    },
    Succeeded,
    /// Failed or cancelled.
    Failed {
        message: String,
    },
}

/// The checkpoint of an accepted request: its status URL. `None` if Azure sent none; only the resource itself then
/// shows the outcome.
#[must_use]
pub fn checkpoint(reply: &Reply) -> Option<String> {
    reply.operation.as_ref().map(Url::to_string)
}

/// Reads the status of an operation.
///
/// # Errors
/// [`Error`]; [`Error::NotFound`] if Azure no longer knows the operation, or if the checkpoint's host is not the
/// stage's current Azure, where the console's token must not be sent. A retry does not help in either case.
pub async fn status(arm: &Arm, checkpoint: &str) -> Result<Status, Error> {
    read(arm, checkpoint).await.0
}

/// As [`status`], with the body of Azure's response, or `Null`.
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
