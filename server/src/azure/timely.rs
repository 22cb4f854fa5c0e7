//! Writes that are good for a while only: whoever wrote down that they send something may have been overtaken by
//! the time it would leave.
//!
//! Between asking for a write and its first byte a connection may have to be made, and the process may be
//! paused. So the clock is looked at as late as can be: when the connection stands and wants the body. A request
//! whose body never comes is none. One without a body is held back only before it is handed to the connection.

use super::error::Error;
use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use reqwest::RequestBuilder;
use serde_json::Value;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Instant;

/// It would have left too late.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("reaching it took too long, so nothing was sent")]
pub struct TooLate;

/// A body that is given away until a certain moment.
#[derive(Debug)]
pub struct Timely {
    bytes: Option<Bytes>,
    until: Instant,
}

impl Timely {
    /// This body, until then.
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

impl From<TooLate> for Error {
    fn from(late: TooLate) -> Self {
        Self::Unavailable(late.to_string())
    }
}

/// Gives a request a body of JSON until a certain moment.
pub fn json(request: RequestBuilder, body: &Value, until: Instant) -> RequestBuilder {
    let body = reqwest::Body::wrap(Timely::new(body.to_string(), until));
    request.header("content-type", "application/json").body(body)
}

/// Whether it is still time.
///
/// # Errors
/// [`TooLate`].
pub fn check(until: Instant) -> Result<(), TooLate> {
    if Instant::now() > until { Err(TooLate) } else { Ok(()) }
}

/// Whether this is why something was not sent.
#[must_use]
pub fn is_behind(error: &(dyn std::error::Error + 'static)) -> bool {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if error.is::<TooLate>() {
            return true;
        }
        cause = error.source();
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;
    use tokio::io::AsyncReadExt as _;
    use tokio::net::{TcpListener, TcpSocket, TcpStream};

    const BODY: &str = "a route";

    /// A server to which nobody can connect any more until it lets those in who wait at its door.
    async fn full() -> (TcpListener, Vec<TcpStream>) {
        let socket = TcpSocket::new_v4().expect("a socket");
        socket.bind("127.0.0.1:0".parse().expect("an address")).expect("a free port");
        let door = socket.listen(1).expect("it listens");
        let at = door.local_addr().expect("an address");
        let mut waiting = Vec::new();
        while let Ok(one) =
            tokio::time::timeout(Duration::from_millis(200), TcpStream::connect(at)).await
        {
            waiting.push(one.expect("it is let in"));
        }
        (door, waiting)
    }

    /// What arrives when connecting takes longer than `within`, and what its sender is told.
    async fn sent(within: Duration) -> (String, reqwest::Result<reqwest::Response>) {
        let (door, waiting) = full().await;
        let url = format!("http://{}", door.local_addr().expect("an address"));
        let body = Timely::new(BODY, Instant::now() + within);
        let http = crate::azure::http::client().expect("a client");
        let put = http.put(url).body(reqwest::Body::wrap(body)).send();
        let mut put = tokio::spawn(put);
        let early = tokio::time::timeout(Duration::from_millis(300), &mut put).await;
        assert!(early.is_err(), "nobody is let in yet");
        for _ in &waiting {
            door.accept().await.expect("one who waited");
        }
        let (mut last, _) = door.accept().await.expect("the one who sends");
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
    async fn what_would_leave_too_late_is_held_back() {
        let (arrived, told) = sent(Duration::from_millis(100)).await;
        assert!(!arrived.contains(BODY), "{arrived}");
        let error = told.expect_err("it was not sent");
        assert!(is_behind(&error), "{error:?}");
    }

    #[tokio::test]
    async fn what_leaves_in_time_arrives_with_its_length() {
        let (arrived, told) = sent(Duration::from_secs(60)).await;
        assert!(arrived.ends_with(BODY), "{arrived}");
        assert!(arrived.contains("content-length: 7"), "{arrived}");
        assert!(!is_behind(&told.expect_err("nobody answered")));
    }
}
