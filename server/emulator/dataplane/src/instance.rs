//! The model server: the program of one instance.
//!
//! With a program on its command line, it runs that one instead of serving a model, and supervises it.
//!
//! The data plane starts it as a child process. It prints one JSON line with its address on standard
//! output, and writes its log to standard error. It exits when its standard input is closed, so no instance
//! outlives its parent, however the parent ends.

mod service;
mod supervise;

use std::ffi::OsString;
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
    /// Model file, or a folder that contains one.
    #[arg(long)]
    pub model: Option<PathBuf>,
    /// Name of the deployment.
    #[arg(long)]
    pub name: String,
    /// Address to listen on: `unix:PATH` or `ADDRESS:PORT`.
    #[arg(long, default_value = "127.0.0.1:0")]
    pub listen: String,
    /// Deliberate fault, by its name prefix.
    #[arg(long, value_parser = parse_fault)]
    pub fault: Option<Fault>,
    /// Program to run instead of serving a model, with its arguments; it must listen on --listen.
    #[arg(last = true)]
    pub program: Vec<OsString>,
}

/// Why an instance could not serve.
#[derive(Debug, thiserror::Error)]
pub enum InstanceFailure {
    #[error("cannot listen: {0}")]
    Address(String),
    #[error("cannot listen")]
    Listen(#[from] io::Error),
    /// Even the built-in model could not be read.
    #[error("no model")]
    Model(#[from] LoadFailure),
    /// The fault asked for a crash.
    #[error(
        "the scoring script raised an exception in init(), as the deployment's name asked it to"
    )]
    Fault,
}

/// The line with which an instance announces its address.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
pub(crate) struct Announcement {
    pub(crate) listening: String,
    /// The process of a supervised program.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) pid: Option<u32>,
}

enum Listener {
    Unix(UnixListener),
    Tcp(TcpListener),
}

/// Serves until standard input is closed.
pub async fn run(args: InstanceArgs) -> Result<(), InstanceFailure> {
    let closed = closed_input();
    if !args.program.is_empty() {
        let address = args.listen.parse().map_err(InstanceFailure::Address)?;
        return supervise::run(address, &args.program, closed).await;
    }
    let loaded = Model::load(args.model.as_deref())?;
    eprintln!("{}", loaded.remark);
    if let Some(fault) = args.fault {
        eprintln!("Fault {fault}: {}", fault.sentence());
    }
    let (listener, address) = listen(args.listen).await?;
    announce(&address, None)?;
    if args.fault == Some(Fault::Crash) {
        eprintln!("Exception in init(): the model server exits");
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
            // A leftover of a process that was killed.
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

fn announce(address: &Address, pid: Option<u32>) -> io::Result<()> {
    let line = serde_json::to_string(&Announcement { listening: address.to_string(), pid })?;
    println!("{line}");
    Ok(())
}

/// Accepts connections forever; resolves only if accepting becomes impossible.
async fn accept(listener: Listener, service: Arc<Service>) -> io::Error {
    loop {
        let accepted = match &listener {
            Listener::Unix(listener) => {
                let accepted = listener.accept().await;
                accepted.map(|(stream, _)| service::spawn(stream, service.clone()))
            }
            Listener::Tcp(listener) => listener.accept().await.map(|(stream, _)| {
                // Otherwise, small answers could wait for the peer's delayed acknowledgement.
                let _ = stream.set_nodelay(true);
                service::spawn(stream, service.clone());
            }),
        };
        // A peer that disconnected before it was accepted is not an error.
        if let Err(error) = accepted
            && error.kind() != io::ErrorKind::ConnectionAborted
        {
            return error;
        }
    }
}

/// Resolves when standard input is closed. A separate thread reads it, because a runtime waits for its
/// blocking threads before it ends.
fn closed_input() -> oneshot::Receiver<()> {
    let (closed, receiver) = oneshot::channel();
    std::thread::spawn(move || {
        let mut buffer = [0; 64];
        while matches!(io::stdin().read(&mut buffer), Ok(1..)) {}
        // The receiver is gone if the server has ended by itself.
        let _ = closed.send(());
    });
    receiver
}

fn parse_fault(prefix: &str) -> Result<Fault, String> {
    Fault::from_deployment_name(prefix).ok_or_else(|| format!("no fault is called {prefix}"))
}
