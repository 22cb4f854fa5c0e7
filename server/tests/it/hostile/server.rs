//! The hostile server, which plays Azure Resource Manager, scoring, metrics, logs, GitHub and Entra ID. A
//! second, foreign host must never receive a request.

use super::document;
use super::mode::Mode;
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use flate2::Compression;
use flate2::write::GzEncoder;
use futures::StreamExt as _;
use futures::stream;
use server::outside::caps::Within;
use std::collections::BTreeMap;
use std::io::Write as _;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use url::Url;

/// Must not appear in any message, or at any other host.
pub const SECRETS: [&str; 8] = [
    "the-endpoints-key",
    "the-endpoints-token",
    "a-token",
    "the-githubs-token",
    "the-clients-secret",
    "the-sas-signature",
    "the-registrys-token",
    "the-apps-token",
];
/// Size of the compressed body when it is expanded.
const BOMB_BYTES: usize = 64 * 1024 * 1024;
const MANY: usize = 1_000_000;
const LEVELS: usize = 100_000;

struct Shared {
    mode: Mutex<Mode>,
    own: Url,
    foreign: Url,
    /// The number of requests for each path.
    asked: Mutex<BTreeMap<String, usize>>,
    /// The requests that the foreign host received.
    foreign_asked: Mutex<Vec<String>>,
    most_sent: AtomicUsize,
}

/// Both servers.
pub struct World {
    shared: Arc<Shared>,
    servers: [JoinHandle<()>; 2],
}

impl Drop for World {
    fn drop(&mut self) {
        self.servers.iter().for_each(JoinHandle::abort);
    }
}

impl World {
    pub async fn start(mode: Mode) -> Self {
        let (own, own_url) = listen().await;
        let (foreign, foreign_url) = listen().await;
        let shared = Arc::new(Shared {
            mode: Mutex::new(mode),
            own: own_url,
            foreign: foreign_url,
            asked: Mutex::default(),
            foreign_asked: Mutex::default(),
            most_sent: AtomicUsize::new(0),
        });
        let hostile = Router::new().fallback(answer).with_state(Arc::clone(&shared));
        let other = Router::new().fallback(foreign_answer).with_state(Arc::clone(&shared));
        let serve = |listener, router: Router| {
            tokio::spawn(async move {
                axum::serve(listener, router).await.expect("it serves");
            })
        };
        Self { servers: [serve(own, hostile), serve(foreign, other)], shared }
    }

    /// Switches to another mode.
    pub fn turn(&self, mode: Mode) {
        *self.shared.mode.lock().expect("no panic") = mode;
    }

    pub fn mode(&self) -> Mode {
        *self.shared.mode.lock().expect("no panic")
    }

    pub fn own(&self) -> &Url {
        &self.shared.own
    }

    /// The host that answers point to.
    pub fn named(&self) -> &Url {
        if self.mode() == Mode::Elsewhere { &self.shared.foreign } else { &self.shared.own }
    }

    /// How long answers may take in this test.
    pub fn within(&self) -> Within {
        let ms = Duration::from_millis;
        match self.mode() {
            Mode::Drip => Within { answer: ms(400), read: ms(600), list: ms(800) },
            _ => Within { answer: ms(8_000), read: ms(8_000), list: ms(8_000) },
        }
    }

    pub fn foreign_requests(&self) -> Vec<String> {
        self.shared.foreign_asked.lock().expect("no panic").clone()
    }

    pub fn paths(&self) -> Vec<String> {
        self.shared.asked.lock().expect("no panic").keys().cloned().collect()
    }

    /// The highest number of identical requests. Requests for tokens do not count, because each operation
    /// makes one.
    pub fn most_asked(&self) -> usize {
        let asked = self.shared.asked.lock().expect("no panic");
        let asked = asked.iter().filter(|(path, _)| !path.starts_with("/honest"));
        asked.map(|(_, count)| *count).max().unwrap_or_default()
    }

    /// The most bytes that a client read of one answer.
    pub fn most_sent(&self) -> usize {
        self.shared.most_sent.load(Ordering::Relaxed)
    }
}

async fn listen() -> (TcpListener, Url) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("http://{}/", listener.local_addr().expect("an address"));
    (listener, url.parse().expect("a URL"))
}

async fn foreign_answer(State(shared): State<Arc<Shared>>, request: Request) -> &'static str {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 1 << 20).await.unwrap_or_default();
    let line = format!("{} {} {:?} {:?}", parts.method, parts.uri, parts.headers, body);
    shared.foreign_asked.lock().expect("no panic").push(line);
    "{}"
}

async fn answer(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let uri = request.uri().clone();
    let asked = uri.path_and_query().map_or_else(String::new, ToString::to_string);
    *shared.asked.lock().expect("no panic").entry(asked).or_default() += 1;
    let mode = *shared.mode.lock().expect("no panic");
    let mode = if uri.path().starts_with("/honest") { Mode::Honest } else { mode };
    let is_raw = request
        .headers()
        .get(header::ACCEPT)
        .is_some_and(|accept| accept.to_str().is_ok_and(|accept| accept.contains("raw")));
    // The format of GitHub's answer to a request for a file's bytes.
    let kind = if is_raw { "application/vnd.github.raw+json" } else { "application/json" };
    let document = document::of(mode, &uri, &shared.own, &shared.foreign);
    let mut response = body(mode, &shared, document.to_string()).into_response();
    *response.status_mut() = match mode {
        Mode::Redirect => StatusCode::FOUND,
        Mode::Refusals => StatusCode::BAD_REQUEST,
        _ => StatusCode::OK,
    };
    let kind = if mode == Mode::Html { "text/html" } else { kind };
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers(mode, &shared, response.headers_mut());
    response
}

fn headers(mode: Mode, shared: &Shared, headers: &mut HeaderMap) {
    let mut put = |name: &'static str, value: &str| {
        headers.insert(name, value.parse().expect("a value"));
    };
    match mode {
        Mode::Elsewhere | Mode::Redirect => {
            let foreign = shared.foreign.join("subscriptions/s/stolen").expect("a URL");
            for name in ["location", "azure-asyncoperation"] {
                put(name, foreign.as_str());
            }
        }
        Mode::Bomb => put("content-encoding", "gzip"),
        Mode::Truncated => put("content-length", "100000"),
        Mode::Headers => {
            for number in 0..300 {
                let name = format!("x-{number}").parse::<header::HeaderName>().expect("a name");
                headers.insert(name, "x".repeat(1_000).parse().expect("a value"));
            }
        }
        Mode::Honest => put("retry-after", "99999999999999999999"),
        _ => put("retry-after", "18446744073709551615"),
    }
}

fn body(mode: Mode, shared: &Arc<Shared>, document: String) -> Body {
    match mode {
        Mode::Endless => {
            let shared = Arc::clone(shared);
            let chunk = Bytes::from(vec![b' '; 64 * 1024]);
            Body::from_stream(stream::iter(1_usize..).map(move |count| {
                shared.most_sent.fetch_max(count * chunk.len(), Ordering::Relaxed);
                Ok::<_, std::io::Error>(chunk.clone())
            }))
        }
        Mode::Drip => {
            let beat = tokio::time::interval(Duration::from_millis(20));
            Body::from_stream(stream::unfold(beat, |mut beat| async {
                beat.tick().await;
                Some((Ok::<_, std::io::Error>(Bytes::from_static(b" ")), beat))
            }))
        }
        Mode::Bomb => Body::from(bomb()),
        Mode::Many => Body::from(format!("{{\"value\":[{}{{}}]}}", "{},".repeat(MANY - 1))),
        Mode::Odd => Body::from(format!("{{\"value\":[{}0]}}", "0,".repeat(999))),
        Mode::Deep => Body::from("[".repeat(LEVELS)),
        Mode::Html => Body::from("<html><body>Sign in to the proxy</body></html>"),
        Mode::Truncated => {
            let broken = std::io::Error::other("it breaks off");
            let first = Ok(Bytes::from(document));
            Body::from_stream(stream::iter([first, Err(broken)]))
        }
        Mode::NotUtf8 => Body::from(&b"{\"name\":\"\xff\xfe\xc0\x80\"}"[..]),
        Mode::Refusals => {
            let text = "two\r\nlines\u{1b}[31m of the refusal";
            let body = serde_json::json!({ "message": text,
                "error": { "code": text, "message": text }, "error_description": text });
            Body::from(body.to_string())
        }
        _ => Body::from(document),
    }
}

/// A compressed body that expands to a large one.
fn bomb() -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    let zeros = vec![b' '; 1024 * 1024];
    for _ in 0..BOMB_BYTES / zeros.len() {
        packed.write_all(&zeros).expect("it is written to memory");
    }
    packed.finish().expect("it is written to memory")
}
