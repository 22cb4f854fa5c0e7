//! The HTTP server: one task per connection, with a timeout for everything that a client may delay.
//!
//! Connections close if the client sends no complete request or does not read its response in time. When all places are
//! taken, the connection that has been idle longest is closed, so that nobody can block others with open connections.

mod connections;
mod patient;
pub mod peer;

use crate::web::auth::Client;
use axum::Router;
use axum::body::Body;
use axum::http::{Request, Response};
use connections::{Place, Places};
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use patient::Patient;
use peer::Proxies;
use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tower::ServiceExt as _;

/// Timeout of a connection's first request head.
pub const FIRST_HEAD: Duration = Duration::from_secs(10);
/// Timeout of a further request head, after a response. Browsers keep connections open for a while.
pub const IDLE: Duration = Duration::from_secs(75);
/// Longest time in which a client reads nothing of its response.
pub const WRITE: Duration = Duration::from_secs(30);
/// Most connections, if the limit on open files allows as many.
pub const CONNECTIONS_MAX: usize = 4_096;
/// Most connections per address. Loopback and trusted proxies are exempt.
pub const CONNECTIONS_PER_ADDRESS_MAX: usize = 256;
/// Open files reserved for the database, Azure and GitHub.
const OTHER_FILES: u64 = 256;
/// Most bytes that a connection buffers: a request head, or an unread response.
const BUFFER_BYTES: usize = 64 * 1024;
/// Most concurrent requests on one HTTP/2 connection.
const HTTP2_REQUESTS_MAX: u32 = 64;
/// Interval and timeout of HTTP/2 pings.
const HTTP2_ALIVE: Duration = Duration::from_secs(20);
/// Pause after a failed accept.
const REFUSED_PAUSE: Duration = Duration::from_millis(50);

/// Limits and timeouts of connections. Tests use other ones.
#[derive(Debug, Clone)]
pub struct Rules {
    /// [`FIRST_HEAD`]
    pub first_head: Duration,
    /// [`IDLE`]
    pub idle: Duration,
    /// [`WRITE`]
    pub write: Duration,
    /// [`CONNECTIONS_MAX`], or fewer.
    pub connections: usize,
    /// [`CONNECTIONS_PER_ADDRESS_MAX`]
    pub per_address: usize,
    /// Proxies whose `X-Forwarded-For` header is trusted.
    pub proxies: Proxies,
}

impl Rules {
    /// The default rules, with as many connections as the limit on open files allows.
    #[must_use]
    pub fn new(proxies: Proxies) -> Self {
        Self {
            first_head: FIRST_HEAD,
            idle: IDLE,
            write: WRITE,
            connections: connections(open_files()),
            per_address: CONNECTIONS_PER_ADDRESS_MAX,
            proxies,
        }
    }
}

/// Raises the limit on open files as far as possible, and returns it.
fn open_files() -> u64 {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let now = getrlimit(Resource::Nofile);
    let wanted = CONNECTIONS_MAX as u64 + 4 * OTHER_FILES;
    let most = now.maximum.unwrap_or(wanted).min(wanted);
    let has = now.current.unwrap_or(wanted);
    if has >= most {
        return has;
    }
    let raised = Rlimit { current: Some(most), maximum: now.maximum };
    match setrlimit(Resource::Nofile, raised) {
        Ok(()) => most,
        Err(error) => {
            tracing::warn!(%error, files = has, "failed to raise the limit on open files");
            has
        }
    }
}

fn connections(files: u64) -> usize {
    let rest = files.saturating_sub(OTHER_FILES).max(files / 4);
    usize::try_from(rest).unwrap_or(CONNECTIONS_MAX).clamp(16, CONNECTIONS_MAX)
}

/// Serves until `stop` resolves, and then finishes the requests in progress. Drop the future to abort them.
///
/// # Errors
/// None at present: a failed accept is retried.
pub async fn run(
    listener: TcpListener,
    router: Router,
    rules: Rules,
    stop: impl Future<Output = ()> + Send,
) -> std::io::Result<()> {
    let places = Places::new(rules.connections, rules.per_address);
    let (stopping, stopped) = watch::channel(false);
    let shared = Arc::new(Shared { router, rules });
    let mut tasks = JoinSet::new();
    let mut stop = std::pin::pin!(stop);
    loop {
        tokio::select! {
            () = &mut stop => break,
            Some(_) = tasks.join_next(), if !tasks.is_empty() => {}
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => {
                    let exempt = peer.ip().to_canonical().is_loopback() || shared.rules.proxies.trusts(peer.ip());
                    if let Some(place) = places.take(peer.ip(), exempt) {
                        let task = connection(Arc::clone(&shared), stream, peer, place, stopped.clone());
                        tasks.spawn(Box::pin(task));
                    }
                }
                Err(error) => {
                    tracing::warn!(%error, "failed to accept a connection");
                    tokio::time::sleep(REFUSED_PAUSE).await;
                }
            },
        }
    }
    drop(listener);
    let _ = stopping.send(true);
    while tasks.join_next().await.is_some() {}
    Ok(())
}

struct Shared {
    router: Router,
    rules: Rules,
}

async fn connection(
    shared: Arc<Shared>,
    stream: TcpStream,
    peer: SocketAddr,
    place: Place,
    mut stopped: watch::Receiver<bool>,
) {
    let _ = stream.set_nodelay(true);
    let place = Arc::new(place);
    let rules = &shared.rules;
    let io = TokioIo::new(Patient::new(stream, rules.write));
    let service = {
        let (place, shared) = (Arc::clone(&place), Arc::clone(&shared));
        let peer = peer.ip().to_canonical();
        hyper::service::service_fn(move |request| {
            Box::pin(answer(Arc::clone(&shared), Arc::clone(&place), peer, request))
        })
    };
    let builder = builder(rules);
    let mut serving = Box::pin(builder.serve_connection(io, service).into_owned());
    let mut is_stopping = false;
    loop {
        tokio::select! {
            ended = serving.as_mut() => {
                if let Err(error) = ended {
                    tracing::debug!(%peer, error = %error, "a connection failed");
                }
                return;
            }
            () = place.evicted() => return,
            _ = stopped.changed(), if !is_stopping => {
                is_stopping = true;
                serving.as_mut().graceful_shutdown();
            }
            () = tokio::time::sleep(place.patience(rules.first_head, rules.idle)) => {
                if place.patience(rules.first_head, rules.idle).is_zero() {
                    return;
                }
            }
        }
    }
}

fn builder(rules: &Rules) -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(rules.idle)
        .max_buf_size(BUFFER_BYTES);
    builder
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(HTTP2_ALIVE)
        .keep_alive_timeout(HTTP2_ALIVE)
        .max_concurrent_streams(HTTP2_REQUESTS_MAX)
        .max_header_list_size(BUFFER_BYTES as u32)
        .max_send_buf_size(BUFFER_BYTES);
    builder
}

async fn answer(
    shared: Arc<Shared>,
    place: Arc<Place>,
    peer: IpAddr,
    request: Request<Incoming>,
) -> Result<Response<Body>, Infallible> {
    let busy = place.begin();
    let mut request = request.map(Body::new);
    let address = shared.rules.proxies.client(peer, request.headers());
    request.extensions_mut().insert(Client { address });
    let response = shared.router.clone().oneshot(request).await?;
    // The connection is busy until the client has read the response.
    Ok(response.map(|body| Body::new(connections::Working::new(body, busy))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_leave_open_files_for_other_uses() {
        for (files, room) in [(1_024, 768), (256, 64), (64, 16), (65_536, CONNECTIONS_MAX)] {
            assert_eq!(connections(files), room);
        }
    }
}
