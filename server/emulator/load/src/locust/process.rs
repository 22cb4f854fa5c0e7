//! Locust's processes: one alone, or a master with its workers.

use std::net::Ipv4Addr;
use std::process::ExitStatus;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::stream::{FuturesUnordered, StreamExt as _};
use tokio::net::TcpListener;
use tokio::sync::watch;

use super::link::{MASTER, Station};
use super::role::{Role, role_command};
use super::{Ready, explain};
use crate::child::{self, END_GRACE, Program};
use crate::context::{Driven, Run, Stop, stopped};
use crate::failure::LoadFailure;
use crate::log::LineLog;
use crate::plan::LocustPlan;
use crate::recorder::Recorder;

/// How long Locust may take to start and to end, besides the test itself.
const OVERHEAD_MAX: Duration = Duration::from_secs(150);
/// Azure's limit for a test.
const DURATION_MAX: Duration = Duration::from_secs(24 * 3600);
/// How long the last message of an ended process may take.
const LAST_MESSAGE_MAX: Duration = Duration::from_millis(500);

/// How the processes ended.
#[derive(Default)]
struct Ended {
    /// The last lines of the process that failed, or of the main process.
    lines: Vec<String>,
    /// Why the test is not complete.
    broken: Option<String>,
    was_stopped: bool,
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
    let engines = u32::try_from(recorders.len()).unwrap_or(u32::MAX);
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
    let counted: u64 =
        totals.iter().flat_map(|one| one.by_name.values()).map(|one| one.count).sum();
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
    engines: u32,
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
        roles.extend((0..engines).map(Role::Worker));
    }
    let begin = |role: Role| {
        let mut command = role_command(plan, ready, role, (engines, master_port))?;
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
