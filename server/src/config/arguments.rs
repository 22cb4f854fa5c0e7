//! What the command line and the environment say.

use app::domain::name::StageName;
use std::net::SocketAddr;
use std::path::PathBuf;

/// What the command line says of `serve`.
#[derive(Debug, Clone, clap::Args)]
pub struct ServeArgs {
    /// The configuration file; without one the embedded emulator runs with a demo team.
    #[arg(long, env = "UNDERSTUDY_CONFIG")]
    pub config: Option<PathBuf>,
    /// Where to listen.
    #[arg(long, env = "UNDERSTUDY_LISTEN", default_value = "127.0.0.1:3000")]
    pub listen: SocketAddr,
    /// The data directory.
    #[arg(long, env = "UNDERSTUDY_DATA", default_value = ".understudy")]
    pub data: PathBuf,
    /// The folder with the browser's half, as the bundle driver wrote it.
    #[arg(long, env = "UNDERSTUDY_SITE", default_value = "target/site")]
    pub site: PathBuf,
    /// Where the embedded emulator listens.
    #[arg(long, env = "UNDERSTUDY_EMULATOR_LISTEN", default_value = "127.0.0.1:8790")]
    pub emulator_listen: SocketAddr,
    /// A stage of the embedded emulator that asks for one approval, and for a shadow comparison before a
    /// deployment gets more live traffic; may be given several times. With a configuration file its stages say
    /// what they ask for.
    #[arg(long, value_name = "STAGE", conflicts_with = "config")]
    pub protect: Vec<StageName>,
    /// Which reads the embedded emulator answers with what was there before, for some seconds after an operation has
    /// Succeeded: for example endpoint=5,deployment=5,list=10,flapping,seed=7.
    #[arg(long, value_name = "READS", conflicts_with = "config", value_parser = emulator::stale_reads)]
    pub stale_reads: Option<emulator::StaleReads>,
    /// A stage of the embedded emulator on which live traffic moves in steps that bake for two minutes; may be
    /// given several times.
    #[arg(long, value_name = "STAGE", conflicts_with = "config")]
    pub promote: Vec<StageName>,
}

/// What the command line says of `check`.
#[derive(Debug, Clone, clap::Args)]
pub struct CheckArgs {
    /// The configuration file.
    #[arg(long, env = "UNDERSTUDY_CONFIG")]
    pub config: PathBuf,
    /// The data directory.
    #[arg(long, env = "UNDERSTUDY_DATA", default_value = ".understudy")]
    pub data: PathBuf,
}
