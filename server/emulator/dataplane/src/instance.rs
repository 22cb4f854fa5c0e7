//! The model server: the program of one instance.

use std::path::PathBuf;

use crate::fault::Fault;

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
    #[arg(long, value_parser = fault)]
    pub fault: Option<Fault>,
}

fn fault(prefix: &str) -> Result<Fault, String> {
    Fault::from_deployment_name(prefix).ok_or_else(|| format!("no fault is called {prefix}"))
}

/// Serves until standard input is closed.
pub async fn run(_args: InstanceArgs) -> Result<(), InstanceFailure> {
    Ok(())
}

/// Why an instance could not serve.
#[derive(Debug, thiserror::Error)]
#[error("the instance failed: {0}")]
pub struct InstanceFailure(String);
