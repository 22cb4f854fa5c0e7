//! Runs another program as an instance: announces it when it listens, and ends it when the data plane ends.
//!
//! The data plane starts the supervisor as the leader of a process group, to which the program and its children belong.
//! The data plane kills the group if it can; if it cannot any more, the supervisor does.

use std::ffi::OsString;
use std::os::unix::process::ExitStatusExt;
use std::process::Stdio;
use std::time::Duration;

use rustix::process::{Signal, getpgrp, getpid, kill_current_process_group};
use tokio::process::{Child, Command};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::oneshot;

use super::{InstanceFailure, announce};
use crate::address::Address;

/// How often it checks whether the program listens.
const LISTEN_PERIOD: Duration = Duration::from_millis(50);
/// How long the program may take to stop; less than the data plane gives the supervisor.
const END_GRACE: Duration = Duration::from_secs(2);

/// Runs until the program ends, or until `closed` resolves.
pub(super) async fn run(
    address: Address,
    program: &[OsString],
    closed: oneshot::Receiver<()>,
) -> Result<(), InstanceFailure> {
    // The group gets SIGTERM, and the supervisor must survive it.
    let _terminations = signal(SignalKind::terminate())?;
    let shown: Vec<_> = program.iter().map(|word| word.to_string_lossy()).collect();
    eprintln!("Starting {} at {address}", shown.first().map_or("", |word| word));
    let mut command = Command::new(&program[0]);
    // Only the supervisor's standard output is read for the announcement.
    command.args(&program[1..]).stdin(Stdio::null()).stdout(std::io::stderr());
    let mut child = command.kill_on_drop(true).spawn()?;
    let pid = child.id();
    let listening = async {
        while address.connect().await.is_err() {
            tokio::time::sleep(LISTEN_PERIOD).await;
        }
        announce(&address, pid)?;
        std::future::pending::<std::io::Result<()>>().await
    };
    tokio::select! {
        status = child.wait() => {
            let status = status?;
            eprintln!("The program ended ({status})");
            // As a shell reports a signal.
            std::process::exit(status.code().or(status.signal().map(|n| 128 + n)).unwrap_or(1))
        }
        failure = listening => Ok(failure?),
        _ = closed => {
            end(&mut child).await;
            Ok(())
        }
    }
}

/// Asks the group to end, and kills what is left of it, which includes the supervisor.
async fn end(child: &mut Child) {
    // Anything else would end processes that somebody else started.
    let is_leader = getpgrp() == getpid();
    if is_leader {
        // The group has at least the supervisor.
        let _ = kill_current_process_group(Signal::TERM);
    }
    let _ = tokio::time::timeout(END_GRACE, child.wait()).await;
    if is_leader {
        let _ = kill_current_process_group(Signal::KILL);
    }
    // Only without a group of its own.
    let _ = child.kill().await;
}
