//! The emulator without the console around it, for trials and tests:
//! `cargo run -p emulator --example alone -- emulator --demo`.

use clap::Parser;
use dataplane::instance::{self, InstanceArgs};
use emulator::command::{self, EmulatorArgs};

/// The command line of the real binary, as far as the emulator goes.
#[derive(Parser)]
enum Command {
    /// Run the emulator.
    Emulator(EmulatorArgs),
    /// Run one instance; the emulator starts these.
    Instance(InstanceArgs),
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    match Command::parse() {
        Command::Emulator(args) => {
            let instance = vec![std::env::current_exe()?.into_os_string(), "instance".into()];
            command::run(args, instance).await
        }
        Command::Instance(args) => Ok(instance::run(args).await?),
    }
}
