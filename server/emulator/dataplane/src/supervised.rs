//! An instance as the rest of the data plane sees it. Its [`Supervisor`] works behind it.

use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwapOption;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::connection::Backend;
use crate::failure::StartFailure;
use crate::process::Launch;
use crate::spec::{InstanceState, InstanceStatus};
use crate::supervisor::Supervisor;

/// What the router sees of an instance.
pub(crate) struct Instance {
    pub(crate) id: String,
    /// Where requests go; none unless the instance is ready.
    pub(crate) backend: ArcSwapOption<Backend>,
    pub(crate) in_flight: AtomicUsize,
    pub(crate) restarts: AtomicU32,
    state: Mutex<(InstanceState, Option<u32>)>,
}

/// An instance with the task that looks after it. When dropped, the instance is stopped.
pub(crate) struct Supervised {
    pub(crate) instance: Arc<Instance>,
    stop: watch::Sender<bool>,
    start: watch::Receiver<Start>,
    task: Mutex<Option<JoinHandle<()>>>,
}

/// How the first start went.
#[derive(Clone, Debug)]
pub(crate) enum Start {
    Pending,
    Ready,
    Failed(StartFailure),
}

impl Supervised {
    pub(crate) fn start(id: String, socket_name: String, launch: Arc<Launch>) -> Supervised {
        let instance = Arc::new(Instance {
            id,
            backend: ArcSwapOption::empty(),
            in_flight: AtomicUsize::new(0),
            restarts: AtomicU32::new(0),
            state: Mutex::new((InstanceState::Starting, None)),
        });
        let (stop, stopped) = watch::channel(false);
        let (start, started) = watch::channel(Start::Pending);
        let supervisor = Supervisor::new(instance.clone(), launch, socket_name, stopped, start);
        let task = Mutex::new(Some(tokio::spawn(supervisor.run())));
        Supervised { instance, stop, start: started, task }
    }

    /// Resolves when the instance was ready for the first time, or never will be.
    pub(crate) async fn started(&self) -> Result<(), StartFailure> {
        let mut start = self.start.clone();
        let settled = start.wait_for(|start| !matches!(start, Start::Pending)).await;
        match settled.as_deref() {
            Ok(Start::Ready) => Ok(()),
            Ok(Start::Failed(failure)) => Err(failure.clone()),
            // The supervisor ended without a word: it was stopped.
            Ok(Start::Pending) | Err(_) => Err(StartFailure::Cancelled),
        }
    }

    pub(crate) fn request_stop(&self) {
        self.stop.send_replace(true);
    }

    /// Ends the process and resolves when it has ended.
    pub(crate) async fn stop(&self) {
        self.request_stop();
        let task = self.task.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(task) = task {
            // A supervisor that panicked has dropped, hence killed, its process.
            let _ = task.await;
        }
    }
}

impl Instance {
    pub(crate) fn status(&self) -> InstanceStatus {
        let (state, pid) = *self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let restarts = self.restarts.load(Ordering::Relaxed);
        InstanceStatus { id: self.id.clone(), state, restarts, pid }
    }

    pub(crate) fn set_state(&self, state: InstanceState, pid: Option<u32>) {
        *self.state.lock().unwrap_or_else(PoisonError::into_inner) = (state, pid);
    }
}
