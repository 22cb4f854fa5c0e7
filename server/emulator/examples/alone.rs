//! The emulator without the console around it, for trials:
//! `cargo run -p emulator --example alone -- emulator --demo`, after
//! `cargo build -p dataplane --bin dataplane-instance`.

use clap::Parser;

/// The command line of the real binary, as far as the emulator goes.
#[derive(Parser)]
enum Command {
    /// Run the emulator.
    Emulator(emulator::command::EmulatorArgs),
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let Command::Emulator(args) = Command::parse();
    let beside = std::env::current_exe()?;
    let default = beside.with_file_name("dataplane-instance");
    let above = beside.ancestors().nth(2).map(|dir| dir.join("dataplane-instance"));
    let instance = above.filter(|path| path.exists()).unwrap_or(default).into_os_string();
    emulator::command::run(args, vec![instance]).await
}
