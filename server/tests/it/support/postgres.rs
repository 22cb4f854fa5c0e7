//! A PostgreSQL server for one test, from Debian's package, in a temporary folder and without a port.

use std::os::unix::fs::{MetadataExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;
use tokio::time::Instant;

/// The user “nobody”: the server refuses to run as root.
const NOBODY: u32 = 65_534;

/// A running server; it ends with the test.
pub struct Postgres {
    server: Child,
    folder: TempDir,
}

impl Postgres {
    /// Starts one and waits until it answers.
    pub async fn start() -> Self {
        // Short: a socket's path has about a hundred characters at most.
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
        let server = program("postgres", path)
            .args(["-c", "listen_addresses=", "-c", "fsync=off", "-k"])
            .arg(path)
            .arg("-D")
            .arg(&data)
            .spawn()
            .expect("postgres runs");
        let server = Self { server, folder };
        server.answers().await;
        server
    }

    /// How to reach it.
    pub fn url(&self) -> String {
        format!("postgres://postgres@localhost/postgres?host={}", self.folder.path().display())
    }

    async fn answers(&self) {
        let deadline = Instant::now() + super::PATIENCE;
        while let Err(error) = sqlx::PgPool::connect(&self.url()).await {
            assert!(Instant::now() < deadline, "{error}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

fn is_root(folder: &Path) -> bool {
    std::fs::metadata(folder).is_ok_and(|folder| folder.uid() == 0)
}

/// One of the server's programs, as somebody who may run it.
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
