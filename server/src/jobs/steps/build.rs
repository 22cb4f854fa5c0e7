//! Waits for the registry's run, and copies its log while it is written.

use super::upload::{NO_REGISTRY, registry_of};
use super::{Ctx, Outcome};
use crate::azure;
use crate::azure::registry::{self, BuildRun, BuildStatus, Registry};
use crate::jobs::Error;
use crate::jobs::log::{Copier, PIECE_BYTES_MAX};
use domain::job::Fact;
use domain::job::build::Method;
use domain::timestamp::Timestamp;
use std::time::Duration;

/// The name of the log's source.
const SOURCE: &str = "registry";
/// Maximum number of pieces in one turn, so that a cancellation is noticed soon.
const PIECES_MAX: usize = 16;
/// How long after its time-out a run may take to end, in milliseconds. After that the console gives it up.
const OVERTIME_MS: i64 = 10 * 60_000;
/// How long the end of a log may be missing after the run has ended, in milliseconds.
const LATE_LOG_MS: i64 = 2 * 60_000;

pub(super) async fn look(ctx: &Ctx<'_>) -> Result<Outcome, Error> {
    let Some(registry) = registry_of(ctx).await? else {
        return Ok(Outcome::Fail(NO_REGISTRY.to_owned()));
    };
    let Some(id) = ctx.job.state.run() else {
        return Ok(Outcome::Fail("The job has no run of the registry. Start it again.".to_owned()));
    };
    let arm = &ctx.place.arm;
    // Read the status first: what the log contains after the run has ended is then all of it.
    let run = registry::run(arm, &registry, id).await?;
    let has_ended = run.status.is_over();
    if ctx.job.state.cancel.is_some() && !has_ended {
        registry::cancel(arm, &registry, id).await?;
    }
    let mut copier = Copier::open(ctx.jobs, ctx.grip, &ctx.job.id).await?;
    let is_late = run.finished.is_some_and(|at| ctx.now.0 - at.0 > LATE_LOG_MS);
    let copied = copy(ctx, &registry, id, &mut copier, (has_ended, is_late)).await?;
    if !has_ended {
        if is_over_time(ctx) {
            registry::cancel(arm, &registry, id).await?;
            return Ok(Outcome::Fail(format!(
                "The registry's run {id} did not end within its time-out, so the console cancelled it. Look at the log \
                 for the step that hangs."
            )));
        }
        return Ok(waiting(working(&run, ctx.job.state.cancel.as_deref()), copied));
    }
    // However late it is, everything that is there is copied.
    if copied == Copied::More || (copied == Copied::AllSoFar && !is_late) {
        let note = "The build has ended. The console waits for the end of the log.";
        return Ok(waiting(note.to_owned(), copied));
    }
    Ok(ended(ctx, &registry, &run, &copier))
}

/// How much of a log is copied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Copied {
    /// The log is complete.
    Whole,
    /// Everything that was written so far.
    AllSoFar,
    /// There is more to copy.
    More,
}

/// Waits; not for long if there is more to copy.
fn waiting(note: String, copied: Copied) -> Outcome {
    let after = (copied == Copied::More).then_some(Duration::ZERO);
    Outcome::Wait { note, approvals: Vec::new(), after }
}

/// Copies what is new.
async fn copy(
    ctx: &Ctx<'_>,
    registry: &Registry,
    id: &str,
    copier: &mut Copier<'_>,
    (has_ended, is_late): (bool, bool),
) -> Result<Copied, Error> {
    let arm = &ctx.place.arm;
    let url = match registry::log_url(arm, registry, id).await {
        Ok(url) => url,
        // A run that has just been queued has no log yet.
        Err(azure::Error::NotFound(_)) if has_ended => return Ok(Copied::Whole),
        Err(azure::Error::NotFound(_)) => return Ok(Copied::AllSoFar),
        Err(error) => return Err(error.into()),
    };
    for _ in 0..PIECES_MAX {
        let at = copier.at(SOURCE);
        let piece = registry::log_piece(arm, &url, at, PIECE_BYTES_MAX).await?;
        let is_last = piece.end.is_some();
        let taken = copier.push(SOURCE, &piece.bytes, is_last).await?;
        if is_last {
            return Ok(Copied::Whole);
        }
        if taken == 0 {
            // Nothing new, or the beginning of a line. If the mark of the end is missing for long, it is the last line.
            let is_last = has_ended && is_late && !piece.bytes.is_empty();
            if is_last {
                copier.push(SOURCE, &piece.bytes, true).await?;
            }
            return Ok(Copied::AllSoFar);
        }
    }
    Ok(Copied::More)
}

/// Whether the run should have ended long ago.
fn is_over_time(ctx: &Ctx<'_>) -> bool {
    let Method::Registry { timeout_minutes, .. } = ctx.job.build.method else { return false };
    let since = ctx.state.started.unwrap_or(ctx.job.started);
    let most = i64::from(timeout_minutes) * 60_000 + OVERTIME_MS;
    Timestamp(since.0.saturating_add(most)) < ctx.now
}

fn working(run: &BuildRun, cancel: Option<&str>) -> String {
    match (&run.status, cancel) {
        (_, Some(by)) => format!("{by} cancelled the job. The registry stops the build."),
        (BuildStatus::Queued | BuildStatus::Started, None) => {
            "The registry has queued the build.".to_owned()
        }
        (BuildStatus::Other(word), None) => {
            format!("The registry says that the build is {word}.")
        }
        _ => "The registry is building the image.".to_owned(),
    }
}

fn ended(ctx: &Ctx<'_>, registry: &Registry, run: &BuildRun, copier: &Copier<'_>) -> Outcome {
    let image = ctx.job.build.image.to_string();
    if run.status == BuildStatus::Succeeded {
        let of = |one: &&registry::OutputImage| one.repository == image && one.digest.is_some();
        let Some(digest) = run.images.iter().find(of).and_then(|one| one.digest.clone()) else {
            return Outcome::Fail(format!(
                "The registry's run {} succeeded, but it names no digest of {image}. Check the registry, then start the \
                 build again.",
                run.id
            ));
        };
        let reference = format!("{}/{image}@{digest}", registry.login_server);
        return Outcome::done(
            format!("Built and pushed {image}: {digest}."),
            Fact::Image { reference, digest },
        );
    }
    let mut message = match run.status {
        BuildStatus::Canceled => "The build was cancelled in the registry.".to_owned(),
        BuildStatus::Timeout => {
            "The build took longer than its time-out, so the registry stopped it.".to_owned()
        }
        BuildStatus::Error => "The registry could not run the build.".to_owned(),
        _ => "The build failed.".to_owned(),
    };
    let cause = copier.digest().explainer.explanation();
    match cause.filter(|_| run.status != BuildStatus::Canceled) {
        // The page shows what to do beside the line.
        Some(cause) => message.push_str(&format!(" {} (line {})", cause.what, cause.number)),
        None => {
            if let Some(error) = &run.error {
                message.push_str(&format!(" The registry says: {}.", error.trim_end_matches('.')));
            }
        }
    }
    Outcome::Fail(message)
}
