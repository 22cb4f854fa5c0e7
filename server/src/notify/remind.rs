//! Sends one reminder and then one escalation for a change that still needs approval. The outbox accepts each topic
//! once, so replicas and restarts do not repeat them.

use super::Notify;
use crate::changes::Changes;
use crate::entries::changes::Subject;
use crate::messages::News;
use crate::messages::setup::Addressees;
use crate::store::changes::Row;
use crate::store::{changes, outbox};
use domain::change::{ChangeId, State};
use domain::notification::Occasion;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

/// Interval of the loop. Reminders are due after hours.
const TICK: Duration = Duration::from_millis(1_000);

/// The messages that this replica knows to be in the outbox.
type Told = BTreeSet<(ChangeId, Occasion)>;

/// Sends reminders. Never returns; abort the task.
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
    // A jump of the clock must not trigger a reminder, which goes out only once.
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

/// Writes the message into the outbox, unless the change was decided in the meantime.
async fn write(notify: &Notify, row: &Row, occasion: Occasion) -> sqlx::Result<()> {
    let mut tx = notify.outbox.begin().await?;
    if !changes::is_proposed(&mut tx, &row.id).await? {
        return tx.rollback().await;
    }
    let of = Subject { id: &row.id, target: &row.target, title: &row.title };
    let Some(news) = News::of_waiting(of, occasion, &row.change, notify.clock.now()) else {
        return tx.rollback().await;
    };
    let topic = format!("change {} {}", row.id, occasion.word());
    let addressees = Addressees::new(Arc::clone(&notify.setup));
    outbox::announce(&mut tx, &addressees, &topic, news).await?;
    tx.commit().await
}
