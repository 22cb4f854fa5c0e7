//! Changes that go on waiting: one reminder, then one escalation. The loop takes no input but the store, and a
//! topic is told once, so that any number of replicas and restarts remind once.

use super::Notify;
use super::news::News;
use super::setup::Addressees;
use crate::changes::Changes;
use crate::history::facts::changes::Subject;
use crate::store::changes::Row;
use crate::store::{changes, outbox};
use app::domain::change::{ChangeId, State};
use app::domain::notification::Occasion;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

/// Pause between two looks. Reminders are a matter of hours.
const TICK: Duration = Duration::from_millis(1_000);

/// What this replica knows to be told.
type Told = BTreeSet<(ChangeId, Occasion)>;

/// Reminds for ever; abort the task.
pub async fn run(notify: Arc<Notify>, changes: Arc<Changes>) {
    let mut told = Told::new();
    loop {
        let open = changes.open();
        told.retain(|(id, _)| open.iter().any(|row| row.id == *id));
        for row in open.iter().filter(|row| row.change.state == State::Proposed) {
            if let Err(error) = remind(&notify, row, &mut told).await {
                tracing::error!(%error, change = row.id.0, "a reminder could not be written");
            }
        }
        tokio::time::sleep(TICK).await;
    }
}

async fn remind(notify: &Notify, row: &Row, told: &mut Told) -> sqlx::Result<()> {
    // A reminder goes out once, and not because a clock was set.
    if notify.clock.has_jumped() {
        return Ok(());
    }
    let setup = &notify.setup;
    let escalation = setup.escalation.as_ref().map(|escalation| escalation.after_ms);
    let waited = notify.clock.now().0.saturating_sub(row.change.proposed.0);
    let due = [(Occasion::Reminder, setup.reminder_ms), (Occasion::Escalation, escalation)];
    for (occasion, after) in due {
        let key = (row.id.clone(), occasion);
        if after.is_none_or(|after| waited < after) || told.contains(&key) {
            continue;
        }
        write(notify, row, occasion).await?;
        told.insert(key);
    }
    Ok(())
}

/// Writes it down, if the change still waits.
async fn write(notify: &Notify, row: &Row, occasion: Occasion) -> sqlx::Result<()> {
    let mut tx = notify.outbox.begin().await?;
    if !changes::is_proposed(&mut tx, &row.id).await? {
        return tx.rollback().await;
    }
    let of = Subject { id: &row.id, at: &row.at, title: &row.title };
    let news = News::of_waiting(of, occasion, &row.change, notify.clock.now());
    let topic = format!("change {} {}", row.id, occasion.word());
    let addressees = Addressees::new(Arc::clone(&notify.setup));
    outbox::announce(&mut tx, &addressees, &topic, news).await?;
    tx.commit().await
}
