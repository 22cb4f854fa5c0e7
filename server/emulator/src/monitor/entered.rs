//! A task's line in the agenda, so that who moves the clock waits for what is due.

use std::sync::Arc;

use time::OffsetDateTime;

use crate::inner::Inner;

/// The line, which the task leaves however it ends.
pub struct Entered(Arc<Inner>, String);

impl Entered {
    /// Enters a task before it is spawned: until it sleeps, it is at work.
    pub fn new(inner: &Arc<Inner>, id: &str) -> Self {
        let id = format!("{id}#{}", uuid::Uuid::new_v4());
        inner.agenda.enter(&id);
        Self(Arc::clone(inner), id)
    }

    /// Sleeps until a time, which may be in the past.
    pub async fn sleep_until(&self, moment: OffsetDateTime) {
        self.0.agenda.sleep_until(&self.1, &self.0.clock, moment).await;
    }
}

impl Drop for Entered {
    fn drop(&mut self) {
        self.0.agenda.leave(&self.1);
    }
}
