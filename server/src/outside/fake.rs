//! A server for the tests of clients: it records each request and answers what the test decides.
#![cfg(test)]

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::Response;
use bytes::Bytes;
use std::sync::{Arc, Mutex};
use tokio::task::JoinHandle;
use url::Url;

/// A request that arrived.
#[derive(Debug, Clone)]
pub struct Seen {
    pub method: Method,
    /// Path and query.
    pub target: String,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Seen {
    /// A header's value; empty without it.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// `GET /path`, without the query.
    pub fn line(&self) -> String {
        let path = self.target.split('?').next().unwrap_or_default();
        format!("{} {path}", self.method)
    }
}

/// The server. It stops when it is dropped.
pub struct Fake {
    pub url: Url,
    seen: Arc<Mutex<Vec<Seen>>>,
    task: JoinHandle<()>,
}

impl Drop for Fake {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Fake {
    /// Starts a server on a free port. `answer` gets the server's URL.
    pub async fn start(
        answer: impl Fn(&Seen, &Url) -> Response + Clone + Send + Sync + 'static,
    ) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}/", listener.local_addr().expect("an address"));
        let url: Url = url.parse().expect("a URL");
        let seen: Arc<Mutex<Vec<Seen>>> = Arc::default();
        let (at, kept) = (url.clone(), Arc::clone(&seen));
        let router = Router::new().fallback(move |request: Request| {
            let (answer, at, kept) = (answer.clone(), at.clone(), Arc::clone(&kept));
            async move {
                let (parts, body) = request.into_parts();
                let body = axum::body::to_bytes(body, 64 << 20).await.expect("a body");
                let target =
                    parts.uri.path_and_query().map_or_else(String::new, ToString::to_string);
                let one = Seen { method: parts.method, target, headers: parts.headers, body };
                kept.lock().expect("no panic").push(one.clone());
                answer(&one, &at)
            }
        });
        let task = tokio::spawn(async move {
            axum::serve(listener, router).await.expect("it serves");
        });
        Self { url, seen, task }
    }

    /// All requests so far.
    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().expect("no panic").clone()
    }

    /// The requests of one method to a path that contains a text.
    pub fn to(&self, method: &Method, part: &str) -> Vec<Seen> {
        let is_one = |seen: &Seen| seen.method == method && seen.target.contains(part);
        self.seen().into_iter().filter(is_one).collect()
    }
}

/// A JSON response.
pub fn json(status: u16, body: &serde_json::Value) -> Response {
    with(status, &[("content-type", "application/json")], body.to_string())
}

/// A response with headers.
pub fn with(status: u16, headers: &[(&str, &str)], body: impl Into<Body>) -> Response {
    let status = StatusCode::from_u16(status).expect("a status");
    let mut response = Response::builder().status(status);
    for (name, value) in headers {
        response = response.header(*name, *value);
    }
    response.body(body.into()).expect("a response")
}
