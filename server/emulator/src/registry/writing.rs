//! Writes changes of a run into the state, however often the disk refuses.

use std::time::Duration;

use crate::builds::kept::Run;
use crate::inner::Inner;
use crate::store::Unkept;
use crate::when;

/// How long to wait before writing a change again, in the machine's time, because a disk follows no other clock.
const KEEP_AGAIN_S: u64 = 1;
/// The name of a run in the emulator's agenda.
pub fn key(number: u64) -> String {
    format!("run:{number}")
}

/// Writes a change of a run as soon as the disk allows it.
pub async fn keep(inner: &Inner, number: u64, change: impl Fn(&mut Run)) -> Result<(), Unkept> {
    let mut is_logged = false;
    loop {
        let now = when::arm(inner.clock.now());
        let written = inner.store.write(|state| {
            if let Some(run) = state.registry.runs.get_mut(&number) {
                change(run);
                run.updated_at = now;
            }
        });
        match written {
            Ok(()) => return Ok(()),
            Err(Unkept::Stopped) => return Err(Unkept::Stopped),
            Err(unkept) if !is_logged => {
                tracing::error!(run = number, %unkept, "cannot save a run; it is retried");
                is_logged = true;
            }
            Err(_) => {}
        }
        let pause = tokio::time::sleep(Duration::from_secs(KEEP_AGAIN_S));
        inner.agenda.elsewhere(&key(number), pause).await;
    }
}
