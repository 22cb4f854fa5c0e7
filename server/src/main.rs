//! The program `understudy` and its subcommands.

use clap::{Parser, Subcommand};
use server::config::ServeArgs;
use server::{Application, Overrides};
use std::ffi::OsString;
use tracing_subscriber::EnvFilter;

/// Puts models live safely on Azure ML managed online endpoints.
#[derive(Debug, Parser)]
#[command(version, about)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the console; without a configuration file on the embedded emulator.
    Serve(ServeArgs),
    /// Check a configuration file, and whether its repositories can be read.
    Check {
        /// The file.
        #[arg(long, env = "UNDERSTUDY_CONFIG")]
        config: std::path::PathBuf,
    },
    /// Print the REST body of a YAML file, and what must be uploaded or registered before. Sends nothing.
    #[command(subcommand)]
    Render(server::render::RenderArgs),
    /// Serve only the emulator: Azure ML, Azure Monitor and Entra ID on loopback.
    Emulator(emulator::command::EmulatorArgs),
    /// Serve one model; the emulator starts these.
    #[command(hide = true)]
    EmulatorInstance(dataplane::instance::InstanceArgs),
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let filter = EnvFilter::try_from_env("UNDERSTUDY_LOG")
        .unwrap_or_else(|_| EnvFilter::new("info,sqlx=warn"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    // `serve` when nothing is said.
    let mut arguments: Vec<OsString> = std::env::args_os().collect();
    let wants_serve = arguments.get(1).is_none_or(|first| {
        let first = first.to_string_lossy();
        first.starts_with("--") && !["--help", "--version"].contains(&first.as_ref())
    });
    if wants_serve {
        arguments.insert(1, "serve".into());
    }
    match Cli::parse_from(arguments).command {
        Command::Serve(args) => serve(&args).await,
        Command::Check { config } => {
            let file = server::config::read(&config)?;
            println!("{} is valid: {} stages", config.display(), file.stages.len());
            for found in server::check_repositories(&file).await? {
                println!("{found}");
            }
            Ok(())
        }
        Command::Render(args) => {
            // Problems are the whole message: one a line, as compilers write them.
            match server::render::run(&args) {
                Ok(json) => println!("{json}"),
                Err(error) => {
                    eprintln!("{error}");
                    std::process::exit(1);
                }
            }
            Ok(())
        }
        Command::Emulator(args) => {
            let program = std::env::current_exe()?.into_os_string();
            emulator::command::run(args, vec![program, "emulator-instance".into()]).await
        }
        Command::EmulatorInstance(args) => Ok(dataplane::instance::run(args).await?),
    }
}

async fn serve(args: &ServeArgs) -> anyhow::Result<()> {
    let application = Application::build(args, Overrides::default()).await?;
    let address = application.address()?;
    match application.emulator() {
        Some(emulator) => {
            let emulator = emulator.url();
            println!(
                "understudy is ready: http://{address} (emulator {})",
                emulator.as_str().trim_end_matches('/')
            );
        }
        None => println!("understudy is ready: http://{address}"),
    }
    application.run(stopped()).await
}

/// Ctrl-C or the supervisor's request to end.
async fn stopped() {
    let mut terminate =
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(signal) => signal,
            Err(error) => {
                tracing::warn!(%error, "only Ctrl-C ends the console");
                let _ = tokio::signal::ctrl_c().await;
                return;
            }
        };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
}
