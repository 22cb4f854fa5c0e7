//! Asks the registry to build. If the answer was lost, the run is looked for before the request is sent again.

use super::upload::{NO_REGISTRY, registry_of};
use super::{Ctx, Outcome, Send};
use crate::azure::registry::{self, Platform, Schedule, Traced};
use crate::jobs::Error;
use domain::job::build::Method;
use domain::job::{Fact, Output};
use domain::timestamp::Timestamp;

/// How far the registry's clock may be behind the console's, in milliseconds: as far as [`registry::trace`] looks back.
const CLOCK_MS: i64 = 120_000;

pub(super) async fn look(ctx: &Ctx<'_>) -> Result<Outcome, Error> {
    let Some(registry) = registry_of(ctx).await? else {
        return Ok(Outcome::Fail(NO_REGISTRY.to_owned()));
    };
    if ctx.state.sent {
        let asked = ctx.state.started.unwrap_or(ctx.job.started);
        if let Some(outcome) = trace(ctx, &registry, asked).await? {
            return Ok(outcome);
        }
    }
    let source = ctx.job.state.facts().find_map(|fact| match fact {
        Fact::Source { path, .. } => Some(path.clone()),
        _ => None,
    });
    let (Some(source), Method::Registry { timeout_minutes, .. }) = (source, &ctx.job.build.method)
    else {
        return Ok(Outcome::Fail(
            "The job has no uploaded source code. Start it again.".to_owned(),
        ));
    };
    let build = &ctx.job.build;
    let mark = format!("{}:{}", build.image, registry::marker(&ctx.job.id.0));
    let schedule = Schedule {
        image_names: build.pushed().into_iter().chain([mark]).collect(),
        dockerfile: build.dockerfile.clone(),
        target: Some(build.layer.clone()),
        source,
        timeout_s: timeout_minutes * 60,
        platform: Platform::default(),
        no_cache: false,
        arguments: Vec::new(),
    };
    Ok(Outcome::Send(Send::Schedule { registry: Box::new(registry), schedule: Box::new(schedule) }))
}

/// Looks for the run of which the answer was lost. `None`: no run can still push the image, so the request may be sent again.
async fn trace(
    ctx: &Ctx<'_>,
    registry: &registry::Registry,
    asked: Timestamp,
) -> Result<Option<Outcome>, Error> {
    let since = Timestamp(asked.0.saturating_sub(CLOCK_MS));
    let runs = registry::runs(&ctx.place.arm, registry, since).await?;
    let mark = registry::marker(&ctx.job.id.0);
    Ok(match registry::trace(&runs, &mark, asked, &[]) {
        Traced::Ours(run) => Some(found(&run.id)),
        Traced::Open(_) => Some(Outcome::wait(
            "The registry's answer was lost. A build that may be this one has not ended. The console waits for its end.",
        )),
        Traced::Absent(_) if !ctx.was_lost() => Some(Outcome::wait(
            "The registry's answer was lost. The console looks for the build before it asks again.",
        )),
        Traced::Absent(_) => None,
    })
}

pub(super) fn found(id: &str) -> Outcome {
    Outcome::Done(queued(id))
}

pub(super) fn queued(id: &str) -> Output {
    Output {
        note: format!("The registry queued the build as run {id}."),
        facts: vec![Fact::Run { id: id.to_owned(), url: None }],
        warnings: Vec::new(),
    }
}
