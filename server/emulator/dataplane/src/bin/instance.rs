//! One instance as a separate program, for this crate's tests and benchmarks.

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
