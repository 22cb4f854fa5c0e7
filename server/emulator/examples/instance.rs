//! One model server as a program, which the emulator's tests start. Cargo builds examples together with
//! tests.

use clap::Parser;
use dataplane::instance::{self, InstanceArgs, InstanceFailure};

#[derive(Parser)]
struct Args {
    #[command(flatten)]
    instance: InstanceArgs,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), InstanceFailure> {
    instance::run(Args::parse().instance).await
}
