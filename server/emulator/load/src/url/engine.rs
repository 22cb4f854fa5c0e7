//! One engine: a thread that sends its share of the requests.

use std::cell::{Cell, RefCell};
use std::io;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::task::LocalSet;

use super::prepared::Prepared;
use super::{open, users};
use crate::context::{Stop, stopped};
use crate::plan::UrlLoad;
use crate::recorder::{NameId, Recorder, Totals};

const SECOND: Duration = Duration::from_secs(1);

/// What the tasks of an engine share. They all run on one thread.
pub(super) struct Engine {
    pub(super) prepared: Arc<Prepared>,
    /// The names of the requests.
    pub(super) names: Vec<NameId>,
    pub(super) zero: Instant,
    /// From 0.
    pub(super) number: u32,
    /// How many engines there are.
    pub(super) engines: u32,
    /// Requests in flight.
    pub(super) busy: Cell<u32>,
    /// Users that have begun; `None` if requests in flight count as users.
    pub(super) users: Cell<Option<u32>>,
    recorder: RefCell<Option<Recorder>>,
}

impl Engine {
    /// Uses the recorder, unless the engine has ended.
    pub(super) fn record(&self, work: impl FnOnce(&mut Recorder)) {
        if let Some(recorder) = self.recorder.borrow_mut().as_mut() {
            work(recorder);
        }
    }
}

/// Runs an engine to its end, or until it must stop. Requests in flight at a stop are not counted.
pub(super) fn run(
    prepared: Arc<Prepared>,
    mut recorder: Recorder,
    engines: u32,
    zero: Instant,
    mut stop: Stop,
) -> io::Result<Totals> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let names = prepared.plan.requests.iter().map(|request| recorder.name(&request.name));
    let engine = Rc::new(Engine {
        names: names.collect(),
        zero,
        number: recorder.engine(),
        engines,
        busy: Cell::new(0),
        users: Cell::new(None),
        recorder: RefCell::new(Some(recorder)),
        prepared,
    });
    let local = LocalSet::new();
    let ended = local.block_on(&runtime, async {
        tokio::task::spawn_local(tick(engine.clone()));
        let load = engine.prepared.plan.load;
        tokio::select! {
            ended = generate(engine.clone(), load) => ended,
            () = stopped(&mut stop) => Ok(()),
        }
    });
    let recorder = engine.recorder.borrow_mut().take();
    // The tasks end here, and do not record any more.
    drop(local);
    // Looking up a host name cannot be cancelled; nobody waits for it.
    runtime.shutdown_background();
    ended?;
    recorder.map(Recorder::finish).ok_or_else(|| io::Error::other("the recorder is gone"))
}

async fn generate(engine: Rc<Engine>, load: UrlLoad) -> io::Result<()> {
    match load {
        UrlLoad::Rate { per_second, connections_max } => {
            open::generate(engine, per_second, connections_max).await
        }
        UrlLoad::Users(all) => {
            users::generate(engine, all).await;
            Ok(())
        }
    }
}

/// Reports every second.
async fn tick(engine: Rc<Engine>) {
    for second in 0.. {
        tokio::time::sleep_until((engine.zero + SECOND * (second + 1)).into()).await;
        let users = engine.users.get().unwrap_or(engine.busy.get());
        engine.record(|recorder| {
            recorder.set_users(users);
            recorder.flush(second);
        });
    }
}
