//! The model server: the program of one instance.
//!
//! The data plane starts it as a child process. It announces where it listens by one JSON line on standard output,
//! writes its log to standard error, and ends when its standard input is closed: whatever becomes of the parent, no
//! instance outlives it.

mod service;

use std::io::{self, Read};
use std::path::PathBuf;
use std::sync::Arc;

use tokio::net::{TcpListener, UnixListener};
use tokio::sync::oneshot;

use crate::address::Address;
use crate::fault::Fault;
use crate::model::{LoadFailure, Model};
use service::Service;

/// The command line of an instance.
#[derive(Clone, Debug, clap::Args)]
pub struct InstanceArgs {
    /// The model file, or a folder that holds one.
    #[arg(long)]
    pub model: Option<PathBuf>,
    /// The deployment's name.
    #[arg(long)]
    pub name: String,
    /// Where to listen: `unix:PATH` or `ADDRESS:PORT`.
    #[arg(long, default_value = "127.0.0.1:0")]
    pub listen: String,
    /// What should go wrong, by the prefix that asks for it.
    #[arg(long, value_parser = parse_fault)]
    pub fault: Option<Fault>,
}

/// Why an instance could not serve.
#[derive(Debug, thiserror::Error)]
pub enum InstanceFailure {
    /// Not an address.
    #[error("cannot listen: {0}")]
    Address(String),
    /// The address cannot be listened at.
    #[error("cannot listen")]
    Listen(#[from] io::Error),
    /// Not even the built-in model could be read.
    #[error("no model")]
    Model(#[from] LoadFailure),
    /// It was asked to.
    #[error(
        "the scoring script raised an exception in init(), as the deployment's name asked it to"
    )]
    Fault,
}

/// The line by which an instance tells where it listens.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
pub(crate) struct Announcement {
    pub(crate) listening: String,
}

enum Listener {
    Unix(UnixListener),
    Tcp(TcpListener),
}

/// Serves until standard input is closed.
pub async fn run(args: InstanceArgs) -> Result<(), InstanceFailure> {
    let closed = closed_input();
    let loaded = Model::load(args.model.as_deref())?;
    eprintln!("{}", loaded.remark);
    if let Some(fault) = args.fault {
        eprintln!("Fault {fault}: {}", fault.sentence());
    }
    let (listener, address) = listen(args.listen).await?;
    announce(&address)?;
    if args.fault == Some(Fault::Crash) {
        eprintln!("Exception in init(): the model server gives up");
        return Err(InstanceFailure::Fault);
    }
    eprintln!("Deployment {} serves at {address}", args.name);
    let service = Arc::new(Service::new(loaded.model, args.fault));
    tokio::select! {
        failure = accept(listener, service) => Err(failure.into()),
        _ = closed => Ok(()),
    }
}

async fn listen(address: String) -> Result<(Listener, Address), InstanceFailure> {
    match address.parse::<Address>().map_err(InstanceFailure::Address)? {
        Address::Unix(path) => {
            // Left over from a process that was killed.
            let _ = std::fs::remove_file(&path);
            Ok((Listener::Unix(UnixListener::bind(&path)?), Address::Unix(path)))
        }
        Address::Tcp(address) => {
            let listener = TcpListener::bind(address).await?;
            let address = listener.local_addr()?;
            Ok((Listener::Tcp(listener), Address::Tcp(address)))
        }
    }
}

fn announce(address: &Address) -> io::Result<()> {
    let line = serde_json::to_string(&Announcement { listening: address.to_string() })?;
    println!("{line}");
    Ok(())
}

/// Accepts connections for ever; resolves only if that becomes impossible.
async fn accept(listener: Listener, service: Arc<Service>) -> io::Error {
    loop {
        let failed = match &listener {
            Listener::Unix(listener) => match listener.accept().await {
                Ok((stream, _)) => {
                    service::spawn(stream, service.clone());
                    continue;
                }
                Err(error) => error,
            },
            Listener::Tcp(listener) => match listener.accept().await {
                Ok((stream, _)) => {
                    // Without it, small answers may wait for the peer's delayed acknowledgement.
                    let _ = stream.set_nodelay(true);
                    service::spawn(stream, service.clone());
                    continue;
                }
                Err(error) => error,
            },
        };
        // A peer that was gone before it was accepted is its own loss only.
        if failed.kind() != io::ErrorKind::ConnectionAborted {
            return failed;
        }
    }
}

/// Resolves when standard input is closed. A thread of our own reads it: a runtime would wait for its own blocking
/// threads before it ends.
fn closed_input() -> oneshot::Receiver<()> {
    let (closed, receiver) = oneshot::channel();
    std::thread::spawn(move || {
        let mut buffer = [0; 64];
        while matches!(io::stdin().read(&mut buffer), Ok(1..)) {}
        // Nobody listens any more when the server has ended by itself.
        let _ = closed.send(());
    });
    receiver
}

fn parse_fault(prefix: &str) -> Result<Fault, String> {
    Fault::from_deployment_name(prefix).ok_or_else(|| format!("no fault is called {prefix}"))
}
