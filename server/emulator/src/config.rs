//! What an emulator is started with.

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::PathBuf;

use dataplane::Clock;
use url::Url;

use crate::stale::StaleReads;

/// What an emulator contains at its start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Demo {
    /// Empty workspaces.
    Off,
    /// The demo team: its endpoints, deployments and assets.
    Team,
    /// The demo team, and a client that sends it a steady stream of requests.
    TeamWithClient,
    /// The same, with a day of recorded traffic before its start.
    TeamWithRecordedDay,
}

/// A workspace that exists from the start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Workspace {
    pub name: String,
    pub location: String,
}

/// How to start an emulator.
#[derive(Clone, Debug)]
pub struct Config {
    /// The address to listen on; port 0 takes a free one.
    pub listen: SocketAddr,
    pub subscription: String,
    /// The resource group of all workspaces.
    pub resource_group: String,
    pub workspaces: Vec<Workspace>,
    pub tenant: String,
    /// The clock of simulated work.
    pub clock: Clock,
    /// The folder for the state; with `None`, the state is lost at the end.
    pub state_dir: Option<PathBuf>,
    /// The program of one instance, with its leading arguments.
    pub instance_command: Vec<OsString>,
    pub demo: Demo,
    /// The URL to show to callers, if it differs from the one they use.
    pub public_url: Option<Url>,
    /// The console's registered redirect URIs; an empty list allows any URI on loopback.
    pub redirect_uris: Vec<String>,
    /// How images are built.
    pub builder: images::BuilderChoice,
    /// The settings of stale reads.
    pub stale_reads: StaleReads,
}
