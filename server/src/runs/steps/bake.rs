//! Lets a share of live traffic bake, then judges the conditions by Azure Monitor's metrics. Sends nothing.
//!
//! The duration is measured by the monotonic clock; after a restart it continues from the step's start in the journal.
//! The bake covers whole minutes of Azure Monitor, beginning with the first one after the route was set. So neither the
//! former route nor the console's own probes and test requests count. Azure Monitor is one to three minutes late, so
//! the step waits a while longer. A metric that is still missing then counts as not met. Errors far above the limit end
//! the bake early.

use super::{Ctx, Outcome, doubt};
use crate::azure;
use crate::stages::traffic::series;
use domain::endpoint::Deployment;
use domain::evidence::own::of_clients;
use domain::name::DeploymentName;
use domain::plan::promotion::Baking;
use domain::policy::conditions::Reading;
use domain::route::Route;
use domain::run::Output;
use domain::run::measured::Measured;
use domain::traffic::{Minute, Period, Series};
use futures::future::try_join_all;
use std::time::Duration;

/// Pause between two reads during the bake, in milliseconds.
const LOOK_MS: i64 = 30_000;
/// How long the step waits for late metrics after the bake, in milliseconds.
const LATE_MS_MAX: i64 = 5 * 60_000;
/// Pause between two reads of late metrics, in milliseconds.
const LATE_LOOK_MS: i64 = 15_000;

pub(super) async fn look(
    ctx: &Ctx<'_>,
    route: &Route,
    baking: &Baking,
) -> Result<Outcome, azure::Error> {
    let started = ctx.state.started.unwrap_or(ctx.now);
    let period = Period::after(started, baking.minutes.get());
    let read = ctx.endpoint().await;
    let is_other = match &read {
        Ok(read) => read.as_ref().is_none_or(|read| read.endpoint.route != *route),
        Err(_) => false,
    };
    if is_other {
        let message = format!(
            "Somebody changed the route while {route} baked, so the metrics say nothing about it."
        );
        let note =
            format!("Azure does not report {route}. The console reads the route again to be sure.");
        return Ok(doubt(note, failed(message, Vec::new())));
    }
    let left = period.end().0 - started.0 - ctx.remembered.took_ms;
    if left > 0 {
        if let Some(broken) = broken_early(ctx, baking, period).await {
            return Ok(broken);
        }
        let note =
            format!("{route}: bakes until {}, then its conditions are judged.", period.end().utc());
        return Ok(wait(left.min(LOOK_MS), note));
    }
    if let Ok(now) = ctx.deployments().await
        && let Some(other) = other_newcomer(ctx, baking, &now)
    {
        return Ok(other);
    }
    let judged = match read {
        Ok(_) => judge(ctx, baking, period).await,
        Err(error) => Err(error),
    };
    Ok(match judged {
        Ok(judged) if judged.is_complete || left <= -LATE_MS_MAX => verdict(judged.readings),
        Err(error) if left <= -LATE_MS_MAX => {
            let message = format!(
                "The metrics could not be read ({error}), so the conditions count as not met."
            );
            failed(message, Vec::new())
        }
        Ok(_) | Err(_) => {
            let note =
                "The bake is over, but Azure Monitor does not have all metrics yet.".to_owned();
            wait(LATE_LOOK_MS, note)
        }
    })
}

/// Fails if a baking deployment is no longer the approved one, because the metrics then say nothing about it.
fn other_newcomer(ctx: &Ctx<'_>, baking: &Baking, now: &[Deployment]) -> Option<Outcome> {
    let unlike = ctx.other_than_consented(&baking.newcomers, now)?;
    let note = "Azure reports a different deployment than the planned one. The console reads it again to be sure.";
    Some(doubt(note, failed(format!("A deployment changed during the bake. {unlike}"), Vec::new())))
}

fn wait(ms: i64, note: String) -> Outcome {
    let after = Duration::from_millis(u64::try_from(ms).unwrap_or_default());
    Outcome::Wait { after: Some(after), checkpoint: None, note, phase: None }
}

fn failed(message: String, bake: Vec<Reading>) -> Outcome {
    let measured = Measured { bake, probe: None };
    Outcome::Fail { message, answer: None, measured }
}

/// The conditions that are not met, as a sentence; `None` when all are met.
fn unmet(readings: &[Reading]) -> Option<String> {
    let unmet: Vec<_> =
        readings.iter().filter(|one| !one.is_good()).map(ToString::to_string).collect();
    (!unmet.is_empty()).then(|| format!("{}.", unmet.join("; ")))
}

fn verdict(bake: Vec<Reading>) -> Outcome {
    if let Some(unmet) = unmet(&bake) {
        return failed(format!("The bake ended, but some conditions are not met. {unmet}"), bake);
    }
    Outcome::Done(Output {
        note: "The bake ended, and all conditions are met.".to_owned(),
        measured: Measured { bake, probe: None },
        ..Output::default()
    })
}

/// Ends a bake that is clearly failing. Unreadable metrics do not end it early.
async fn broken_early(ctx: &Ctx<'_>, baking: &Baking, period: Period) -> Option<Outcome> {
    let passed = ctx.state.started?.0 + ctx.remembered.took_ms - period.start.0;
    let minutes = u16::try_from(passed.div_euclid(60_000) + 1).ok()?;
    if minutes == 0 {
        return None;
    }
    let so_far = Period { minutes, ..period };
    let newcomers = measured(ctx, &baking.newcomers, so_far).await.ok()?;
    let broken = newcomers.iter().find(|one| baking.conditions.is_clearly_broken(one))?;
    let readings = baking.conditions.judge(broken, &[]);
    // Leave out the latency compared with the other deployments, which was not read.
    let readings: Vec<_> = readings.into_iter().filter(|one| one.observed.is_some()).collect();
    let unmet = unmet(&readings)?;
    Some(failed(format!("The bake was stopped early. {unmet}"), readings))
}

/// The readings of a period, and whether all of its metrics have arrived.
struct Judged {
    readings: Vec<Reading>,
    is_complete: bool,
}

async fn judge(ctx: &Ctx<'_>, baking: &Baking, period: Period) -> Result<Judged, azure::Error> {
    let before = Period::before(ctx.begun, period.minutes);
    let compared = if baking.others_before { before } else { period };
    let (newcomers, others) = futures::try_join!(
        measured(ctx, &baking.newcomers, period),
        measured(ctx, &baking.others, compared),
    )?;
    let others: Vec<Minute> = others.into_iter().flat_map(|series| series.minutes).collect();
    let readings: Vec<_> =
        newcomers.iter().flat_map(|one| baking.conditions.judge(one, &others)).collect();
    // Minutes arrive in order, so the last one implies the others.
    let has_last =
        |series: &Series| series.minutes.last().is_some_and(|last| last.requests.is_some());
    let is_complete =
        newcomers.iter().all(has_last) && readings.iter().all(|reading| reading.observed.is_some());
    Ok(Judged { readings, is_complete })
}

async fn measured(
    ctx: &Ctx<'_>,
    names: &[DeploymentName],
    period: Period,
) -> Result<Vec<Series>, azure::Error> {
    let (at, wider) = (&ctx.at.endpoint, period.wider());
    let minutes = usize::from(wider.minutes);
    let each = names.iter().map(|name| series(ctx.place, at, name, wider.start, minutes));
    let all = try_join_all(each).await?;
    // The console's own requests do not count. If they are unknown, they count, which can only make the bake fail.
    let own = ctx.evidence.own_since(ctx.at, wider.start).await.unwrap_or_else(|error| {
        tracing::warn!(%error, "could not read the console's own requests");
        Vec::new()
    });
    Ok(all.into_iter().map(|wide| of_clients(wide, period, &own)).collect())
}
