//! The command lines of Locust's processes.

use std::path::Path;

use tokio::process::Command;

use super::Ready;
use super::link::MASTER;
use crate::failure::LoadFailure;
use crate::files;
use crate::plan::LocustPlan;

/// How long a master waits for its workers, in seconds.
const WORKERS_WAIT_S: &str = "60";
/// Variables of this process that Python needs.
const PASSED_ON: [&str; 7] = [
    "PATH",
    "LANG",
    "LD_LIBRARY_PATH",
    "PYENV_VERSION",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "REQUESTS_CA_BUNDLE",
];

/// Beginnings of Locust's variables that would change what we decide.
const NOT_PASSED_ON: [&str; 17] = [
    "UNDERSTUDY_LOAD_",
    "LOCUST_LOCUSTFILE",
    "LOCUST_MODE_",
    "LOCUST_MASTER_",
    "LOCUST_EXPECT_WORKERS",
    "LOCUST_PROCESSES",
    "LOCUST_HEAD",
    "LOCUST_AUTO",
    "LOCUST_WEB_",
    "LOCUST_TLS_",
    "LOCUST_CSV",
    "LOCUST_HTML",
    "LOCUST_LOGFILE",
    "LOCUST_SKIP_LOG_SETUP",
    "LOCUST_PRINT_STATS",
    "LOCUST_EXIT_CODE_ON_ERROR",
    "LOCUST_USERCLASS_PICKER",
];

/// The part of a process in the test. Engines count from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Alone,
    Master,
    Worker(u32),
}

impl Role {
    pub(super) fn number(self) -> i64 {
        match self {
            Self::Alone => 0,
            Self::Master => MASTER,
            Self::Worker(engine) => engine.into(),
        }
    }

    pub(super) fn name(self) -> String {
        match self {
            Self::Alone => String::new(),
            Self::Master => "master".to_owned(),
            Self::Worker(engine) => format!("engine {}", engine + 1),
        }
    }
}

/// Locust with the plan's files and variables.
pub(super) fn command(plan: &LocustPlan, ready: &Ready, folder: &Path) -> Command {
    let mut command = programs::with(&ready.python, &PASSED_ON);
    let files = format!("{},{}", ready.listener.display(), folder.join(&plan.main).display());
    command.args(["-m", "locust", "-f", &files]).current_dir(folder);
    command.env("HOME", ready.scratch.path().join("home"));
    command.env("TMPDIR", ready.scratch.path().join("tmp"));
    command.env("PYTHONUNBUFFERED", "1").env("PYTHONDONTWRITEBYTECODE", "1");
    let variables = plan.environment.iter().chain(&plan.secrets);
    command
        .envs(variables.filter(|(name, _)| {
            !NOT_PASSED_ON.iter().any(|beginning| name.starts_with(beginning))
        }));
    command
}

/// One process of a test.
///
/// # Errors
/// The files cannot be split.
pub(super) fn role_command(
    plan: &LocustPlan,
    ready: &Ready,
    role: Role,
    (engines, master_port): (u32, u16),
) -> Result<Command, LoadFailure> {
    let mut folder = ready.files.clone();
    if let Role::Worker(engine) = role
        && plan.split_csvs
    {
        folder = ready.scratch.path().join(format!("engine-{}", engine + 1));
        files::copy(&ready.files, &folder)?;
        files::split_csvs(&folder, engine, engines)?;
    }
    let mut command = command(plan, ready, &folder);
    // Failed requests are results, so the exit code says only whether Locust itself failed.
    command.args(["--exit-code-on-error", "0"]);
    let port = master_port.to_string();
    if let Role::Worker(_) = role {
        command.args(["--worker", "--master-host", "127.0.0.1", "--master-port", &port]);
        return Ok(command);
    }
    command.args(["--headless", "--only-summary"]);
    if role == Role::Master {
        command.args(["--master", "--master-bind-host", "127.0.0.1", "--master-bind-port", &port]);
        command.args(["--expect-workers", &engines.to_string()]);
        command.args(["--expect-workers-max-wait", WORKERS_WAIT_S]);
    }
    if let Some(users) = plan.users {
        command.args(["--users", &users.to_string()]);
    }
    if let Some(rate) = plan.spawn_rate {
        command.args(["--spawn-rate", &rate.to_string()]);
    }
    if let Some(duration) = plan.duration {
        command.args(["--run-time", &format!("{}s", duration.as_secs())]);
    }
    if let Some(host) = &plan.host {
        command.args([format!("--host={host}")]);
    }
    Ok(command)
}
