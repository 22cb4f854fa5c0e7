//! The subcommand `understudy emulator`, which runs the emulator alone.

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::Context;
use dataplane::Clock;
use url::Url;

use crate::{Config, Demo, Emulator, StaleReads, Workspace, switches};

/// The command line.
#[derive(Clone, Debug, clap::Args)]
pub struct EmulatorArgs {
    /// Address to listen on.
    #[arg(long, default_value = "127.0.0.1:8790")]
    pub listen: SocketAddr,
    /// Id of the subscription.
    #[arg(
        long,
        default_value = "00000000-0000-4000-8000-000000000001",
        value_parser = switches::guid
    )]
    pub subscription: String,
    /// Name of the resource group.
    #[arg(long, default_value = "rg-anet-0001", value_parser = switches::resource_group)]
    pub resource_group: String,
    /// Name of a workspace; can be repeated. The default with --demo is mlw-anet-0001dev and
    /// mlw-anet-0001prod.
    #[arg(long = "workspace", value_parser = switches::workspace)]
    pub workspaces: Vec<String>,
    /// Region of the workspaces.
    #[arg(long, default_value = "westeurope", value_parser = switches::location)]
    pub location: String,
    /// Id of the tenant.
    #[arg(
        long,
        default_value = "00000000-0000-4000-8000-0000000000aa",
        value_parser = switches::guid
    )]
    pub tenant: String,
    /// Folder for the state, which only one emulator can use at a time. Without it, the state is lost at
    /// the end. The console app's client secret is in its entra.json.
    #[arg(long, value_name = "DIR")]
    pub state: Option<PathBuf>,
    /// Set up the demo team and send it traffic.
    #[arg(long)]
    pub demo: bool,
    /// Speed of simulated work, as a multiple of a demonstration's speed.
    #[arg(long, default_value_t = 1.0, value_parser = switches::speed)]
    pub speed: f64,
    /// Use a clock that only POST /emulator/clock/advance moves.
    #[arg(long)]
    pub explicit_clock: bool,
    /// Make reads stale for some seconds after an operation has Succeeded. Example:
    /// endpoint=5,deployment=5,list=10,reads=3,flapping,seed=7.
    #[arg(long, value_parser = switches::stale_reads)]
    pub stale_reads: Option<StaleReads>,
    /// How images are built: auto, buildah, docker, or process (a virtual environment and a plain process, without
    /// a container). auto takes the first of these that works.
    #[arg(long, default_value = "auto")]
    pub builder: images::BuilderChoice,
    /// URL to show to callers, if it differs from the one they use.
    #[arg(long)]
    pub public_url: Option<Url>,
    /// Redirect URI of the console; can be repeated. By default, any URI on loopback is allowed.
    #[arg(long = "redirect-uri")]
    pub redirect_uris: Vec<String>,
}

impl EmulatorArgs {
    fn config(&self, instance_command: Vec<OsString>) -> Config {
        let defaults = if self.demo {
            vec!["mlw-anet-0001dev".to_owned(), "mlw-anet-0001prod".to_owned()]
        } else {
            vec!["mlw-anet-0001dev".to_owned()]
        };
        let names = if self.workspaces.is_empty() { &defaults } else { &self.workspaces };
        let workspace =
            |name: &String| Workspace { name: name.clone(), location: self.location.clone() };
        Config {
            listen: self.listen,
            subscription: self.subscription.clone(),
            resource_group: self.resource_group.clone(),
            workspaces: names.iter().map(workspace).collect(),
            tenant: self.tenant.clone(),
            clock: match self.explicit_clock {
                true => Clock::explicit(Clock::auto().now()),
                false => Clock::auto(),
            },
            state_dir: self.state.clone(),
            instance_command,
            demo: if self.demo { Demo::TeamWithRecordedDay } else { Demo::Off },
            public_url: self.public_url.clone(),
            redirect_uris: self.redirect_uris.clone(),
            builder: self.builder,
            stale_reads: self.stale_reads.clone().unwrap_or_default(),
        }
    }
}

/// Runs until Ctrl-C or SIGTERM, then stops everything that it started.
pub async fn run(args: EmulatorArgs, instance_command: Vec<OsString>) -> anyhow::Result<()> {
    let emulator =
        Emulator::start_at_speed(args.config(instance_command), args.speed).await.context(
            "the emulator did not start. Choose another address with --listen, or another folder \
             with --state",
        )?;
    announce(&emulator, &args);
    interrupted().await?;
    emulator.stop().await;
    Ok(())
}

#[expect(clippy::print_stdout, reason = "a person, or a test, reads where it listens")]
fn announce(emulator: &Emulator, args: &EmulatorArgs) {
    println!("Emulator listens on {}", emulator.url());
    println!("  subscription   {}", args.subscription);
    println!("  resource group {}", args.resource_group);
    println!("  client id      {}", emulator.client_id());
    if let Some(directory) = &args.state {
        println!("  client secret  in {}", directory.join("entra.json").display());
    }
    println!("  OpenID         {}{}/v2.0", emulator.url(), emulator.tenant());
    println!("  GitHub         {}", emulator.github_api());
    println!("  repository     {}", emulator.github_repository());
    println!("  GitHub token   {}", emulator.github_token());
}

async fn interrupted() -> anyhow::Result<()> {
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())
        .context("cannot listen for SIGTERM")?;
    tokio::select! {
        result = tokio::signal::ctrl_c() => result.context("cannot listen for Ctrl-C"),
        _ = terminate.recv() => Ok(()),
    }
}
