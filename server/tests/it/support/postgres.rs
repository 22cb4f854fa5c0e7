//! A PostgreSQL server for one test, from Debian's package, in a temporary folder and without a port.

use rustix::process::{Pid, Signal, kill_process};
use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::{MetadataExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, Stdio};
use tempfile::TempDir;

/// The user “nobody”, because the server refuses to run as root.
const NOBODY: u32 = 65_534;

/// A server that ends with the test.
pub struct Postgres {
    server: Child,
    folder: TempDir,
}

impl Postgres {
    /// Starts a server and waits until it answers.
    pub async fn start() -> Self {
        // The path is short, because a socket's path has at most about a hundred characters.
        let folder = tempfile::Builder::new().prefix("pg").tempdir().expect("a folder");
        let path = folder.path();
        if is_root(path) {
            chown(path, Some(NOBODY), Some(NOBODY)).expect("the folder is given away");
        }
        let data = path.join("data");
        let made = program("initdb", path)
            .args([
                "--auth=trust",
                "--username=postgres",
                "--no-sync",
                "--encoding=UTF8",
                "--pgdata",
            ])
            .arg(&data)
            .output();
        let made = made.expect("initdb runs");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        Self { server: serve(path).await, folder }
    }

    /// Stops it at once, like a power failure: connections break, and new ones are refused.
    pub fn stop(&mut self) {
        let id = i32::try_from(self.server.id()).expect("a process id");
        // “Immediate shutdown” also ends the server's child processes. SIGKILL would not.
        let _ = kill_process(Pid::from_raw(id).expect("not 0"), Signal::QUIT);
        self.server.wait().expect("it ends");
    }

    pub async fn start_again(&mut self) {
        self.server = serve(self.folder.path()).await;
    }

    pub fn socket(&self) -> PathBuf {
        self.folder.path().join(".s.PGSQL.5432")
    }

    pub fn url(&self) -> String {
        format!("postgres://postgres@localhost/postgres?host={}", self.folder.path().display())
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // The server may have ended by itself.
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

/// Starts the server on the data in a folder, and waits until it answers.
async fn serve(folder: &Path) -> Child {
    let mut server = program("postgres", folder)
        // The log must be in English, because the test waits for a line in it.
        .args(["-c", "lc_messages=C", "-c", "listen_addresses=", "-c", "fsync=off", "-k"])
        .arg(folder)
        .arg("-D")
        .arg(folder.join("data"))
        .spawn()
        .expect("postgres runs");
    let log = server.stderr.take().expect("its log is piped");
    let ready = tokio::task::spawn_blocking(move || follow(log));
    let ready = tokio::time::timeout(super::PATIENCE, ready).await;
    ready.expect("it is ready in time").expect("its log is read");
    server
}

/// Reads the server's log until it says that it is ready. A thread reads and discards the rest, because a
/// full pipe would block the server.
fn follow(log: ChildStderr) {
    let mut lines = BufReader::new(log).lines();
    let mut said = Vec::new();
    for line in lines.by_ref().map_while(Result::ok) {
        if line.contains("database system is ready to accept connections") {
            std::thread::spawn(move || lines.count());
            return;
        }
        said.push(line);
    }
    panic!("PostgreSQL ended before it was ready:\n{}", said.join("\n"));
}

fn is_root(folder: &Path) -> bool {
    std::fs::metadata(folder).is_ok_and(|folder| folder.uid() == 0)
}

/// One of the server's programs, as a user who may run it.
fn program(name: &str, folder: &Path) -> Command {
    let versions = std::fs::read_dir("/usr/lib/postgresql");
    let versions = versions.expect("PostgreSQL; “make test” installs Debian's package postgresql");
    let newest = versions.flatten().map(|version| version.path()).max();
    let bin: PathBuf = newest.expect("a version").join("bin").join(name);
    let mut command = Command::new(bin);
    command.current_dir(folder).stdout(Stdio::null()).stderr(Stdio::piped());
    let owner = std::fs::metadata(folder).expect("a folder").uid();
    if owner == NOBODY {
        command.gid(NOBODY).uid(NOBODY);
    }
    command
}
