//! Answering on the network: one task for each connection, with an end to all that a client may let wait.
//!
//! A client that says nothing, half a request or nothing more is let go after a while; one that does not take
//! its answer, too. When all places are taken, whoever has been idle for longest makes room, so that nobody
//! can keep others out by holding connections open.

mod patient;
pub mod peer;
mod places;

use crate::web::attach::Client;
use axum::Router;
use axum::body::Body;
use axum::http::{Request, Response};
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use patient::Patient;
use peer::Proxies;
use places::{Place, Places};
use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tower::ServiceExt as _;

/// Until a connection has sent its first whole request head.
pub const FIRST_HEAD: Duration = Duration::from_secs(10);
/// Until it has sent another one, after an answer: browsers keep connections for a while.
pub const IDLE: Duration = Duration::from_secs(75);
/// Until a client takes more of its answer.
pub const WRITE: Duration = Duration::from_secs(30);
/// Connections of everybody, if the machine lets the console have so many files.
pub const CONNECTIONS_MAX: usize = 4_096;
/// Connections from one address; those from this machine and from trusted proxies are not counted.
pub const CONNECTIONS_PER_ADDRESS_MAX: usize = 256;
/// Files that are not left to connections: the database, Azure, GitHub.
const OTHER_FILES: u64 = 256;
/// What a connection may buffer, in bytes: a head, or an answer that is not taken.
const BUFFER_BYTES: usize = 64 * 1024;
/// Requests at once on one HTTP/2 connection.
const HTTP2_REQUESTS_MAX: u32 = 64;
/// Between two questions whether an HTTP/2 client is still there, and until it answers.
const HTTP2_ALIVE: Duration = Duration::from_secs(20);
/// After the machine refused another connection.
const REFUSED_PAUSE: Duration = Duration::from_millis(50);

/// What connections may do.
#[derive(Debug, Clone)]
pub struct Rules {
    /// [`FIRST_HEAD`], where no test says otherwise.
    pub first_head: Duration,
    /// [`IDLE`]
    pub idle: Duration,
    /// [`WRITE`]
    pub write: Duration,
    /// [`CONNECTIONS_MAX`], or fewer.
    pub connections: usize,
    /// [`CONNECTIONS_PER_ADDRESS_MAX`]
    pub per_address: usize,
    /// Proxies that are believed whom they speak for.
    pub proxies: Proxies,
}

impl Rules {
    /// As documented, with as many connections as this machine lets the console have.
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

/// Raises the limit on open files as far as the machine allows; how many they are then.
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
            tracing::warn!(%error, files = has, "the limit on open files stays as it is");
            has
        }
    }
}

fn connections(files: u64) -> usize {
    let rest = files.saturating_sub(OTHER_FILES).max(files / 4);
    usize::try_from(rest).unwrap_or(CONNECTIONS_MAX).clamp(16, CONNECTIONS_MAX)
}

/// Answers until `stop` resolves; then no more, but what is under way is finished. Drop it to end that, too.
///
/// # Errors
/// Never yet: a listener that refuses is tried again.
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
                    tracing::warn!(%error, "a connection was not accepted");
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
                    tracing::debug!(%peer, error = %error, "a connection ended early");
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
    // The connection is at work until its answer was taken.
    Ok(response.map(|body| Body::new(places::Working::new(body, busy))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_leave_files_for_the_rest() {
        for (files, room) in [(1_024, 768), (256, 64), (64, 16), (65_536, CONNECTIONS_MAX)] {
            assert_eq!(connections(files), room);
        }
    }
}
