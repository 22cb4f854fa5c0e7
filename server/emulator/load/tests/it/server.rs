//! A small HTTP server whose behaviour a test chooses.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::io::BufReader;
use tokio::io::{
    AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _,
};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// What the server does with a request.
#[derive(Clone, Copy)]
pub enum Behaviour {
    /// Answers 200; 503 on `/bad`.
    Plain,
    /// The same, and closes the connection after each response.
    Closing,
    /// Answers 500.
    Failing,
    /// Reads the request and says nothing.
    Silent,
    /// Answers at once, but not from `from` to `until`, counted from its start: then it waits.
    Stalling { from: Duration, until: Duration },
}

pub struct Server {
    pub address: SocketAddr,
    requests: Arc<AtomicU64>,
    /// Open connections.
    open: watch::Sender<usize>,
    task: JoinHandle<()>,
}

impl Server {
    pub async fn start(behaviour: Behaviour) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let requests = Arc::new(AtomicU64::new(0));
        let (count, began) = (requests.clone(), Instant::now());
        let (open, _) = watch::channel(0);
        let connections = open.clone();
        let task = tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                stream.set_nodelay(true).unwrap();
                let (connections, count) = (connections.clone(), count.clone());
                connections.send_modify(|open| *open += 1);
                tokio::spawn(async move {
                    serve(stream, behaviour, began, count).await;
                    connections.send_modify(|open| *open -= 1);
                });
            }
        });
        Self { address, requests, open, task }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// The requests that were read.
    pub fn requests(&self) -> u64 {
        self.requests.load(Ordering::SeqCst)
    }
}

impl Server {
    /// Resolves when nobody is connected any more.
    pub async fn disconnected(&self) {
        let mut open = self.open.subscribe();
        let closed = open.wait_for(|open| *open == 0);
        tokio::time::timeout(Duration::from_secs(10), closed).await.unwrap().unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Serves one connection to its end.
pub async fn serve(
    stream: impl AsyncRead + AsyncWrite + Unpin,
    behaviour: Behaviour,
    began: Instant,
    count: Arc<AtomicU64>,
) -> Option<()> {
    let mut stream = BufReader::new(stream);
    loop {
        let mut path = String::new();
        let mut length = 0;
        loop {
            let mut line = String::new();
            if stream.read_line(&mut line).await.ok()? == 0 {
                return None;
            }
            let line = line.trim_end().to_lowercase();
            if path.is_empty() {
                path = line.split(' ').nth(1)?.to_owned();
            } else if let Some(text) = line.strip_prefix("content-length: ") {
                length = text.parse().ok()?;
            } else if line.is_empty() {
                break;
            }
        }
        stream.read_exact(&mut vec![0; length]).await.ok()?;
        count.fetch_add(1, Ordering::SeqCst);
        let (status, last) = match behaviour {
            Behaviour::Silent => std::future::pending().await,
            Behaviour::Failing => ("500 Internal Server Error", ""),
            Behaviour::Closing => ("200 OK", "connection: close\r\n"),
            Behaviour::Plain if path.starts_with("/bad") => ("503 Service Unavailable", ""),
            Behaviour::Plain => ("200 OK", ""),
            Behaviour::Stalling { from, until } => {
                if (from..until).contains(&began.elapsed()) {
                    tokio::time::sleep_until((began + until).into()).await;
                }
                ("200 OK", "")
            }
        };
        let answer = format!("HTTP/1.1 {status}\r\n{last}content-length: 2\r\n\r\nok");
        stream.write_all(answer.as_bytes()).await.ok()?;
        if !last.is_empty() {
            return None;
        }
    }
}
