//! Arguments from the command line and the environment. The fields' comments are the help texts.

use domain::name::StageName;
use std::net::SocketAddr;
use std::path::PathBuf;

/// Arguments of `serve`.
#[derive(Debug, Clone, clap::Args)]
pub struct ServeArgs {
    /// The configuration file. Without one, the console runs its embedded emulator with a demo team.
    #[arg(long, env = "UNDERSTUDY_CONFIG")]
    pub config: Option<PathBuf>,
    /// The address to listen on.
    #[arg(long, env = "UNDERSTUDY_LISTEN", default_value = "127.0.0.1:3000")]
    pub listen: SocketAddr,
    /// The data directory.
    #[arg(long, env = "UNDERSTUDY_DATA", default_value = ".understudy")]
    pub data: PathBuf,
    /// The folder with the built client assets.
    #[arg(long, env = "UNDERSTUDY_SITE", default_value = "target/site")]
    pub site: PathBuf,
    /// The address that the embedded emulator listens on.
    #[arg(long, env = "UNDERSTUDY_EMULATOR_LISTEN", default_value = "127.0.0.1:8790")]
    pub emulator_listen: SocketAddr,
    /// A stage of the embedded emulator that requires one approval, and a shadow comparison before a deployment gets
    /// more live traffic. May be given several times. In a configuration file, use the stage's policy instead.
    #[arg(long, value_name = "STAGE", conflicts_with = "config")]
    pub protect: Vec<StageName>,
    /// For how many seconds after a successful operation the embedded emulator answers reads with the previous state.
    /// Example: endpoint=5,deployment=5,list=10,flapping,seed=7.
    #[arg(long, value_name = "READS", conflicts_with = "config", value_parser = emulator::stale_reads)]
    pub stale_reads: Option<emulator::StaleReads>,
    /// How the embedded emulator builds images: auto, buildah, docker, or process (a virtual environment and a plain
    /// process, without a container). auto takes the first of these that works.
    #[arg(long, default_value = "auto")]
    pub builder: emulator::BuilderChoice,
    /// A stage of the embedded emulator on which live traffic moves in steps that bake for two minutes. May be given
    /// several times.
    #[arg(long, value_name = "STAGE", conflicts_with = "config")]
    pub promote: Vec<StageName>,
}

/// Arguments of `check`.
#[derive(Debug, Clone, clap::Args)]
pub struct CheckArgs {
    /// The configuration file.
    #[arg(long, env = "UNDERSTUDY_CONFIG")]
    pub config: PathBuf,
    /// The data directory.
    #[arg(long, env = "UNDERSTUDY_DATA", default_value = ".understudy")]
    pub data: PathBuf,
}
