//! An instance as its deployment holds it. Its [`Supervisor`] runs behind it.

use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::failure::StartFailure;
use crate::process::Launch;
use crate::supervisor::{Instance, Start, Supervisor};

/// An instance with its supervisor task. Dropping it stops the instance.
pub(crate) struct Supervised {
    pub(crate) instance: Arc<Instance>,
    stop: watch::Sender<bool>,
    start: watch::Receiver<Start>,
    task: Mutex<Option<JoinHandle<()>>>,
}

impl Supervised {
    pub(crate) fn start(id: String, socket_name: String, launch: Arc<Launch>) -> Supervised {
        let instance = Arc::new(Instance::new(id));
        let (stop, stopped) = watch::channel(false);
        let (start, started) = watch::channel(Start::Pending);
        let supervisor = Supervisor::new(instance.clone(), launch, socket_name, stopped, start);
        let task = Mutex::new(Some(tokio::spawn(supervisor.run())));
        Supervised { instance, stop, start: started, task }
    }

    /// Resolves when the instance was ready for the first time, or has failed to start.
    pub(crate) async fn started(&self) -> Result<(), StartFailure> {
        let mut start = self.start.clone();
        let settled = start.wait_for(|start| !matches!(start, Start::Pending)).await;
        match settled.as_deref() {
            Ok(Start::Ready) => Ok(()),
            Ok(Start::Failed(failure)) => Err(failure.clone()),
            // The supervisor ended without an outcome, because it was stopped.
            Ok(Start::Pending) | Err(_) => Err(StartFailure::Cancelled),
        }
    }

    pub(crate) fn request_stop(&self) {
        self.stop.send_replace(true);
    }

    /// Stops the process, and resolves when it has ended.
    pub(crate) async fn stop(&self) {
        self.request_stop();
        let task = self.task.lock().take();
        if let Some(task) = task {
            // A supervisor that panicked has dropped, and thereby killed, its process.
            let _ = task.await;
        }
    }
}
