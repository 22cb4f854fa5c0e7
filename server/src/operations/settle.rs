//! Finding out how one operation stands: by its checkpoint while Azure knows it, otherwise by looking at
//! the resource itself. "Succeeded" is believed only when what is read back is what was asked for.

use super::Operations;
use crate::azure::{self, deployments, endpoints, operation};
use crate::stages::Place;
use crate::store::operations::Open;
use app::domain::operation::{Action, Progress};
use app::domain::provisioning::ProvisioningState;
use app::domain::timestamp::Timestamp;

/// Pause between two questions when Azure names none, in milliseconds.
const PAUSE_MS: i64 = 1_000;
/// Longest pause after failed questions, in milliseconds.
const PAUSE_MS_MAX: i64 = 30_000;
/// Failed questions in a row after which the console gives up asking: about an hour.
const TROUBLES_MAX: u32 = 130;
/// How long an intent without an answer is left to the request that wrote it: above the HTTP timeout of
/// its reads and its write together.
const SENDING_MS_MAX: i64 = 150_000;

/// Whether the request that wrote the intent may still be sending it. Nobody sends an intent that is
/// older than this process: whoever wrote it is gone.
pub(super) fn is_being_sent(open: &Open, process_start: Timestamp, now: Timestamp) -> bool {
    open.operation.progress == Progress::Intended
        && open.operation.started >= process_start
        && now.0 - open.operation.started.0 < SENDING_MS_MAX
}

/// What one look at the resource says.
enum Look {
    Busy,
    AsAsked,
    Otherwise(String),
}

/// Asks once and returns the operation as it stands then.
pub(super) async fn advance(operations: &Operations, mut open: Open) -> Open {
    let now = operations.clock.now();
    let Ok(place) = operations.stages.get(&open.operation.endpoint.stage) else {
        let stage = &open.operation.endpoint.stage;
        let message = format!("The stage {stage} is no longer in the configuration.");
        return end(open, Progress::Failed { message }, now);
    };
    let asked = match open.checkpoint.clone() {
        Some(checkpoint) => operation::status(&place.arm, &checkpoint).await,
        None => Err(azure::Error::NotFound("no checkpoint".to_owned())),
    };
    let looked = match asked {
        Ok(operation::Status::Running { retry_after }) => {
            let pause = retry_after.and_then(|after| i64::try_from(after.as_millis()).ok());
            open.due = Timestamp(now.0 + pause.unwrap_or(PAUSE_MS).clamp(50, PAUSE_MS_MAX));
            open.troubles = 0;
            open.operation.progress = Progress::Running { trouble: None };
            return open;
        }
        Ok(operation::Status::Failed { message }) => {
            return end(open, Progress::Failed { message }, now);
        }
        // Azure is done, or does not know the operation (any more): the resource tells.
        Ok(operation::Status::Succeeded) | Err(azure::Error::NotFound(_)) => {
            look(place, &open.operation.endpoint, &open.operation.action).await
        }
        Err(error) => Err(error),
    };
    match looked {
        Ok(Look::AsAsked) => end(open, Progress::Succeeded, now),
        Ok(Look::Otherwise(message)) => end(open, Progress::Failed { message }, now),
        Ok(Look::Busy) => {
            open.due = Timestamp(now.0 + PAUSE_MS);
            open.operation.progress = Progress::Running { trouble: None };
            open
        }
        Err(error) => trouble(open, &error, now),
    }
}

fn end(mut open: Open, progress: Progress, now: Timestamp) -> Open {
    open.operation.progress = progress;
    open.operation.ended = Some(now);
    open
}

fn trouble(mut open: Open, error: &azure::Error, now: Timestamp) -> Open {
    open.troubles += 1;
    if open.troubles >= TROUBLES_MAX {
        let message = format!(
            "Azure was asked {TROUBLES_MAX} times and did not say how this ended ({error}). Look at the \
             endpoint in Azure before you change it again."
        );
        return end(open, Progress::Failed { message }, now);
    }
    let asked = match error {
        azure::Error::Throttled { retry_after: Some(after) } => {
            i64::try_from(after.as_millis()).unwrap_or(PAUSE_MS_MAX)
        }
        _ => PAUSE_MS << open.troubles.min(5),
    };
    open.due = Timestamp(now.0 + asked.min(PAUSE_MS_MAX));
    let trouble = Some(format!("{error}. Azure is still at work as far as we know; asking again."));
    open.operation.progress = Progress::Running { trouble };
    open
}

/// Looks at the resource itself.
async fn look(
    place: &Place,
    at: &app::domain::stage::EndpointKey,
    action: &Action,
) -> Result<Look, azure::Error> {
    let (arm, workspace) = (&place.arm, &place.workspace);
    Ok(match action {
        Action::SetRoute { after, .. } => {
            let endpoint = endpoints::get(arm, workspace, at).await?.endpoint;
            if endpoint.state.is_busy() {
                Look::Busy
            } else if endpoint.route == *after {
                Look::AsAsked
            } else {
                Look::Otherwise(format!(
                    "Azure has another route than the one asked for: {}. Nothing more is done; look at it \
                     and apply the route again if it is still right.",
                    endpoint.route
                ))
            }
        }
        Action::CreateDeployment { deployment } => {
            match deployments::get(arm, workspace, &at.endpoint, deployment).await? {
                None => Look::Otherwise(format!(
                    "Azure has no deployment {deployment}: it did not take the request. Create it again."
                )),
                Some(read) => match read.deployment.state {
                    ProvisioningState::Succeeded => Look::AsAsked,
                    state if state.is_busy() => Look::Busy,
                    state => Look::Otherwise(format!(
                        "{deployment} ended as {state}. Read its log, delete it and create it again."
                    )),
                },
            }
        }
        Action::DeleteDeployment { deployment } => {
            match deployments::get(arm, workspace, &at.endpoint, deployment).await? {
                None => Look::AsAsked,
                Some(read) if read.deployment.state.is_busy() => Look::Busy,
                Some(_) => Look::Otherwise(format!(
                    "{deployment} is still there: Azure did not delete it. Delete it again."
                )),
            }
        }
    })
}
