//! Writes with a deadline. After a replica has recorded that it sends a write, another one may take over its lease
//! before the write leaves.
//!
//! Connecting takes time and the process may be paused, so the deadline is checked as late as possible: when the
//! connection is open and asks for the body. A server ignores a request whose body never arrives. For a request without
//! a body, the deadline is checked only before the request is handed to the connection.

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use reqwest::RequestBuilder;
use serde_json::Value;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Instant;

/// The deadline of a write has passed.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("connecting took too long, so nothing was sent")]
pub struct TooLate;

/// A request body with a deadline.
#[derive(Debug)]
pub struct Timely {
    bytes: Option<Bytes>,
    until: Instant,
}

impl Timely {
    /// Releases `bytes` only before `until`.
    #[must_use]
    pub fn new(bytes: impl Into<Bytes>, until: Instant) -> Self {
        Self { bytes: Some(bytes.into()), until }
    }
}

impl Body for Timely {
    type Data = Bytes;
    type Error = TooLate;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, TooLate>>> {
        let Some(bytes) = self.bytes.take() else { return Poll::Ready(None) };
        Poll::Ready(Some(check(self.until).map(|()| Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        self.bytes.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        let left = self.bytes.as_ref().map(Bytes::len).unwrap_or_default();
        SizeHint::with_exact(u64::try_from(left).unwrap_or(u64::MAX))
    }
}

/// Adds a JSON body with a deadline to a request.
pub fn json(request: RequestBuilder, body: &Value, until: Instant) -> RequestBuilder {
    let body = reqwest::Body::wrap(Timely::new(body.to_string(), until));
    request.header("content-type", "application/json").body(body)
}

/// Checks the deadline.
///
/// # Errors
/// [`TooLate`] if it has passed.
pub fn check(until: Instant) -> Result<(), TooLate> {
    if Instant::now() > until { Err(TooLate) } else { Ok(()) }
}

/// Whether [`TooLate`] is among an error's causes.
#[must_use]
pub fn is_behind(error: &(dyn std::error::Error + 'static)) -> bool {
    let mut causes = std::iter::successors(Some(error), |&error| error.source());
    causes.any(<dyn std::error::Error>::is::<TooLate>)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;
    use tokio::io::AsyncReadExt as _;
    use tokio::net::{TcpListener, TcpSocket, TcpStream};

    const BODY: &str = "a route";

    /// A listener with a full backlog: further connections wait until it accepts the earlier ones.
    async fn full() -> (TcpListener, Vec<TcpStream>) {
        let socket = TcpSocket::new_v4().expect("a socket");
        socket.bind("127.0.0.1:0".parse().expect("an address")).expect("a free port");
        let door = socket.listen(1).expect("it listens");
        let at = door.local_addr().expect("an address");
        let mut waiting = Vec::new();
        while let Ok(one) =
            tokio::time::timeout(Duration::from_millis(200), TcpStream::connect(at)).await
        {
            waiting.push(one.expect("a connection"));
        }
        (door, waiting)
    }

    /// Sends a body with the deadline `within` over a slow connection; returns what arrives and the sender's result.
    async fn sent(within: Duration) -> (String, reqwest::Result<reqwest::Response>) {
        let (door, waiting) = full().await;
        let url = format!("http://{}", door.local_addr().expect("an address"));
        let body = Timely::new(BODY, Instant::now() + within);
        let http = crate::azure::http::client().expect("a client");
        let put = http.put(url).body(reqwest::Body::wrap(body)).send();
        let mut put = tokio::spawn(put);
        let early = tokio::time::timeout(Duration::from_millis(300), &mut put).await;
        assert!(early.is_err(), "no connection is accepted yet");
        for _ in &waiting {
            door.accept().await.expect("a waiting connection");
        }
        let (mut last, _) = door.accept().await.expect("the sender's connection");
        let mut arrived = Vec::new();
        while !arrived.ends_with(BODY.as_bytes()) {
            if last.read_buf(&mut arrived).await.expect("it reads") == 0 {
                break;
            }
        }
        drop(last);
        (String::from_utf8(arrived).expect("text"), put.await.expect("no panic"))
    }

    #[tokio::test]
    async fn a_body_is_held_back_after_its_deadline() {
        let (arrived, told) = sent(Duration::from_millis(100)).await;
        assert!(!arrived.contains(BODY), "{arrived}");
        let error = told.expect_err("it was not sent");
        assert!(is_behind(&error), "{error:?}");
    }

    #[tokio::test]
    async fn a_body_before_its_deadline_arrives_with_its_length() {
        let (arrived, told) = sent(Duration::from_secs(60)).await;
        assert!(arrived.ends_with(BODY), "{arrived}");
        assert!(arrived.contains("content-length: 7"), "{arrived}");
        assert!(!is_behind(&told.expect_err("nobody answered")));
    }
}
