//! The process of one instance: starts it, reads its output, and stops it.

use std::ffi::OsString;
use std::io;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::process::{Child, ChildStdin, Command};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::address::Address;
use crate::clock::Clock;
use crate::instance::Announcement;
use crate::log::{Container, Log};
use crate::observer::{ContainerEvent, SeenEvent, SeenLine, Tap};
use crate::program::{self, inherited};
use crate::spec::DeploymentSpec;

/// How long a process may take to stop.
const END_GRACE: Duration = Duration::from_secs(3);
/// How long the last output of an ended process may take to arrive.
const LAST_WORDS_GRACE: Duration = Duration::from_millis(500);
/// How the processes of a deployment are started.
pub(crate) struct Launch {
    pub(crate) command: Vec<OsString>,
    pub(crate) work_dir: PathBuf,
    pub(crate) spec: DeploymentSpec,
    pub(crate) log: Arc<Log>,
    pub(crate) clock: Clock,
    /// The name of the endpoint.
    pub(crate) endpoint: String,
    pub(crate) tap: Tap,
}

/// What a process announces.
#[derive(Debug)]
pub(crate) struct Announced {
    /// Where it listens.
    pub(crate) address: Address,
    /// The process of the program that it supervises.
    pub(crate) pid: Option<u32>,
}

/// Resolves when a process listens, or with an error if it never announces that.
pub(crate) type Announcing = oneshot::Receiver<Announced>;

/// A running process. It is killed when dropped.
pub(crate) struct Process {
    child: Child,
    /// Kept here, because waiting for a child would close the input that it still owns.
    input: Option<ChildStdin>,
    readers: [JoinHandle<()>; 2],
    socket: Option<PathBuf>,
    /// The folder for temporary files of a supervised program.
    temp: Option<PathBuf>,
    /// The process group of a supervised program.
    group: Option<Pid>,
}

impl Launch {
    pub(crate) fn write_log(&self, line: &str) {
        self.log.write(self.clock.now(), line);
    }

    /// Keeps a line that an instance has written itself.
    fn write_output(&self, instance: &str, line: &str) {
        let at = self.clock.now();
        self.log.write(at, line);
        if let Some(observer) = self.tap.get() {
            observer.line(&SeenLine {
                at,
                endpoint: &self.endpoint,
                deployment: &self.spec.name,
                container: Container::InferenceServer,
                instance: Some(instance),
                text: line.trim_end(),
            });
        }
    }

    /// Shows an event of an instance's container.
    pub(crate) fn show_event(&self, instance: &str, event: ContainerEvent, message: &str) {
        if let Some(observer) = self.tap.get() {
            observer.event(&SeenEvent {
                at: self.clock.now(),
                endpoint: &self.endpoint,
                deployment: &self.spec.name,
                instance,
                event,
                message,
            });
        }
    }

    /// Shows that an instance's container starts.
    pub(crate) fn show_start(&self, instance: &str) {
        let show = |event, message| self.show_event(instance, event, message);
        if self.spec.program().is_some() {
            show(ContainerEvent::Pulled, "The container image is present on the machine");
        }
        show(ContainerEvent::Created, "Created container inference-server");
        show(ContainerEvent::Started, "Started container inference-server");
    }

    /// Shows that an instance is not ready.
    pub(crate) fn show_unready(&self, instance: &str, failures: u32) {
        let message = format!("Readiness probe failed {failures} times");
        self.show_event(instance, ContainerEvent::ReadinessProbeFailed, &message);
    }

    /// Starts an instance's process that shall listen at a socket of this name.
    pub(crate) fn start(
        self: &Arc<Launch>,
        instance: &str,
        socket_name: &str,
    ) -> io::Result<(Process, Announcing)> {
        let program = self.spec.program();
        let (address, mut command, temp) = match program {
            Some(program) => {
                let port = program::free_port()?;
                // A program that is killed leaves its temporary files.
                let temp = self.work_dir.join(socket_name).with_extension("tmp");
                std::fs::create_dir(&temp)?;
                let place = (port, temp.as_path());
                let command = program::command(&self.command, &self.spec, program, place)?;
                (Address::Tcp(port), command, Some(temp))
            }
            None => {
                let address = Address::for_instance(&self.work_dir, socket_name);
                let command = self.command(&address)?;
                (address, command, None)
            }
        };
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        // A supervisor must live to end its program, and its group is killed instead.
        command.kill_on_drop(program.is_none());
        let mut child = command.spawn()?;
        let group = child.id().filter(|_| program.is_some());
        let group = group.and_then(|id| Pid::from_raw(i32::try_from(id).ok()?));
        let (announce, announced) = oneshot::channel();
        let stdout = child.stdout.take().map(|output| self.read(instance, output, Some(announce)));
        let stderr = child.stderr.take().map(|output| self.read(instance, output, None));
        let (Some(stdout), Some(stderr)) = (stdout, stderr) else {
            return Err(io::Error::other("the outputs are not piped"));
        };
        let socket = match address {
            Address::Unix(path) => Some(path),
            Address::Tcp(_) => None,
        };
        let input = child.stdin.take();
        let readers = [stdout, stderr];
        Ok((Process { child, input, readers, socket, temp, group }, announced))
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
        Ok(command)
    }

    /// Copies an output to the log, except for the line that announces the address.
    fn read(
        self: &Arc<Launch>,
        instance: &str,
        output: impl AsyncRead + Send + Unpin + 'static,
        mut announce: Option<oneshot::Sender<Announced>>,
    ) -> JoinHandle<()> {
        let (launch, instance) = (self.clone(), instance.to_owned());
        tokio::spawn(async move {
            // Not `lines()`, which would stop at the first line that is not UTF-8.
            let mut lines = BufReader::new(output).split(b'\n');
            while let Ok(Some(line)) = lines.next_segment().await {
                let line = String::from_utf8_lossy(&line);
                match (parse_announcement(&line), announce.take()) {
                    // The receiver is gone if the instance was stopped meanwhile.
                    (Some(announced), Some(announce)) => drop(announce.send(announced)),
                    (_, unused) => {
                        announce = unused;
                        launch.write_output(&instance, &line);
                    }
                }
            }
        })
    }
}

fn parse_announcement(line: &str) -> Option<Announced> {
    let announcement: Announcement = serde_json::from_str(line).ok()?;
    Some(Announced { address: announcement.listening.parse().ok()?, pid: announcement.pid })
}

impl Process {
    pub(crate) fn pid(&self) -> Option<u32> {
        self.child.id()
    }

    /// Resolves when the process has ended and its last output has been read.
    pub(crate) async fn ended(&mut self) -> io::Result<ExitStatus> {
        let status = self.child.wait().await?;
        self.kill_group();
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
        self.kill_group();
        let _ = self.child.kill().await;
    }

    /// Kills a supervised program with all its children.
    fn kill_group(&self) {
        if let Some(group) = self.group {
            // It fails if no process of the group is left.
            let _ = kill_process_group(group, Signal::KILL);
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill_group();
        if let Some(socket) = &self.socket {
            // The socket file is useless without its process, and may already be gone.
            let _ = std::fs::remove_file(socket);
        }
        if let Some(temp) = &self.temp {
            // What stays is removed with the data plane's folder.
            let _ = std::fs::remove_dir_all(temp);
        }
    }
}
