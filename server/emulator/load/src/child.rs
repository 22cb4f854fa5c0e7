//! Runs programs: each in a process group of its own, which is killed when the test ends or is dropped.

use std::io;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use tokio::io::AsyncReadExt as _;
use tokio::net::unix::pipe;
use tokio::process::{Child, Command};
use tokio::time::Instant;

use crate::context::{Stop, stopped};
use crate::log::LineLog;

/// How long a program may take to end when asked.
pub(crate) const END_GRACE: Duration = Duration::from_secs(8);
/// How long the output may stay open after the program has ended.
const OUTPUT_GRACE: Duration = Duration::from_secs(2);
const READ_BYTES: usize = 16 << 10;

/// A process group that is killed when dropped.
struct Group(Option<Pid>);

impl Group {
    fn kill(&self) {
        if let Some(pid) = self.0 {
            // It fails if the group has no process any more.
            let _ = kill_process_group(pid, Signal::KILL);
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.kill();
    }
}

/// A running program. It is killed with its children when dropped.
pub(crate) struct Program {
    child: Child,
    group: Group,
    output: pipe::Receiver,
}

/// Starts a program with both outputs in one pipe, which keeps their order.
///
/// # Errors
/// The program cannot be started.
pub(crate) fn start(command: &mut Command) -> io::Result<Program> {
    let (reader, writer) = io::pipe()?;
    command.stdin(Stdio::null()).stdout(writer.try_clone()?).stderr(writer);
    command.process_group(0).kill_on_drop(true);
    let child = command.spawn()?;
    // This process must not hold the pipe open.
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let group = Group(child.id().and_then(|id| Pid::from_raw(i32::try_from(id).ok()?)));
    Ok(Program { child, group, output: pipe::Receiver::from_owned_fd(reader.into())? })
}

impl Program {
    /// Reads the output until the program ends. At a stop, the program is asked to end, and killed after the grace.
    ///
    /// # Errors
    /// The program cannot be waited for.
    pub(crate) async fn follow(
        mut self,
        log: &mut LineLog<'_>,
        mut stop: Stop,
        grace: Duration,
    ) -> io::Result<ExitStatus> {
        let mut buffer = vec![0; READ_BYTES];
        let mut is_open = true;
        let mut killed_at = None;
        let status = loop {
            tokio::select! {
                read = self.output.read(&mut buffer), if is_open => match read? {
                    0 => is_open = false,
                    length => log.write(&buffer[..length]),
                },
                status = self.child.wait() => break status?,
                () = stopped(&mut stop), if killed_at.is_none() => {
                    if let Some(pid) = self.group.0 {
                        // It fails if the program has just ended.
                        let _ = kill_process(pid, Signal::TERM);
                    }
                    killed_at = Some(Instant::now() + grace);
                }
                () = tokio::time::sleep_until(killed_at.unwrap_or_else(Instant::now)),
                    if killed_at.is_some() =>
                {
                    self.group.kill();
                    // The group is gone now, and the program with it.
                    killed_at = Some(Instant::now() + grace);
                }
            }
        };
        // Children that outlive the program would hold the output open.
        self.group.kill();
        self.group.0 = None;
        let rest = async {
            while let Ok(length @ 1..) = self.output.read(&mut buffer).await {
                log.write(&buffer[..length]);
            }
        };
        if is_open {
            let _ = tokio::time::timeout(OUTPUT_GRACE, rest).await;
        }
        Ok(status)
    }
}

/// Finds a program in `PATH`.
pub(crate) fn find(name: &str) -> Option<PathBuf> {
    let path = programs::inherited("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|path| path.is_file())
}
