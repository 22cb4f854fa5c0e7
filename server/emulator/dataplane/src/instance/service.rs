//! The HTTP service of an instance.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::json;

use crate::address::Stream;
use crate::fault::Fault;
use crate::model::{EXAMPLE_REQUEST, Model};

/// The log has one line per this many requests; a line for each would hide everything else.
const REQUESTS_PER_LINE: u64 = 1_000;
/// The first errors are all logged, then one in a hundred.
const ERRORS_LOGGED_ALL: u64 = 20;
const ERRORS_PER_LINE: u64 = 100;
/// `fail-some` fails exactly every tenth request, so that tests need not wait for chance.
const FAIL_EVERY: u64 = 10;
const SLOW_BY: Duration = Duration::from_millis(300);

/// The state of the model server.
pub(super) struct Service {
    model: Model,
    fault: Option<Fault>,
    requests: AtomicU64,
    errors: AtomicU64,
}

/// Serves one connection until it is closed.
pub(super) fn spawn(stream: impl Stream + 'static, service: Arc<Service>) {
    tokio::spawn(async move {
        let answer = service_fn(|request| {
            let service = service.clone();
            async move { service.answer(request).await }
        });
        // The router handles broken connections.
        let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), answer).await;
    });
}

impl Service {
    pub(super) fn new(model: Model, fault: Option<Fault>) -> Service {
        Service { model, fault, requests: AtomicU64::new(0), errors: AtomicU64::new(0) }
    }

    async fn answer(
        &self,
        request: Request<Incoming>,
    ) -> Result<Response<Full<Bytes>>, hyper::Error> {
        Ok(match (request.method(), request.uri().path()) {
            (&Method::POST, "/score") => {
                let body = request.into_body().collect().await?.to_bytes();
                self.score(&body).await
            }
            (&Method::GET, "/") => plain(StatusCode::OK, "Healthy"),
            (&Method::GET, "/ready") if self.fault == Some(Fault::Readiness) => {
                plain(StatusCode::SERVICE_UNAVAILABLE, "init() has not finished")
            }
            (&Method::GET, "/ready") => plain(StatusCode::OK, "Ready"),
            (&Method::GET, "/swagger.json") => json_answer(StatusCode::OK, self.swagger()),
            (_, "/score") => plain(StatusCode::METHOD_NOT_ALLOWED, "Only POST"),
            _ => plain(StatusCode::NOT_FOUND, "No such path"),
        })
    }

    async fn score(&self, body: &[u8]) -> Response<Full<Bytes>> {
        let number = self.requests.fetch_add(1, Ordering::Relaxed) + 1;
        if number.is_multiple_of(REQUESTS_PER_LINE) {
            let errors = self.errors.load(Ordering::Relaxed);
            eprintln!("{number} requests answered, {errors} of them with an error");
        }
        match self.fault {
            Some(Fault::Scoring) => return self.fault_answer(),
            Some(Fault::Some) if number.is_multiple_of(FAIL_EVERY) => return self.fault_answer(),
            Some(Fault::SlowScoring) => tokio::time::sleep(SLOW_BY).await,
            _ => {}
        }
        // Serialization cannot fail, because all numbers are finite.
        match self.model.score(body).map(|answer| serde_json::to_vec(&answer)) {
            Ok(Ok(answer)) => json_answer(StatusCode::OK, answer),
            Ok(Err(error)) => self.error(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string()),
            Err(failure) => self.error(StatusCode::BAD_REQUEST, &failure.to_string()),
        }
    }

    fn fault_answer(&self) -> Response<Full<Bytes>> {
        let reason =
            "the scoring script raised an exception in run(), as the deployment's name asked it to";
        self.error(StatusCode::INTERNAL_SERVER_ERROR, reason)
    }

    fn error(&self, status: StatusCode, reason: &str) -> Response<Full<Bytes>> {
        let number = self.errors.fetch_add(1, Ordering::Relaxed) + 1;
        if number <= ERRORS_LOGGED_ALL || number.is_multiple_of(ERRORS_PER_LINE) {
            eprintln!("Error {number} in run(): {status}: {reason}");
        }
        let body = json!({"error": {"code": status.as_u16(), "message": reason}});
        json_answer(status, body.to_string())
    }

    fn swagger(&self) -> String {
        let example: serde_json::Value = serde_json::from_str(EXAMPLE_REQUEST).unwrap_or_default();
        let content = |value| json!({"application/json": value});
        json!({
            "openapi": "3.0.3",
            "info": {
                "title": self.model.name,
                "version": self.model.version.to_string(),
                "description": "Ranks the next questions for a student by what each would tell."
            },
            "paths": {"/score": {"post": {
                "operationId": "score",
                "requestBody": {"required": true, "content": content(json!({"example": example}))},
                "responses": {
                    "200": {"description": "The ability and the ranking", "content": content(json!({}))},
                    "default": {"description": "What is wrong with the request"}
                }
            }}}
        })
        .to_string()
    }
}

fn json_answer(status: StatusCode, body: impl Into<Bytes>) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(body.into()));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

fn plain(status: StatusCode, body: &'static str) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from_static(body.as_bytes())));
    *response.status_mut() = status;
    response
}
