//! Tasks that follow the emulator's clock for as long as something exists: one for each alert rule and autoscale setting.

use std::collections::HashMap;

use parking_lot::Mutex;
use tokio::task::JoinHandle;

/// The tasks by the ids of their resources, in lower case.
#[derive(Debug, Default)]
pub struct Routines(Mutex<Option<HashMap<String, JoinHandle<()>>>>);

impl Routines {
    /// Allows tasks from now on.
    pub fn open(&self) {
        self.0.lock().get_or_insert_default();
    }

    /// Ends the task of a resource, and keeps the next one instead.
    pub fn replace(&self, id: &str, next: Option<JoinHandle<()>>) {
        let mut tasks = self.0.lock();
        let Some(tasks) = tasks.as_mut() else {
            // The emulator has stopped.
            next.inspect(JoinHandle::abort);
            return;
        };
        let former = match next {
            Some(next) => tasks.insert(id.to_owned(), next),
            None => tasks.remove(id),
        };
        former.inspect(JoinHandle::abort);
    }

    /// Ends all tasks.
    pub fn close(&self) {
        for task in self.0.lock().take().into_iter().flatten() {
            task.1.abort();
        }
    }
}
