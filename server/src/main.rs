//! The program `understudy` and its subcommands.

use clap::{Parser, Subcommand};
use server::config::CheckArgs;
use server::config::ServeArgs;
use server::ledger_command::LedgerCommand;
use server::outside::line::shown;
use server::{Application, Overrides};
use std::ffi::OsString;
use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Puts models live safely on Azure ML managed online endpoints.
#[derive(Debug, Parser)]
#[command(version, about)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the console. Without a configuration file, it uses the embedded emulator.
    Serve(ServeArgs),
    /// Check what `serve` needs: the configuration file, the data directory, Entra, and each stage's workspace. Changes
    /// nothing. Exits with status 1 on any failure.
    Check(CheckArgs),
    /// Verify or export the ledger, or print its key.
    #[command(subcommand)]
    Ledger(LedgerCommand),
    /// Create or extend the file with the keys for secrets in the database.
    #[command(subcommand)]
    Secrets(server::secrets::command::SecretsCommand),
    /// Print the REST body for a YAML file, and the assets that must be uploaded or registered first. Sends nothing.
    #[command(subcommand)]
    Render(server::render::RenderArgs),
    /// Serve only the emulator: Azure ML, Azure Monitor and Entra ID on loopback.
    Emulator(emulator::command::EmulatorArgs),
    /// Serve one model; the emulator starts these.
    #[command(hide = true)]
    EmulatorInstance(dataplane::instance::InstanceArgs),
}

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(code) => code,
        Err(error) => {
            // The whole chain of causes on one line, without a backtrace.
            eprintln!("understudy: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> anyhow::Result<ExitCode> {
    server::log::start();
    // `serve` is the default subcommand.
    let mut arguments: Vec<OsString> = std::env::args_os().collect();
    let wants_serve = arguments.get(1).is_none_or(|first| {
        let first = first.to_string_lossy();
        first.starts_with("--") && !["--help", "--version"].contains(&first.as_ref())
    });
    if wants_serve {
        arguments.insert(1, "serve".into());
    }
    match Cli::parse_from(arguments).command {
        Command::Ledger(command) => return Ok(server::ledger_command::run(&command).await),
        Command::Secrets(command) => return Ok(server::secrets::command::run(&command)),
        Command::Serve(args) => serve(&args).await?,
        Command::Check(args) => return Ok(check(&args).await),
        Command::Render(args) => {
            // Without a prefix: one problem per line, in the format of compilers.
            match server::render::run(&args) {
                Ok(json) => println!("{json}"),
                Err(error) => {
                    eprintln!("{error}");
                    return Ok(ExitCode::FAILURE);
                }
            }
        }
        Command::Emulator(args) => {
            let program = std::env::current_exe()?.into_os_string();
            emulator::command::run(args, vec![program, "emulator-instance".into()]).await?;
        }
        Command::EmulatorInstance(args) => dataplane::instance::run(args).await?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Prints one line per check.
async fn check(args: &CheckArgs) -> ExitCode {
    let mut code = ExitCode::SUCCESS;
    server::check::run(args, |finding| match &finding.outcome {
        Ok(found) => println!("ok    {}: {}", finding.what, shown(found)),
        Err(wrong) => {
            println!("FAIL  {}: {}", finding.what, shown(wrong));
            code = ExitCode::FAILURE;
        }
    })
    .await;
    code
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

/// Resolves on Ctrl-C or SIGTERM.
async fn stopped() {
    let mut terminate =
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(signal) => signal,
            Err(error) => {
                tracing::warn!(%error, "SIGTERM cannot be handled; only Ctrl-C stops the console");
                let _ = tokio::signal::ctrl_c().await;
                return;
            }
        };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
}
