//! Locust's processes: one alone, or a master with its workers.

use std::net::Ipv4Addr;
use std::process::ExitStatus;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::stream::{FuturesUnordered, StreamExt as _};
use tokio::net::TcpListener;
use tokio::process::Command;
use tokio::sync::watch;

use super::link::{MASTER, Station};
use super::{END_GRACE, Ready, explain};
use crate::child::{self, Program, inherited};
use crate::failure::LoadFailure;
use crate::log::LineLog;
use crate::plan::LocustPlan;
use crate::recorder::Recorder;
use crate::run::{Driven, Run, Stop, stopped};

/// How long Locust may take to start and to end, besides the test itself.
const OVERHEAD_MAX: Duration = Duration::from_secs(150);
/// Azure's limit for a test.
const DURATION_MAX: Duration = Duration::from_secs(24 * 3600);
/// How long a master waits for its workers, in seconds.
const WORKERS_WAIT_S: &str = "60";
/// How long the last message of an ended process may take.
const LAST_MESSAGE_MAX: Duration = Duration::from_millis(500);

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
enum Role {
    Alone,
    Master,
    Worker(u32),
}

impl Role {
    fn number(self) -> i64 {
        match self {
            Self::Alone => 0,
            Self::Master => MASTER,
            Self::Worker(engine) => engine.into(),
        }
    }

    fn name(self) -> String {
        match self {
            Self::Alone => String::new(),
            Self::Master => "master".to_owned(),
            Self::Worker(engine) => format!("engine {}", engine + 1),
        }
    }
}

/// How the processes ended.
#[derive(Default)]
struct Ended {
    /// The last lines of the process that failed, or of the main process.
    lines: Vec<String>,
    /// Why the test is not complete.
    broken: Option<String>,
    was_stopped: bool,
}

/// Locust with the plan's files and variables.
pub(super) fn command(plan: &LocustPlan, ready: &Ready) -> Command {
    let mut command = Command::new(&ready.python);
    let files = format!("{},{}", ready.listener.display(), ready.main.display());
    command.args(["-m", "locust", "-f", &files]).current_dir(&ready.files);
    command.env_clear();
    command.envs(PASSED_ON.iter().filter_map(|name| Some((*name, inherited(name)?))));
    command.env("HOME", ready.scratch.path().join("home"));
    command.env("TMPDIR", ready.scratch.path().join("tmp"));
    command.env("PYTHONUNBUFFERED", "1").env("PYTHONDONTWRITEBYTECODE", "1");
    let variables = plan.environment.iter().chain(&plan.secrets);
    command.envs(variables.filter(|(name, _)| {
        !NOT_PASSED_ON.iter().any(|beginning| name.starts_with(beginning))
    }));
    command
}

fn role_command(
    plan: &LocustPlan,
    ready: &Ready,
    role: Role,
    (engines, master_port): (usize, u16),
) -> Command {
    let mut command = command(plan, ready);
    // Failed requests are results, so the exit code says only whether Locust itself failed.
    command.args(["--exit-code-on-error", "0"]);
    let port = master_port.to_string();
    if let Role::Worker(_) = role {
        command.args(["--worker", "--master-host", "127.0.0.1", "--master-port", &port]);
        return command;
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
    command
}

/// Runs the test.
///
/// # Errors
/// The test did not begin.
pub(super) async fn run(
    plan: &LocustPlan,
    ready: &Ready,
    run: &Run<'_>,
    recorders: Vec<Recorder>,
    stop: Stop,
    called: Instant,
) -> Result<Driven, LoadFailure> {
    let failed = |error| LoadFailure::io("cannot listen on 127.0.0.1", &error);
    let engines = recorders.len();
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.map_err(failed)?;
    let port = listener.local_addr().map_err(failed)?.port();
    let station = Arc::new(Station::new(recorders, called, run.started_at_ms));
    let (over, is_over) = watch::channel(false);
    let processes = async {
        let programs = start(plan, ready, &station, engines, port);
        let ended = match programs {
            Ok(programs) => Ok(follow(plan, run, programs, &station, stop).await),
            Err(failure) => Err(failure),
        };
        over.send_replace(true);
        ended
    };
    let (ended, totals) = tokio::join!(processes, station.serve(listener, is_over));
    let mut ended = ended?;
    let main = station.end(if engines == 1 { 0 } else { MASTER });
    let Some(prepared) = station.prepared() else {
        return Err(match ended.was_stopped {
            true => LoadFailure::Cancelled,
            false => explain::failure(plan, &ready.files, &ended.lines),
        });
    };
    if main.is_none() && !ended.was_stopped && ended.broken.is_none() {
        let why = explain::failure(plan, &ready.files, &ended.lines);
        ended.broken = Some(format!("Locust ended before the end of the test: {why}"));
    }
    let counted: u64 = totals.iter().flat_map(|one| one.by_name.values()).map(|one| one.count).sum();
    if let Some(end) = main.as_ref().filter(|end| end.requests > counted) {
        let dropped = end.dropped;
        let text = format!(
            "Locust counted {} requests, of which {counted} are in the results ({dropped} were too many at once)\n",
            end.requests
        );
        (run.log)(text.as_bytes());
    }
    let exit_code = main.map(|end| end.exit_code).filter(|code| *code != 0);
    Ok(Driven { totals, prepared, exit_code, broken: ended.broken })
}

fn start(
    plan: &LocustPlan,
    ready: &Ready,
    station: &Station,
    engines: usize,
    port: u16,
) -> Result<Vec<(Role, Program)>, LoadFailure> {
    let failed = |error| LoadFailure::io("cannot start Locust", &error);
    let mut roles = vec![Role::Alone];
    let mut master_port = 0;
    if engines > 1 {
        // Free now; Locust cannot take over a socket.
        let probe = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(failed)?;
        master_port = probe.local_addr().map_err(failed)?.port();
        roles = vec![Role::Master];
        roles.extend((0..).take(engines).map(Role::Worker));
    }
    let begin = |role: Role| {
        let mut command = role_command(plan, ready, role, (engines, master_port));
        command.env("UNDERSTUDY_LOAD_PORT", port.to_string());
        command.env("UNDERSTUDY_LOAD_TOKEN", station.token());
        command.env("UNDERSTUDY_LOAD_ENGINE", role.number().to_string());
        Ok((role, child::start(&mut command).map_err(failed)?))
    };
    roles.into_iter().map(begin).collect()
}

/// Follows the processes until all have ended.
async fn follow(
    plan: &LocustPlan,
    run: &Run<'_>,
    programs: Vec<(Role, Program)>,
    station: &Station,
    mut stop: Stop,
) -> Ended {
    let (end, ending) = watch::channel(false);
    let mut running: FuturesUnordered<_> = programs
        .into_iter()
        .map(|(role, program)| {
            let mut log = LineLog::new(run.log, run.mask.clone(), &role.name());
            let ending = ending.clone();
            async move {
                let status = program.follow(&mut log, ending, END_GRACE).await;
                (role, status.ok(), log.finish())
            }
        })
        .collect();
    let mut ended = Ended::default();
    let limit = plan.duration.unwrap_or(DURATION_MAX) + OVERHEAD_MAX;
    let mut deadline = tokio::time::Instant::now() + limit;
    loop {
        tokio::select! {
            () = stopped(&mut stop), if !ended.was_stopped => {
                ended.was_stopped = true;
                end.send_replace(true);
            }
            () = tokio::time::sleep_until(deadline), if !*end.borrow() => {
                // Workers that outlive their master end without further words.
                if running.len() > 1 || ended.lines.is_empty() {
                    ended.broken.get_or_insert_with(|| {
                        format!("Locust was still running {} s after its end", OVERHEAD_MAX.as_secs())
                    });
                }
                end.send_replace(true);
            }
            next = running.next() => {
                let Some((role, status, lines)) = next else { return ended };
                if !matches!(role, Role::Worker(_)) {
                    ended.lines = lines;
                    deadline = tokio::time::Instant::now() + END_GRACE;
                } else if !ended.was_stopped && has_failed(role, status, station).await {
                    let last = lines.last().map_or("", String::as_str);
                    ended.broken.get_or_insert_with(|| {
                        format!("{} ended early ({}): {last}", role.name(), shown(status))
                    });
                    if ended.lines.is_empty() {
                        ended.lines = lines;
                    }
                    end.send_replace(true);
                }
            }
        }
    }
}

/// Whether a worker ended without being asked to. Its last message may come a moment after its end.
async fn has_failed(role: Role, status: Option<ExitStatus>, station: &Station) -> bool {
    if status.is_some_and(|status| status.success()) {
        return false;
    }
    let deadline = Instant::now() + LAST_MESSAGE_MAX;
    while station.end(role.number()).is_none() {
        if Instant::now() > deadline {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    false
}

fn shown(status: Option<ExitStatus>) -> String {
    status.map_or_else(|| "unknown".to_owned(), |status| status.to_string())
}
