//! Connections to instances: kept alive, pooled, and driven by the task that uses them.
//!
//! Hyper's client normally drives its connection in a separate task, which costs two wake-ups per request.
//! Here the requester polls both, so a request to an instance runs on the client's task from end to end. If
//! the requester is dropped (because the client disconnected, or by a timeout), its half-used connection is
//! dropped with it.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::{Context, Poll};

use bytes::{Bytes, BytesMut};
use http::response::Parts;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::{Body, Incoming};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use parking_lot::Mutex;

use crate::address::{Address, Stream};

/// Answers are buffered, so their size is limited.
const ANSWER_BYTES_MAX: usize = 16 << 20;
/// The number of idle connections that are kept per instance and lane. More come only from a burst.
const IDLE_MAX: usize = 256;

type Exchanged = Result<(Parts, Bytes), ExchangeFailure>;
type Driver = http1::Connection<TokioIo<Box<dyn Stream>>, Full<Bytes>>;

/// Why an exchange with an instance failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ExchangeFailure {
    /// No byte of an answer arrived, so another instance can be tried.
    #[error("the connection was lost before an answer began")]
    Unanswered,
    /// The answer was truncated, or is too long.
    #[error("the answer is incomplete")]
    Incomplete,
}

/// The kind of traffic on a connection. Mirrored copies have their own connections, because they run on
/// their own thread and must not take a connection from a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lane {
    Live,
    Mirrored,
}

/// One process to talk to. A restarted process is a new backend, so no connection outlives its process.
pub(crate) struct Backend {
    pub(crate) address: Address,
    idle: [Mutex<Vec<Connection>>; 2],
}

struct Connection {
    sender: http1::SendRequest<Full<Bytes>>,
    /// `None` after the connection has ended.
    driver: Option<Driver>,
}

impl Backend {
    pub(crate) fn new(address: Address) -> Backend {
        Backend { address, idle: [Mutex::default(), Mutex::default()] }
    }

    /// Sends a request and reads the whole answer. Uses an idle connection if there is one, unless
    /// `is_retry` forbids it.
    pub(crate) async fn exchange(
        &self,
        lane: Lane,
        request: Request<Full<Bytes>>,
        is_retry: bool,
    ) -> Exchanged {
        let idle = &self.idle[lane as usize];
        let reused = if is_retry { None } else { take_alive(idle).await };
        let mut connection = match reused {
            Some(connection) => connection,
            None => Connection::open(&self.address).await?,
        };
        let answer = connection.exchange(request).await?;
        if connection.is_reusable() {
            let mut idle = idle.lock();
            if idle.len() < IDLE_MAX {
                idle.push(connection);
            }
        }
        Ok(answer)
    }

    /// Sends a request over a new connection.
    pub(crate) async fn exchange_once(&self, request: Request<Full<Bytes>>) -> Exchanged {
        Connection::open(&self.address).await?.exchange(request).await
    }
}

impl Connection {
    async fn open(address: &Address) -> Result<Connection, ExchangeFailure> {
        let stream = address.connect().await.map_err(|_| ExchangeFailure::Unanswered)?;
        let handshake = http1::handshake(TokioIo::new(stream)).await;
        let (sender, driver) = handshake.map_err(|_| ExchangeFailure::Unanswered)?;
        Ok(Connection { sender, driver: Some(driver) })
    }

    async fn exchange(&mut self, request: Request<Full<Bytes>>) -> Exchanged {
        let Connection { sender, driver } = self;
        let mut answer = pin!(async {
            sender.ready().await.map_err(|_| ExchangeFailure::Unanswered)?;
            let response = sender.send_request(request).await;
            read(response.map_err(|_| ExchangeFailure::Unanswered)?).await
        });
        poll_fn(|cx| {
            // First the request goes to the driver, then the driver moves bytes, then the answer may be
            // ready.
            if let Poll::Ready(answer) = answer.as_mut().poll(cx) {
                return Poll::Ready(answer);
            }
            drive(driver, cx);
            answer.as_mut().poll(cx)
        })
        .await
    }

    /// Whether an idle connection can take a request. Detects here if the other side has closed it.
    async fn is_alive(&mut self) -> bool {
        poll_fn(|cx| {
            drive(&mut self.driver, cx);
            let is_ready = matches!(self.sender.poll_ready(cx), Poll::Ready(Ok(())));
            Poll::Ready(self.driver.is_some() && is_ready)
        })
        .await
    }

    fn is_reusable(&self) -> bool {
        self.driver.is_some() && !self.sender.is_closed()
    }
}

fn drive(driver: &mut Option<Driver>, cx: &mut Context<'_>) {
    if let Some(running) = driver
        && Pin::new(running).poll(cx).is_ready()
    {
        // The requester learns from its own half how the connection ended.
        *driver = None;
    }
}

async fn read(response: Response<Incoming>) -> Exchanged {
    let (parts, mut body) = response.into_parts();
    let mut whole = Bytes::new();
    let mut grown = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|_| ExchangeFailure::Incomplete)?.into_data() else {
            continue;
        };
        // Nearly every answer is one frame, which is passed on without a copy.
        if whole.is_empty() && grown.is_empty() && body.is_end_stream() {
            whole = data;
            continue;
        }
        if grown.len() + data.len() > ANSWER_BYTES_MAX {
            return Err(ExchangeFailure::Incomplete);
        }
        grown.extend_from_slice(&data);
    }
    Ok((parts, if grown.is_empty() { whole } else { grown.freeze() }))
}

/// The most recently used idle connection. Drops closed ones.
async fn take_alive(idle: &Mutex<Vec<Connection>>) -> Option<Connection> {
    loop {
        let mut connection = idle.lock().pop()?;
        if connection.is_alive().await {
            return Some(connection);
        }
    }
}
