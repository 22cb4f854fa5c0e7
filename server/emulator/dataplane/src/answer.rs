//! Answers of the endpoint: status codes, error bodies and headers as callers know them from Azure.

use std::time::Duration;

use bytes::Bytes;
use http::header::{ALLOW, CONTENT_TYPE, SERVER};
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};
use http_body_util::Full;
use serde_json::json;

use crate::endpoint::Unadmitted;
use crate::forward::Forwarded;
use crate::plane::ScoreBody;

pub(crate) const DEPLOYMENT: HeaderName = HeaderName::from_static("azureml-model-deployment");
pub(crate) const CLIENT_REQUEST_ID: HeaderName = HeaderName::from_static("x-ms-client-request-id");
pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const MS_REQUEST_ID: HeaderName = HeaderName::from_static("x-ms-request-id");
const EXEC_MS: HeaderName = HeaderName::from_static("x-ms-run-fn-exec-ms");
const FUNCTION_FAILED: HeaderName = HeaderName::from_static("x-ms-run-function-failed");
const MODEL_STATUS: HeaderName = HeaderName::from_static("ms-azureml-model-error-statuscode");
const MODEL_REASON: HeaderName = HeaderName::from_static("ms-azureml-model-error-reason");
const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// An answer before the headers that every answer carries are added.
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) model_status: Option<StatusCode>,
    pub(crate) body: Bytes,
    content_type: HeaderValue,
    allow: Option<HeaderValue>,
}

impl Reply {
    /// An error of the endpoint itself.
    pub(crate) fn error(status: StatusCode, code: &str, message: &str) -> Reply {
        let body = json!({"error": {"code": code, "message": message}}).to_string();
        Reply {
            status,
            model_status: None,
            body: Bytes::from(body),
            content_type: JSON,
            allow: None,
        }
    }

    /// 405 with the method that would do.
    pub(crate) fn method(allow: &'static str, message: &str) -> Reply {
        let reply = Reply::error(StatusCode::METHOD_NOT_ALLOWED, "MethodNotAllowed", message);
        Reply { allow: Some(HeaderValue::from_static(allow)), ..reply }
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
                format!("Deployment {name} takes traffic but does not run."),
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

    /// What the caller gets for what the model did.
    pub(crate) fn forwarded(forwarded: Forwarded) -> Reply {
        let (parts, body) = match forwarded {
            Forwarded::Answered(parts, body) => (parts, body),
            Forwarded::TimedOut => {
                return Reply::error(
                    StatusCode::REQUEST_TIMEOUT,
                    "RequestTimeout",
                    "The model did not answer within the deployment's request timeout.",
                );
            }
            Forwarded::Lost => {
                return Reply::error(
                    StatusCode::BAD_GATEWAY,
                    "InstanceCrashed",
                    "The instance ended before it had answered.",
                );
            }
            Forwarded::NoneReady => {
                return Reply::error(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "InstancesNotReady",
                    "No instance of the deployment is ready.",
                );
            }
        };
        let is_ok = parts.status == StatusCode::OK;
        let status = if is_ok { StatusCode::OK } else { StatusCode::FAILED_DEPENDENCY };
        let content_type = parts.headers.get(CONTENT_TYPE).cloned().unwrap_or(JSON);
        Reply { status, model_status: Some(parts.status), body, content_type, allow: None }
    }

    /// The response, with all its headers.
    pub(crate) fn into_response(self, origin: &Origin) -> Response<ScoreBody> {
        let mut response = Response::new(Full::new(self.body));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.reserve(10);
        headers.insert(CONTENT_TYPE, self.content_type);
        headers.insert(SERVER, HeaderValue::from_static("azureml-frontdoor"));
        origin.write(headers);
        if let Some(allow) = self.allow {
            headers.insert(ALLOW, allow);
        }
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

/// Where an answer comes from, for its headers.
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

/// A random identifier in the form of a UUID of version 4.
fn new_request_id() -> HeaderValue {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    let mut random: u128 = rand::random();
    random = (random & !(0xf << 76)) | (0x4 << 76);
    random = (random & !(0x3 << 62)) | (0x2 << 62);
    let mut text = [b'-'; 36];
    let mut shift = 128;
    for (at, digit) in text.iter_mut().enumerate() {
        if !matches!(at, 8 | 13 | 18 | 23) {
            shift -= 4;
            *digit = HEX[(random >> shift) as usize & 0xf];
        }
    }
    // Hexadecimal digits and hyphens are always allowed in a header.
    HeaderValue::from_bytes(&text).unwrap_or_else(|_| HeaderValue::from_static("unknown"))
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
