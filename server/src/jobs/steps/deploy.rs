//! Waits until the console has applied or proposed the release that the build is for. `console/after_build.rs` does that, with
//! the rights of the person who started the job, because this module knows no people.

use super::{Ctx, Outcome};
use crate::jobs::Error;
use crate::store::jobs::AppendError;

pub(super) async fn look(ctx: &Ctx<'_>) -> Result<Outcome, Error> {
    let found = ctx.jobs.table.deployed(&ctx.job.id).await;
    Ok(match found.map_err(AppendError::from)? {
        None => Outcome::wait("The console begins the deployment."),
        Some(Ok(output)) => Outcome::Done(output),
        Some(Err(message)) => Outcome::Fail(message),
    })
}
