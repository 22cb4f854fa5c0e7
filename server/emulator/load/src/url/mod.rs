//! The generator of URL plans. Each engine is a thread with its own runtime, so that neither the emulator nor another
//! engine delays a request.

mod connection;
mod engine;
mod exchange;
mod open;
mod pacer;
mod prepared;
mod schedule;
mod users;

use std::sync::Arc;
use std::time::Instant;

use tokio::sync::oneshot;

use crate::context::{Driven, Run, Stop};
use crate::failure::LoadFailure;
use crate::plan::UrlPlan;
use crate::recorder::{Recorder, Totals};
use prepared::Prepared;

/// Carries out a URL plan.
///
/// # Errors
/// The plan is not valid, or a thread cannot be started.
pub(crate) async fn drive(
    plan: &UrlPlan,
    run: &Run<'_>,
    recorders: Vec<Recorder>,
    stop: Stop,
    called: Instant,
) -> Result<Driven, LoadFailure> {
    let prepared = Arc::new(Prepared::new(plan)?);
    let engines = u32::try_from(recorders.len()).unwrap_or(u32::MAX);
    let zero = Instant::now();
    let prepared_for = zero.saturating_duration_since(called);
    let millis = u64::try_from(prepared_for.as_millis()).unwrap_or(u64::MAX);
    let mut waiting = Vec::new();
    for mut recorder in recorders {
        recorder.begin(zero, run.started_at_ms.saturating_add(millis));
        let (sender, receiver) = oneshot::channel();
        let (prepared, stop, name) =
            (prepared.clone(), stop.clone(), format!("load-engine-{}", recorder.engine() + 1));
        let work = move || {
            // The receiver is gone if the test was dropped.
            let _ = sender.send(engine::run(prepared, recorder, engines, zero, stop));
        };
        let thread = std::thread::Builder::new().name(name).spawn(work);
        thread.map_err(|error| LoadFailure::io("cannot start an engine", &error))?;
        waiting.push(receiver);
    }
    let mut totals: Vec<Totals> = Vec::new();
    for receiver in waiting {
        let ended = receiver.await.map_err(|_| LoadFailure::Io("an engine panicked".to_owned()))?;
        totals.push(ended.map_err(|error| LoadFailure::io("cannot run an engine", &error))?);
    }
    Ok(Driven { totals, prepared: prepared_for, exit_code: None, broken: None })
}
