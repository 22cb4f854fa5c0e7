//! Runs the programs of a build: in a process group of their own, with their output as it is written.

use std::io;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::AsyncReadExt;
use tokio::net::unix::pipe;
use tokio::process::Command;

use crate::build::LogSink;

/// How much of the output's end is kept, to find out why a program failed.
const TAIL_BYTES_MAX: usize = 4096;
/// How long the output may stay open after the program has ended.
const OUTPUT_GRACE: Duration = Duration::from_secs(2);
const READ_BYTES: usize = 16 << 10;

/// How a program ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) status: ExitStatus,
    /// The last bytes of its output.
    pub(crate) tail: String,
}

/// A process group that is killed when dropped, for example when a build is cancelled.
struct Group(Option<Pid>);

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(pid) = self.0 {
            // It fails if the group has no process any more.
            let _ = kill_process_group(pid, Signal::KILL);
        }
    }
}

/// Runs a program to its end. Dropping the future kills the program and its children.
///
/// # Errors
/// The program cannot be started.
pub(crate) async fn run(command: &mut Command, log: LogSink<'_>) -> io::Result<Ended> {
    // One pipe for both outputs keeps their order.
    let (reader, writer) = io::pipe()?;
    command.stdin(Stdio::null()).stdout(writer.try_clone()?).stderr(writer);
    command.process_group(0).kill_on_drop(true);
    let mut child = command.spawn()?;
    // This process must not hold the pipe open.
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let group = Group(child.id().and_then(|id| Pid::from_raw(i32::try_from(id).ok()?)));
    let mut output = pipe::Receiver::from_owned_fd(reader.into())?;
    let mut tail = Vec::new();
    let mut buffer = vec![0; READ_BYTES];
    let status = loop {
        tokio::select! {
            read = output.read(&mut buffer) => match read? {
                0 => break child.wait().await?,
                length => pass_on(&buffer[..length], &mut tail, log),
            },
            status = child.wait() => break status?,
        }
    };
    // Children that outlive the program would hold the output open.
    drop(group);
    let rest = async {
        while let Ok(length @ 1..) = output.read(&mut buffer).await {
            pass_on(&buffer[..length], &mut tail, log);
        }
    };
    let _ = tokio::time::timeout(OUTPUT_GRACE, rest).await;
    Ok(Ended { status, tail: String::from_utf8_lossy(&tail).into_owned() })
}

fn pass_on(bytes: &[u8], tail: &mut Vec<u8>, log: LogSink<'_>) {
    log(bytes);
    tail.extend_from_slice(bytes);
    let surplus = tail.len().saturating_sub(TAIL_BYTES_MAX);
    tail.drain(..surplus);
}

/// Runs a program whose output is its answer; `None` if it fails or says more than fits the tail.
pub(crate) async fn ask(command: &mut Command) -> Option<String> {
    let ended = run(command, &|_| {}).await.ok()?;
    ended.status.success().then(|| ended.tail.trim().to_owned())
}
