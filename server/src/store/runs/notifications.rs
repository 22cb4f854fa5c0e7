//! The messages to webhooks that a run failed or was rolled back.

use super::Run;
use crate::messages::News;
use crate::messages::setup::Addressees;
use crate::store::{Tx, changes, outbox};
use domain::run::state::Phase;
use domain::timestamp::Timestamp;

/// Writes the messages about a run, except for a run that carries out a change: the change has its own messages.
pub(super) async fn tell(
    tx: &mut Tx,
    addressees: &Addressees,
    before: &Phase,
    run: &Run,
    now: Timestamp,
) -> sqlx::Result<()> {
    let Some(news) = News::of_run(&run.operation, before, &run.state.phase, now) else {
        return Ok(());
    };
    if changes::has_run(tx, &run.operation.id).await? {
        return Ok(());
    }
    let topic = format!("run {} {}", run.operation.id, run.state.events);
    outbox::announce(tx, addressees, &topic, news).await
}
