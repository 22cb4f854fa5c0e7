//! A webhook receiver: records each request, and answers as the test says.

use super::PATIENCE;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

/// A secret as in a configuration: `whsec_` and base64 of 24 bytes.
pub const SECRET: &str = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX";
/// Must not appear anywhere.
pub const PATH: &str = "/hooks/very-secret-path";

/// How one request is answered.
#[derive(Debug, Clone, Copy)]
pub enum Reply {
    /// With this status.
    Status(u16),
    /// With this status, and with `Retry-After` in seconds.
    RetryAfter(u16, u64),
    /// With a redirect to another path of this receiver.
    Redirect,
    /// Not at all.
    Hang,
}

/// One request.
#[derive(Debug, Clone)]
pub struct Received {
    pub path: String,
    pub headers: BTreeMap<String, String>,
    pub body: String,
    /// The status of the answer, or `None` if there was no answer.
    pub status: Option<u16>,
}

impl Received {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(String::as_str).unwrap_or_default()
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).expect("JSON")
    }

    /// The `type` of a plain message.
    pub fn kind(&self) -> String {
        self.json()["type"].as_str().expect("a type").to_owned()
    }

    /// Whether the signature is valid by Standard Webhooks; computed here from the specification.
    pub fn is_signed_with(&self, secret: &str) -> bool {
        let key = STANDARD.decode(secret.trim_start_matches("whsec_")).expect("base64");
        let (id, time) = (self.header("webhook-id"), self.header("webhook-timestamp"));
        let signed = format!("{id}.{time}.{}", self.body);
        let expected = format!("v1,{}", STANDARD.encode(hmac(&key, signed.as_bytes())));
        self.header("webhook-signature").split(' ').any(|one| one == expected)
    }
}

/// RFC 2104 with SHA-256, for keys of at most one block.
fn hmac(key: &[u8], message: &[u8]) -> [u8; 32] {
    let pad = |with: u8| {
        let mut block = [with; 64];
        block.iter_mut().zip(key).for_each(|(byte, key)| *byte ^= key);
        block
    };
    let inner = Sha256::new().chain_update(pad(0x36)).chain_update(message).finalize();
    Sha256::new().chain_update(pad(0x5c)).chain_update(inner).finalize().into()
}

#[derive(Debug, Default)]
struct Shared {
    script: Mutex<VecDeque<Reply>>,
    received: watch::Sender<Vec<Received>>,
}

/// A receiver on loopback.
#[derive(Debug)]
pub struct Receiver {
    address: SocketAddr,
    shared: Arc<Shared>,
    server: JoinHandle<()>,
}

impl Receiver {
    /// Starts a receiver that accepts everything.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let shared = Arc::new(Shared::default());
        let server = tokio::spawn(serve(listener, Arc::clone(&shared)));
        Self { address, shared, server }
    }

    pub fn url(&self) -> String {
        format!("http://{}{PATH}", self.address)
    }

    /// Sets the answers of the next requests; later requests are accepted.
    pub fn then(&self, replies: &[Reply]) {
        self.shared.script.lock().expect("no panic").extend(replies);
    }

    /// Stops: connections are cut, and new ones are refused.
    pub async fn die(&mut self) {
        self.server.abort();
        let _ = (&mut self.server).await;
    }

    /// Starts again at the same address.
    pub async fn revive(&mut self) {
        let listener = TcpListener::bind(self.address).await.expect("the port is still free");
        self.server = tokio::spawn(serve(listener, Arc::clone(&self.shared)));
    }

    pub fn requests(&self) -> Vec<Received> {
        self.shared.received.borrow().clone()
    }

    /// Waits for this many requests, whatever their answers.
    pub async fn tried(&self, count: usize) -> Vec<Received> {
        self.until(|all| all.len() >= count).await
    }

    /// Waits until this many requests were accepted, and returns them.
    pub async fn took(&self, count: usize) -> Vec<Received> {
        let taken = |all: &[Received]| all.iter().filter(|one| one.status == Some(200)).count();
        let all = self.until(|all| taken(all) >= count).await;
        all.into_iter().filter(|one| one.status == Some(200)).collect()
    }

    async fn until(&self, enough: impl Fn(&[Received]) -> bool) -> Vec<Received> {
        let mut received = self.shared.received.subscribe();
        let waited = tokio::time::timeout(PATIENCE, received.wait_for(|all| enough(all))).await;
        match waited {
            Ok(all) => all.expect("it is there").clone(),
            Err(_) => panic!("not enough requests arrived: {:#?}", self.requests()),
        }
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn serve(listener: TcpListener, shared: Arc<Shared>) {
    // Dropping this task ends all connections.
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        connections.spawn(answer(stream, Arc::clone(&shared)));
    }
}

/// Reads one request and answers it. `None` if the client ends early.
async fn answer(mut stream: TcpStream, shared: Arc<Shared>) -> Option<()> {
    let mut read = Vec::new();
    let mut byte = [0];
    while !read.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).await.ok()?;
        read.push(byte[0]);
    }
    let head = String::from_utf8(read).ok()?;
    let (line, lines) = head.split_once("\r\n")?;
    let header = |line: &str| {
        let (name, value) = line.split_once(':')?;
        Some((name.to_lowercase(), value.trim().to_owned()))
    };
    let headers: BTreeMap<_, _> = lines.lines().filter_map(header).collect();
    let mut body = vec![0; headers.get("content-length")?.parse().ok()?];
    stream.read_exact(&mut body).await.ok()?;
    let reply = shared.script.lock().expect("no panic").pop_front().unwrap_or(Reply::Status(200));
    let (status, more) = match reply {
        Reply::Status(status) => (Some(status), String::new()),
        Reply::RetryAfter(status, seconds) => (Some(status), format!("retry-after: {seconds}\r\n")),
        Reply::Redirect => (Some(307), "location: /elsewhere\r\n".to_owned()),
        Reply::Hang => (None, String::new()),
    };
    let path = line.split(' ').nth(1)?.to_owned();
    let body = String::from_utf8(body).ok()?;
    let received = Received { path, headers, body, status };
    shared.received.send_modify(|all| all.push(received));
    let Some(status) = status else { return std::future::pending().await };
    let text =
        format!("HTTP/1.1 {status} x\r\n{more}content-length: 0\r\nconnection: close\r\n\r\n");
    stream.write_all(text.as_bytes()).await.ok()
}
