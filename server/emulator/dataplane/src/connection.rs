//! Connections to instances: kept alive, pooled, and driven by the very task that uses them.
//!
//! Hyper's client wants its connection driven by a task of its own, which costs two wake-ups per request. Here the
//! requester polls both, so a request to an instance runs on the client's task from end to end, and a requester that
//! is dropped (its client went away, its time was up) takes its half-used connection with it.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll};

use bytes::{Bytes, BytesMut};
use http::response::Parts;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::{Body, Incoming};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;

use crate::address::{Address, Stream};

/// An answer is held in full, so it must end somewhere.
const ANSWER_BYTES_MAX: usize = 16 << 20;
/// Idle connections kept per instance and lane. More than that were a burst.
const IDLE_MAX: usize = 256;

type Driver = http1::Connection<TokioIo<Box<dyn Stream>>, Full<Bytes>>;

/// Why an exchange with an instance came to nothing.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ExchangeFailure {
    /// Not one byte of an answer arrived: another instance may be asked.
    #[error("the connection was lost before an answer began")]
    Unanswered,
    /// The answer broke off, or is too long.
    #[error("the answer is incomplete")]
    Incomplete,
}

/// Which traffic a connection carries. Mirrored copies have their own connections, because they run on their own
/// thread and must not take a connection from a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lane {
    Live,
    Mirrored,
}

/// One process to talk to. A process that is started again is a new backend, so no connection outlives its process.
pub(crate) struct Backend {
    address: Address,
    idle: [Mutex<Vec<Connection>>; 2],
}

struct Connection {
    sender: http1::SendRequest<Full<Bytes>>,
    /// None once the connection has ended.
    driver: Option<Driver>,
}

impl Backend {
    pub(crate) fn new(address: Address) -> Backend {
        Backend { address, idle: [Mutex::default(), Mutex::default()] }
    }

    pub(crate) fn address(&self) -> &Address {
        &self.address
    }

    /// Sends a request and reads the whole answer, over an idle connection if there is one and `is_retry` does not
    /// forbid it.
    pub(crate) async fn exchange(
        &self,
        lane: Lane,
        request: Request<Full<Bytes>>,
        is_retry: bool,
    ) -> Result<(Parts, Bytes), ExchangeFailure> {
        let idle = &self.idle[lane as usize];
        let reused = if is_retry { None } else { take_alive(idle).await };
        let mut connection = match reused {
            Some(connection) => connection,
            None => Connection::open(&self.address).await?,
        };
        let answer = connection.exchange(request).await?;
        if connection.is_reusable() {
            let mut idle = lock(idle);
            if idle.len() < IDLE_MAX {
                idle.push(connection);
            }
        }
        Ok(answer)
    }

    /// Sends a request over a connection of its own.
    pub(crate) async fn exchange_once(
        &self,
        request: Request<Full<Bytes>>,
    ) -> Result<(Parts, Bytes), ExchangeFailure> {
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

    async fn exchange(
        &mut self,
        request: Request<Full<Bytes>>,
    ) -> Result<(Parts, Bytes), ExchangeFailure> {
        let Connection { sender, driver } = self;
        let mut answer = pin!(async {
            sender.ready().await.map_err(|_| ExchangeFailure::Unanswered)?;
            let response = sender.send_request(request).await;
            read(response.map_err(|_| ExchangeFailure::Unanswered)?).await
        });
        poll_fn(|cx| {
            // First the request is handed to the driver, then the driver moves bytes, then the answer may be there.
            if let Poll::Ready(answer) = answer.as_mut().poll(cx) {
                return Poll::Ready(answer);
            }
            drive(driver, cx);
            answer.as_mut().poll(cx)
        })
        .await
    }

    /// Whether a connection that lay idle can take a request. An end that has arrived meanwhile is noticed here.
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
        // However it ended, the requester learns of it from its own half.
        *driver = None;
    }
}

async fn read(response: Response<Incoming>) -> Result<(Parts, Bytes), ExchangeFailure> {
    let (parts, mut body) = response.into_parts();
    let mut whole = Bytes::new();
    let mut grown = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|_| ExchangeFailure::Incomplete)?.into_data() else {
            continue;
        };
        // Nearly every answer is one frame and is passed on without a copy.
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

/// The idle connection used last; those that have died are dropped.
async fn take_alive(idle: &Mutex<Vec<Connection>>) -> Option<Connection> {
    loop {
        let mut connection = lock(idle).pop()?;
        if connection.is_alive().await {
            return Some(connection);
        }
    }
}

fn lock(idle: &Mutex<Vec<Connection>>) -> std::sync::MutexGuard<'_, Vec<Connection>> {
    idle.lock().unwrap_or_else(PoisonError::into_inner)
}
