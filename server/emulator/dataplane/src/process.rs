//! The process of one instance: starts it, reads its output, and stops it.

use std::ffi::OsString;
use std::io;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::process::{Child, ChildStdin, Command};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::address::Address;
use crate::clock::Clock;
use crate::instance::Announcement;
use crate::log::Log;
use crate::spec::DeploymentSpec;

/// How long a process may take to stop.
const END_GRACE: Duration = Duration::from_secs(3);
/// How long the last output of an ended process may take to arrive.
const LAST_WORDS_GRACE: Duration = Duration::from_millis(500);
/// The only variables that an instance inherits. The console's own variables contain secrets that no model
/// needs.
const INHERITED: [&str; 4] = ["PATH", "LD_LIBRARY_PATH", "TMPDIR", "TZ"];

/// How the processes of a deployment are started.
pub(crate) struct Launch {
    pub(crate) command: Vec<OsString>,
    pub(crate) work_dir: PathBuf,
    pub(crate) spec: DeploymentSpec,
    pub(crate) log: Arc<Log>,
    pub(crate) clock: Clock,
}

/// Resolves with the address at which a process listens, or with an error if the process never announces
/// one.
pub(crate) type Announced = oneshot::Receiver<Address>;

/// A running process. It is killed when dropped.
pub(crate) struct Process {
    child: Child,
    /// Kept here, because waiting for a child would close the input that it still owns.
    input: Option<ChildStdin>,
    readers: [JoinHandle<()>; 2],
    socket: Option<PathBuf>,
}

impl Launch {
    pub(crate) fn write_log(&self, line: &str) {
        self.log.write(self.clock.now(), line);
    }

    /// Starts a process that shall listen at a socket of this name.
    pub(crate) fn start(self: &Arc<Launch>, socket_name: &str) -> io::Result<(Process, Announced)> {
        let address = Address::for_instance(&self.work_dir, socket_name);
        let mut child = self.command(&address)?.spawn()?;
        let (announce, announced) = oneshot::channel();
        let stdout = child.stdout.take().map(|output| self.read(output, Some(announce)));
        let stderr = child.stderr.take().map(|output| self.read(output, None));
        let (Some(stdout), Some(stderr)) = (stdout, stderr) else {
            return Err(io::Error::other("the outputs are not piped"));
        };
        let socket = match address {
            Address::Unix(path) => Some(path),
            Address::Tcp(_) => None,
        };
        let input = child.stdin.take();
        Ok((Process { child, input, readers: [stdout, stderr], socket }, announced))
    }

    fn command(&self, address: &Address) -> io::Result<Command> {
        let Some((program, leading)) = self.command.split_first() else {
            return Err(io::Error::other("no program is configured for instances"));
        };
        let mut command = Command::new(program);
        command.args(leading).arg("--name").arg(&self.spec.name);
        command.arg("--listen").arg(address.to_string());
        if let Some(model) = &self.spec.model {
            command.arg("--model").arg(model);
        }
        if let Some(fault) = self.spec.fault {
            command.arg("--fault").arg(fault.prefix());
        }
        command.env_clear().envs(inherited()).envs(&self.spec.environment_variables);
        if let Some(model) = &self.spec.model {
            command.env("AZUREML_MODEL_DIR", model);
        }
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.kill_on_drop(true);
        Ok(command)
    }

    /// Copies an output to the log, except for the line that announces the address.
    fn read(
        self: &Arc<Launch>,
        output: impl AsyncRead + Send + Unpin + 'static,
        mut announce: Option<oneshot::Sender<Address>>,
    ) -> JoinHandle<()> {
        let launch = self.clone();
        tokio::spawn(async move {
            // Not `lines()`, which would stop at the first line that is not UTF-8.
            let mut lines = BufReader::new(output).split(b'\n');
            while let Ok(Some(line)) = lines.next_segment().await {
                let line = String::from_utf8_lossy(&line);
                match (parse_announcement(&line), announce.take()) {
                    // The receiver is gone if the instance was stopped meanwhile.
                    (Some(address), Some(announce)) => drop(announce.send(address)),
                    (_, unused) => {
                        announce = unused;
                        launch.write_log(&line);
                    }
                }
            }
        })
    }
}

#[expect(clippy::disallowed_methods, reason = "passed on to a child, not read as configuration")]
fn inherited() -> impl Iterator<Item = (&'static str, OsString)> {
    INHERITED.iter().filter_map(|name| Some((*name, std::env::var_os(name)?)))
}

fn parse_announcement(line: &str) -> Option<Address> {
    let announcement: Announcement = serde_json::from_str(line).ok()?;
    announcement.listening.parse().ok()
}

impl Process {
    pub(crate) fn pid(&self) -> Option<u32> {
        self.child.id()
    }

    /// Resolves when the process has ended and its last output has been read.
    pub(crate) async fn ended(&mut self) -> io::Result<ExitStatus> {
        let status = self.child.wait().await?;
        for reader in &mut self.readers {
            // A grandchild could hold the pipe open forever.
            let _ = tokio::time::timeout(LAST_WORDS_GRACE, reader).await;
        }
        Ok(status)
    }

    /// Stops the process: first by closing its input, then by force.
    pub(crate) async fn end(mut self) {
        drop(self.input.take());
        if tokio::time::timeout(END_GRACE, self.child.wait()).await.is_err() {
            // This fails only if the process has already ended by itself.
            let _ = self.child.kill().await;
        }
    }

    /// Kills the process.
    pub(crate) async fn kill(mut self) {
        let _ = self.child.kill().await;
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if let Some(socket) = &self.socket {
            // The socket file is useless without its process, and may already be gone.
            let _ = std::fs::remove_file(socket);
        }
    }
}
