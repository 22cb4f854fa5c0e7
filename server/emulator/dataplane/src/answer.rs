//! Answers of the endpoint: status codes, error bodies and headers as Azure sends them.

use std::time::{Duration, Instant};

use bytes::Bytes;
use http::header::{ALLOW, CONTENT_TYPE, SERVER};
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};
use http_body_util::Full;
use serde_json::json;

use crate::endpoint::Unadmitted;
use crate::forward::Forwarded;
use crate::headers::{DEPLOYMENT, REQUEST_ID};
use crate::recorder::Outcome;

const CLIENT_REQUEST_ID: HeaderName = HeaderName::from_static("x-ms-client-request-id");
const MS_REQUEST_ID: HeaderName = HeaderName::from_static("x-ms-request-id");
const EXEC_MS: HeaderName = HeaderName::from_static("x-ms-run-fn-exec-ms");
const FUNCTION_FAILED: HeaderName = HeaderName::from_static("x-ms-run-function-failed");
const MODEL_STATUS: HeaderName = HeaderName::from_static("ms-azureml-model-error-statuscode");
const MODEL_REASON: HeaderName = HeaderName::from_static("ms-azureml-model-error-reason");
const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// The body of an answer. It is buffered: answers are small, and a whole answer can be dropped for a retry.
pub type ScoreBody = Full<Bytes>;

/// An answer without the headers that every answer has.
pub(crate) struct Reply {
    status: StatusCode,
    model_status: Option<StatusCode>,
    body: Bytes,
    content_type: HeaderValue,
    /// What the model adds, or what this error needs.
    custom: Option<Box<HeaderMap>>,
}

impl Reply {
    /// An error of the endpoint itself.
    pub(crate) fn error(status: StatusCode, code: &str, message: &str) -> Reply {
        let body = json!({"error": {"code": code, "message": message}}).to_string();
        let body = Bytes::from(body);
        Reply { status, model_status: None, body, content_type: JSON, custom: None }
    }

    /// 405 with the allowed method.
    pub(crate) fn method(allow: &'static str, message: &str) -> Reply {
        let reply = Reply::error(StatusCode::METHOD_NOT_ALLOWED, "MethodNotAllowed", message);
        let custom = HeaderMap::from_iter([(ALLOW, HeaderValue::from_static(allow))]);
        Reply { custom: Some(Box::new(custom)), ..reply }
    }

    pub(crate) fn unadmitted(unadmitted: &Unadmitted) -> Reply {
        let (status, code, message) = match unadmitted {
            Unadmitted::NoWeight => (
                StatusCode::NOT_FOUND,
                "NoDeployment",
                "No deployment of this endpoint has a positive traffic weight.".to_owned(),
            ),
            Unadmitted::NotFound(name) => (
                StatusCode::NOT_FOUND,
                "DeploymentNotFound",
                format!("This endpoint has no deployment {name}."),
            ),
            Unadmitted::NotRunning(name) => (
                StatusCode::SERVICE_UNAVAILABLE,
                "DeploymentNotReady",
                format!("Deployment {name} has live traffic but is not running."),
            ),
            Unadmitted::Busy(name) => (
                StatusCode::TOO_MANY_REQUESTS,
                "TooManyRequests",
                format!(
                    "Deployment {name} already has twice as many requests in flight as its instances take at once."
                ),
            ),
        };
        Reply::error(status, code, &message)
    }

    /// Turns the outcome of the model's call into an answer.
    pub(crate) fn forwarded(forwarded: Forwarded) -> Reply {
        let (status, code, message) = match forwarded {
            Forwarded::Answered(parts, body) => {
                let is_ok = parts.status == StatusCode::OK;
                let status = if is_ok { StatusCode::OK } else { StatusCode::FAILED_DEPENDENCY };
                let content_type = parts.headers.get(CONTENT_TYPE).cloned().unwrap_or(JSON);
                let model_status = Some(parts.status);
                let custom = custom(&parts.headers);
                return Reply { status, model_status, body, content_type, custom };
            }
            Forwarded::TimedOut => (
                StatusCode::REQUEST_TIMEOUT,
                "RequestTimeout",
                "The model did not answer within the deployment's request timeout.",
            ),
            Forwarded::Lost => (
                StatusCode::BAD_GATEWAY,
                "InstanceCrashed",
                "The instance ended before it had answered.",
            ),
            Forwarded::NoneReady => (
                StatusCode::SERVICE_UNAVAILABLE,
                "InstancesNotReady",
                "No instance of the deployment is ready.",
            ),
        };
        Reply::error(status, code, message)
    }

    /// What is recorded of it.
    pub(crate) fn outcome(&self, since: Instant, bytes_in: usize) -> Outcome {
        Outcome {
            status: self.status.as_u16(),
            model_status: self.model_status.map(|status| status.as_u16()),
            latency: since.elapsed(),
            bytes_in,
            bytes_out: self.body.len(),
        }
    }

    /// Adds all headers.
    pub(crate) fn into_response(self, origin: &Origin) -> Response<ScoreBody> {
        let mut response = Response::new(Full::new(self.body));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.reserve(10);
        headers.extend(self.custom.map(|custom| *custom).unwrap_or_default());
        headers.insert(CONTENT_TYPE, self.content_type);
        headers.insert(SERVER, HeaderValue::from_static("azureml-frontdoor"));
        origin.write(headers);
        if let Some(model_status) = self.model_status {
            let failed = if model_status == StatusCode::OK { "False" } else { "True" };
            headers.insert(FUNCTION_FAILED, HeaderValue::from_static(failed));
            if model_status != StatusCode::OK {
                headers.insert(MODEL_STATUS, HeaderValue::from(model_status.as_u16()));
                headers.insert(MODEL_REASON, HeaderValue::from_static("model_error"));
            }
        }
        response
    }
}

/// The headers that a model adds by itself. Azure passes on what a scoring script sets; which names are excepted is not
/// documented, so these are only the ones that no proxy uses.
fn custom(headers: &HeaderMap) -> Option<Box<HeaderMap>> {
    let own = headers.iter().filter(|(name, _)| name.as_str().starts_with("x-"));
    let own: HeaderMap = own.map(|(name, value)| (name.clone(), value.clone())).collect();
    (!own.is_empty()).then(|| Box::new(own))
}

/// The origin of an answer, for its headers.
pub(crate) struct Origin {
    pub(crate) request_id: HeaderValue,
    pub(crate) client_request_id: Option<HeaderValue>,
    pub(crate) deployment: Option<HeaderValue>,
    /// How long the model took.
    pub(crate) ran: Option<Duration>,
}

impl Origin {
    pub(crate) fn of(headers: &HeaderMap) -> Origin {
        Origin {
            request_id: new_request_id(),
            client_request_id: headers.get(CLIENT_REQUEST_ID).cloned(),
            deployment: None,
            ran: None,
        }
    }

    fn write(&self, headers: &mut HeaderMap) {
        headers.insert(REQUEST_ID, self.request_id.clone());
        headers.insert(MS_REQUEST_ID, self.request_id.clone());
        if let Some(id) = &self.client_request_id {
            headers.insert(CLIENT_REQUEST_ID, id.clone());
        }
        if let Some(deployment) = &self.deployment {
            headers.insert(DEPLOYMENT, deployment.clone());
        }
        let ran = self.ran.map(|ran| format!("{:.3}", ran.as_secs_f64() * 1_000.0));
        if let Some(Ok(ran)) = ran.map(HeaderValue::try_from) {
            headers.insert(EXEC_MS, ran);
        }
    }
}

/// A random UUID, version 4.
fn new_request_id() -> HeaderValue {
    // Not `Uuid::new_v4`, which makes a system call for each.
    let id = uuid::Builder::from_random_bytes(rand::random()).into_uuid();
    // Hexadecimal digits and hyphens are always allowed in a header.
    HeaderValue::try_from(id.to_string()).unwrap_or_else(|_| HeaderValue::from_static("unknown"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn request_ids_look_like_uuids() {
        let id = new_request_id();
        let id = id.to_str().unwrap();
        assert_eq!(id.len(), 36);
        assert_eq!(id.as_bytes()[14], b'4');
        assert!(b"89ab".contains(&id.as_bytes()[19]));
        assert_eq!(id.match_indices('-').map(|(at, _)| at).collect::<Vec<_>>(), [8, 13, 18, 23]);
        assert_ne!(new_request_id(), new_request_id());
    }
}
