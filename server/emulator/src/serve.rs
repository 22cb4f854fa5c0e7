//! The only listener: scoring URIs go straight to the data plane, everything else to the router. Deliberate
//! faults come first.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use http::{HeaderName, HeaderValue, Request, Response, StatusCode, header};
use hyper::body::Incoming;
use hyper::service::Service;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::GracefulShutdown;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tower::ServiceExt;

use crate::blob_wire;
use crate::faults::{Misbehaviour, Respond};
use crate::inner::Shared;
use crate::key_vault;
use crate::vaults::reference::named_by;

/// How long open requests may take when the emulator stops.
const DRAIN_S: u64 = 5;

/// Why a connection is closed without an answer.
#[derive(Debug, thiserror::Error)]
#[error("dropped by a deliberate fault")]
pub struct Dropped;

#[derive(Clone)]
struct Front {
    inner: Shared,
    router: Router,
}

type Answering = Pin<Box<dyn Future<Output = Result<Response<Body>, Dropped>> + Send>>;

impl Service<Request<Incoming>> for Front {
    type Response = Response<Body>;
    type Error = Dropped;
    type Future = Answering;

    fn call(&self, request: Request<Incoming>) -> Answering {
        let front = self.clone();
        Box::pin(async move { front.answer(request).await })
    }
}

/// `/endpoints/{endpoint}/score` and `/endpoints/{endpoint}/swagger.json`.
fn scored(path: &str) -> Option<&str> {
    let rest = path.strip_prefix("/endpoints/")?;
    let (endpoint, what) = rest.split_once('/')?;
    matches!(what, "score" | "swagger.json").then_some(endpoint)
}

impl Front {
    async fn answer(self, request: Request<Incoming>) -> Result<Response<Body>, Dropped> {
        let path = request.uri().path();
        if !path.starts_with("/emulator/")
            && let Some(respond) = self.inner.faults.take(request.method(), path)
        {
            if matches!(respond, Respond::Named(Misbehaviour::Lost)) {
                let Ok(_): Result<Response<Body>, Infallible> =
                    self.router.oneshot(request.map(Body::new)).await;
            }
            return faulty(respond).await;
        }
        if let Some(endpoint) = scored(path) {
            let endpoint = endpoint.to_owned();
            let response = self.inner.plane.score(&endpoint, request).await;
            return Ok(response.map(Body::new));
        }
        let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
        let host = host.unwrap_or_default().to_owned();
        let is_blob_host = host.contains(".blob.");
        let request = request.map(Body::new);
        if is_blob_host {
            let rest = request.uri().path().trim_start_matches('/').to_owned();
            return Ok(blob_wire::serve(&self.inner, &rest, request).await);
        }
        if named_by(&host).is_some() {
            return Ok(key_vault::by_host(&self.inner, &host, request).await);
        }
        let Ok(response): Result<Response<Body>, Infallible> = self.router.oneshot(request).await;
        Ok(response)
    }
}

async fn faulty(respond: Respond) -> Result<Response<Body>, Dropped> {
    match respond {
        Respond::Named(Misbehaviour::Drop | Misbehaviour::Lost) => Err(Dropped),
        Respond::Named(Misbehaviour::Hang) => std::future::pending().await,
        Respond::Named(Misbehaviour::Garbage) => {
            Ok(Response::new(Body::from("<html>\u{1}{]garbage, as asked")))
        }
        Respond::Answer { status, retry_after, headers: more, body } => {
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            let body = body.unwrap_or_else(|| {
                let code = status.canonical_reason().unwrap_or("Fault").replace(' ', "");
                json!({ "error": { "code": code, "message": "This is a deliberate fault." } })
            });
            let mut response = Response::new(Body::from(body.to_string()));
            *response.status_mut() = status;
            let headers = response.headers_mut();
            headers.insert(
                header::CONTENT_TYPE,
                HeaderValue::from_static("application/json; charset=utf-8"),
            );
            if let Some(seconds) = retry_after {
                headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
            }
            for (name, value) in &more {
                let pair = HeaderName::try_from(name).ok().zip(HeaderValue::from_str(value).ok());
                if let Some((name, value)) = pair {
                    headers.insert(name, value);
                }
            }
            Ok(response)
        }
    }
}

/// Serves until `stop` resolves, then drains.
pub async fn run(
    listener: TcpListener,
    inner: Shared,
    router: Router,
    mut stop: watch::Receiver<bool>,
) {
    let front = Front { inner, router };
    let server = Arc::new(auto::Builder::new(TokioExecutor::new()));
    let graceful = GracefulShutdown::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stop.wait_for(|is_over| *is_over) => break,
        };
        let stream = match accepted {
            Ok((stream, _)) => stream,
            Err(error) => {
                // The likely cause is a lack of file descriptors; a loop without a pause would use a whole
                // core.
                tracing::warn!(%error, "a connection was not accepted");
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        // Without this option, small answers would be delayed, but not wrong.
        let _ = stream.set_nodelay(true);
        let connection = server.serve_connection(TokioIo::new(stream), front.clone()).into_owned();
        let connection = graceful.watch(connection);
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a connection ended");
            }
        });
    }
    drop(listener);
    if tokio::time::timeout(Duration::from_secs(DRAIN_S), graceful.shutdown()).await.is_err() {
        tracing::debug!("connections were still open after {DRAIN_S} s");
    }
}
