//! Long-running operations as the wire shows them (azure-wire.md §1.1): headers of the first
//! answer, the status, and the result that the SDK fetches once more at the end of a POST.

use std::sync::Arc;

use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::call::{Answer, Call};
use super::error::ArmError;
use crate::inner::Inner;
use crate::state::{Operation, Progress};

/// The URL of an operation's status; also `properties.properties.AzureAsyncOperationUri`.
pub fn status_url(inner: &Inner, base: &str, location: &str, id: &str, version: &str) -> String {
    format!("{base}{}/mfeOperationsStatus/{id}?api-version={version}", inner.location_id(location))
}

/// Headers of a PUT or PATCH that was accepted: `Location` is the resource itself.
pub fn resource_headers(
    inner: &Inner,
    call: &Call,
    location: &str,
    id: &str,
    resource: &str,
) -> Vec<(&'static str, String)> {
    let version = &call.api_version;
    let mut headers = vec![
        ("azure-asyncoperation", status_url(inner, &call.base, location, id, version)),
        ("location", format!("{}{resource}?api-version={version}", call.base)),
        ("x-ms-async-operation-timeout", "PT30M".to_owned()),
    ];
    headers.extend(inner.pace.retry_headers());
    headers
}

/// Headers of a DELETE or POST that was accepted: `Location` is the operation's result.
pub fn result_headers(
    inner: &Inner,
    call: &Call,
    location: &str,
    id: &str,
) -> Vec<(&'static str, String)> {
    let (base, version) = (&call.base, &call.api_version);
    let place = inner.location_id(location);
    let mut headers = vec![
        ("azure-asyncoperation", status_url(inner, base, location, id, version)),
        ("location", format!("{base}{place}/mfeOperationResults/{id}?api-version={version}")),
        ("x-ms-async-operation-timeout", "PT1H".to_owned()),
    ];
    headers.extend(inner.pace.retry_headers());
    headers
}

/// 202 with the literal `null`, as recorded.
pub fn accepted(inner: &Inner, call: &Call, location: &str, id: &str) -> Answer {
    Answer::json(StatusCode::ACCEPTED, Value::Null)
        .with_all(result_headers(inner, call, location, id))
}

fn find(inner: &Inner, call: &Call, collection: &str) -> Result<Operation, ArmError> {
    let id = call.after(collection);
    inner.store.read(|state| state.operations.get(&id).cloned()).ok_or_else(|| {
        ArmError::not_found(format!("Operation [{id}] was not found or has been forgotten."))
    })
}

/// `GET …/mfeOperationsStatus/{id}`
pub fn status(inner: &Arc<Inner>, call: &Call) -> Result<Answer, ArmError> {
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
pub fn result(inner: &Arc<Inner>, call: &Call) -> Result<Answer, ArmError> {
    call.only(&Method::GET, "GET")?;
    let operation = find(inner, call, "mfeOperationResults")?;
    match operation.progress {
        Progress::Succeeded => Ok(Answer::empty(StatusCode::NO_CONTENT)),
        Progress::Updating => {
            let location = call.after("locations");
            Ok(Answer::json(StatusCode::ACCEPTED, Value::Null).with_all(result_headers(
                inner,
                call,
                &location,
                &operation.id,
            )))
        }
        Progress::Failed | Progress::Canceled => {
            let error = operation.error.as_ref();
            let text = error.and_then(|e| e["message"].as_str()).unwrap_or("It was cancelled.");
            Err(ArmError::user(text))
        }
    }
}
