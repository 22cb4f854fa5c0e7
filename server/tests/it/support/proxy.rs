//! A network between a console and its PostgreSQL server or its Azure, which can stall or break.

use std::net::SocketAddr;
use std::path::PathBuf;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

/// The state of the network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flow {
    /// It carries everything.
    Open,
    /// It carries nothing, and connections stay open.
    Stalled,
    /// Connections break, and new ones fail.
    Cut,
}

/// The target of a network.
#[derive(Debug, Clone)]
enum Server {
    Socket(PathBuf),
    Port(SocketAddr),
}

/// A network in front of one server.
#[derive(Debug)]
pub struct Proxy {
    address: SocketAddr,
    flow: watch::Sender<Flow>,
    server: JoinHandle<()>,
}

impl Proxy {
    /// Connects to the server behind a socket in the file system.
    pub async fn to(socket: PathBuf) -> Self {
        Self::lead(Server::Socket(socket)).await
    }

    /// Connects to the server on a port.
    pub async fn to_port(port: SocketAddr) -> Self {
        Self::lead(Server::Port(port)).await
    }

    async fn lead(to: Server) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let (flow, seen) = watch::channel(Flow::Open);
        let server = tokio::spawn(serve(listener, to, seen));
        Self { address, flow, server }
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    pub fn url(&self) -> String {
        format!("postgres://postgres@{}/postgres?sslmode=disable", self.address)
    }

    /// From now on nothing arrives, and data in transit waits.
    pub fn stall(&self) {
        self.flow.send_replace(Flow::Stalled);
    }

    /// From now on connections break.
    pub fn cut(&self) {
        self.flow.send_replace(Flow::Cut);
    }

    /// Everything arrives again, including data that waited.
    pub fn heal(&self) {
        self.flow.send_replace(Flow::Open);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn serve(listener: TcpListener, to: Server, flow: watch::Receiver<Flow>) {
    let mut connections = JoinSet::new();
    while let Ok((client, _)) = listener.accept().await {
        if *flow.borrow() != Flow::Cut {
            connections.spawn(carry(client, to.clone(), flow.clone()));
        }
    }
}

async fn carry(client: TcpStream, to: Server, flow: watch::Receiver<Flow>) {
    match to {
        Server::Socket(socket) => {
            let Ok(server) = UnixStream::connect(socket).await else { return };
            between(client, server, flow).await;
        }
        Server::Port(port) => {
            let Ok(server) = TcpStream::connect(port).await else { return };
            between(client, server, flow).await;
        }
    }
}

async fn between(
    client: TcpStream,
    server: impl AsyncRead + AsyncWrite,
    flow: watch::Receiver<Flow>,
) {
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = tokio::io::split(server);
    // When one direction ends, the other ends, too.
    tokio::select! {
        _ = pump(from_client, to_server, flow.clone()) => {}
        _ = pump(from_server, to_client, flow) => {}
    }
}

async fn pump(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    mut flow: watch::Receiver<Flow>,
) -> Option<()> {
    let mut buffer = vec![0; 16 * 1024];
    let mut cut = flow.clone();
    loop {
        let count = tokio::select! {
            count = from.read(&mut buffer) => count.ok().filter(|count| *count > 0)?,
            _ = cut.wait_for(|flow| *flow == Flow::Cut) => return None,
        };
        let now = *flow.wait_for(|flow| *flow != Flow::Stalled).await.ok()?;
        if now == Flow::Cut {
            return None;
        }
        to.write_all(buffer.get(..count)?).await.ok()?;
    }
}
