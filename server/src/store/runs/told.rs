//! Who is told that a run went wrong, or was rolled back.

use super::Run;
use crate::notify::news::News;
use crate::notify::setup::Addressees;
use crate::store::{Tx, changes, outbox};
use app::domain::run::state::Phase;
use app::domain::timestamp::Timestamp;

/// Writes down who is told of a run's news. One that carries a change out is told of by its change.
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
