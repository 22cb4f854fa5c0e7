//! `/v1/$batch`: several queries in one request. They are answered one after the other.

use axum::body::Bytes;
use http::StatusCode;
use serde_json::{Map, Value, json};

use super::asked::Asked;
use super::refusal::Refusal;
use super::{Target, object, run};
use crate::inner::Inner;

/// Queries of one batch (the service's own limit is not documented).
const QUERIES_MAX: usize = 100;

/// Answers a batch.
///
/// # Errors
/// If it is no batch. An error of one query is in its own response.
pub async fn answer(inner: &Inner, body: &Bytes) -> Result<String, Refusal> {
    let body = object(body)?;
    let requests = body.get("requests").and_then(Value::as_array);
    let requests = requests.filter(|all| (1..=QUERIES_MAX).contains(&all.len()));
    let requests = requests.ok_or_else(|| {
        Refusal::Argument(format!("The property 'requests' must have 1 to {QUERIES_MAX} queries."))
    })?;
    let mut responses = Vec::new();
    for request in requests {
        let (status, body) = match one(inner, request).await {
            Ok(text) => (StatusCode::OK, text),
            Err(refusal) => (refusal.status(), refusal.body().to_string()),
        };
        let (id, status) = (&request["id"], status.as_u16());
        responses.push(format!(r#"{{"id":{id},"status":{status},"headers":{{}},"body":{body}}}"#));
    }
    Ok(format!(r#"{{"responses":[{}]}}"#, responses.join(",")))
}

async fn one(inner: &Inner, request: &Value) -> Result<String, Refusal> {
    let workspace = request["workspace"].as_str().unwrap_or_default();
    let target = Target::of(inner, &["workspaces", workspace])?;
    let headers = request["headers"].as_object().cloned().unwrap_or_default();
    let prefer = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("prefer"));
    let prefer = prefer.and_then(|(_, value)| value.as_str()).unwrap_or_default();
    let given: Map<String, Value> = match &request["body"] {
        Value::Object(map) => map.clone(),
        other => {
            let message = format!("The body of query {} must be an object.", json!(other));
            return Err(Refusal::Argument(message.chars().take(200).collect()));
        }
    };
    run(inner, target, Asked::read(&given, prefer, inner.clock.now())?).await
}
