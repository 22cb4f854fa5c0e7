//! Real processes: the program itself, which tests kill and pause, and an Azure in its own process that
//! outlives it.

mod azure;
mod hurried;
mod replica;

pub use azure::{Azure, ENDPOINT};
pub use replica::{Besides, Replica};

use super::PATIENCE;
use rustix::process::{Pid, Signal, kill_process};
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tokio::time::Instant;

const PROGRAM: &str = env!("CARGO_BIN_EXE_understudy");

/// A process that ends with the test.
struct Process(Child);

impl Process {
    fn start(command: &mut Command) -> Self {
        Self(command.stdin(Stdio::null()).spawn().expect("it starts"))
    }

    fn signal(&self, signal: Signal) {
        let id = i32::try_from(self.0.id()).expect("a process id");
        let _ = kill_process(Pid::from_raw(id).expect("not 0"), signal);
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Polls until there is a result, because other processes send no notification to this test.
pub async fn within<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(Instant::now() < deadline, "this never happened: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
