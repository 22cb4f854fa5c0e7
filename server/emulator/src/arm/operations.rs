//! Long-running operations on the wire: the headers of the first answer, the status, and the result, which
//! the SDK fetches once more at the end of a POST.

use std::sync::Arc;

use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::inner::Inner;
use crate::protocol::call::{Answer, Answered, Call};
use crate::protocol::error::ArmError;
use crate::state::{Operation, Progress, Provisioning};
use crate::work;

/// The URL of an operation's status; also `properties.properties.AzureAsyncOperationUri`.
pub fn status_url(inner: &Inner, base: &str, location: &str, id: &str, version: &str) -> String {
    format!("{base}{}/mfeOperationsStatus/{id}?api-version={version}", inner.location_id(location))
}

/// Adds the headers of an accepted operation. `place` is a path, for `Location`.
fn with_headers(
    answer: Answer,
    inner: &Inner,
    call: &Call,
    (location, id): (&str, &str),
    (place, timeout): (&str, &str),
) -> Answer {
    let (base, version) = (&call.base, &call.api_version);
    answer
        .with("azure-asyncoperation", status_url(inner, base, location, id, version))
        .with("location", format!("{base}{place}?api-version={version}"))
        .with("x-ms-async-operation-timeout", timeout)
        .with_all(inner.pace.retry_headers())
}

/// Starts the operation of a PUT or PATCH, and answers with the current resource: a change shows only after
/// its success. `Location` is the resource itself.
pub fn begun(
    inner: &Arc<Inner>,
    call: &Call,
    (location, id): (&str, &str),
    (status, view): (StatusCode, Value),
) -> Answer {
    inner.stale.asked_by(call, id);
    work::spawn(inner, id);
    let place = view["id"].as_str().unwrap_or_default().to_owned();
    let answer = Answer::json(status, view);
    with_headers(answer, inner, call, (location, id), (&place, "PT30M"))
}

/// The answer to a DELETE or POST: 202 with the literal `null`, as Azure was recorded to send it. `Location`
/// is the operation's result.
pub fn accepted(inner: &Inner, call: &Call, location: &str, id: &str) -> Answer {
    let answer = Answer::json(StatusCode::ACCEPTED, Value::Null);
    let place = format!("{}/mfeOperationResults/{id}", inner.location_id(location));
    with_headers(answer, inner, call, (location, id), (&place, "PT1H"))
}

/// The answer to a DELETE whose operation may have begun: 204 if there was nothing to delete.
pub fn deleting(inner: &Arc<Inner>, call: &Call, begun: Option<(String, String)>) -> Answer {
    let Some((id, location)) = begun else { return Answer::empty(StatusCode::NO_CONTENT) };
    inner.stale.asked_by(call, &id);
    work::spawn(inner, &id);
    accepted(inner, call, &location, &id)
}

/// Refuses a second change of an endpoint or deployment while one is in flight.
pub fn check_at_rest(what: &str, name: &str, state: Provisioning) -> Result<(), ArmError> {
    if !state.is_moving() {
        return Ok(());
    }
    let state = state.as_str();
    Err(ArmError::conflict(format!(
        "Online {what} [{name}] is in state {state}: another operation is in progress. Try again when it \
         has ended."
    )))
}

fn find(inner: &Inner, call: &Call, collection: &str) -> Result<Operation, ArmError> {
    let id = call.after(collection);
    inner.store.read(|state| state.operations.get(&id).cloned()).ok_or_else(|| {
        ArmError::not_found(format!("Operation [{id}] was not found or has been forgotten."))
    })
}

/// `GET …/mfeOperationsStatus/{id}`
pub fn status(inner: &Arc<Inner>, call: &Call) -> Answered {
    call.only(&Method::GET, "GET")?;
    let operation = find(inner, call, "mfeOperationsStatus")?;
    let is_done = operation.progress != Progress::Updating;
    let mut body = json!({
        "id": format!("{}/mfeOperationsStatus/{}",
            inner.location_id(&call.after("locations")), operation.id),
        "name": operation.id,
        "startTime": operation.started_at,
        "percentComplete": if is_done { 100.0 } else { 0.0 },
        "status": match operation.progress {
            Progress::Updating => "Updating",
            Progress::Succeeded => "Succeeded",
            Progress::Failed => "Failed",
            Progress::Canceled => "Canceled",
        },
    });
    if let Some(ended_at) = operation.ended_at {
        body["endTime"] = Value::String(ended_at);
    }
    if let Some(error) = operation.error {
        body["error"] = error;
    }
    let answer = Answer::ok(body);
    Ok(if is_done { answer } else { answer.with_all(inner.pace.retry_headers()) })
}

/// `GET …/mfeOperationResults/{id}`: 202 while it runs, then 204.
pub fn result(inner: &Arc<Inner>, call: &Call) -> Answered {
    call.only(&Method::GET, "GET")?;
    let operation = find(inner, call, "mfeOperationResults")?;
    match operation.progress {
        Progress::Succeeded => Ok(Answer::empty(StatusCode::NO_CONTENT)),
        Progress::Updating => Ok(accepted(inner, call, &call.after("locations"), &operation.id)),
        Progress::Failed | Progress::Canceled => {
            let error = operation.error.as_ref();
            let text = error.and_then(|e| e["message"].as_str()).unwrap_or("It was cancelled.");
            Err(ArmError::user(text))
        }
    }
}
