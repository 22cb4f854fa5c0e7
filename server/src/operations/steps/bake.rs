//! Gives a share of live traffic its time, then judges its conditions by what Azure Monitor measured. Sends
//! nothing.
//!
//! The time is what has passed since the step began, whatever the time of day does meanwhile; after a restart it
//! goes on from when the journal says that it began. It is counted in Azure Monitor's whole minutes, from the first
//! that begins after the route was set: neither the route before nor the console's own probes and test requests are
//! part of what is judged. Azure Monitor is one
//! to three minutes late, so it is asked for a while longer; what it does not know then is not good. Errors far
//! above the limit end it early.

use super::{Ctx, Outcome, doubt};
use crate::azure;
use crate::observe::traffic::series;
use app::domain::endpoint::Deployment;
use app::domain::evidence::own::of_clients;
use app::domain::name::DeploymentName;
use app::domain::plan::promotion::Baking;
use app::domain::route::Route;
use app::domain::run::Output;
use app::domain::run::measured::{Measured, Reading};
use app::domain::traffic::{Minute, Period, Series};
use futures::future::try_join_all;
use std::time::Duration;

/// Pause between two looks, in milliseconds.
const LOOK_MS: i64 = 30_000;
/// How much longer Azure Monitor is asked for what it does not know yet, in milliseconds.
const LATE_MS_MAX: i64 = 5 * 60_000;
/// Pause between two such questions, in milliseconds.
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
            "Somebody changed the route while {route} baked, so what is measured says nothing about it."
        );
        let note =
            format!("Azure does not report {route}. It is read again before that is believed.");
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
                "What was measured is not known ({error}), and what is not known is not good."
            );
            failed(message, Vec::new())
        }
        Ok(_) | Err(_) => {
            let note = "Its time is over; Azure Monitor does not know all of it yet.".to_owned();
            wait(LATE_LOOK_MS, note)
        }
    })
}

/// The failure, when what baked is no longer what was consented to: what was measured says nothing about it.
fn other_newcomer(ctx: &Ctx<'_>, baking: &Baking, now: &[Deployment]) -> Option<Outcome> {
    let unlike = ctx.other_than_consented(&baking.newcomers, now)?;
    let note = "Azure reports another deployment than was planned on. It is read again before that is believed.";
    Some(doubt(note, failed(format!("It changed while it baked. {unlike}"), Vec::new())))
}

fn wait(ms: i64, note: String) -> Outcome {
    let after = Duration::from_millis(u64::try_from(ms).unwrap_or_default());
    Outcome::Wait { after: Some(after), checkpoint: None, note, phase: None }
}

fn failed(message: String, bake: Vec<Reading>) -> Outcome {
    let measured = Measured { bake, probe: None };
    Outcome::Fail { message, answer: None, measured }
}

/// What is wrong with what was observed; nothing, when all conditions are met.
fn unmet(readings: &[Reading]) -> Option<String> {
    let unmet: Vec<_> =
        readings.iter().filter(|one| !one.is_good()).map(ToString::to_string).collect();
    (!unmet.is_empty()).then(|| format!("{}.", unmet.join("; ")))
}

fn verdict(bake: Vec<Reading>) -> Outcome {
    if let Some(unmet) = unmet(&bake) {
        return failed(format!("It baked, and its conditions are not met. {unmet}"), bake);
    }
    Outcome::Done(Output {
        note: "It baked, and its conditions are met.".to_owned(),
        measured: Measured { bake, probe: None },
        ..Output::default()
    })
}

/// Stops a bake that goes clearly wrong. That nothing can be read now says nothing yet.
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
    // Latency beside the others' is not what ends it, and was not looked up.
    let readings: Vec<_> = readings.into_iter().filter(|one| one.observed.is_some()).collect();
    let unmet = unmet(&readings)?;
    Some(failed(format!("It was stopped before its time was over. {unmet}"), readings))
}

/// What Azure Monitor says of a period, and whether more may come.
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
    // Minutes come in order: when the last is there, so are those before it.
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
    // Test requests are no clients'. Where they are not known, they count: that excuses nothing.
    let own = ctx.evidence.own_since(ctx.at, wider.start).await.unwrap_or_else(|error| {
        tracing::warn!(%error, "the console's own requests cannot be read");
        Vec::new()
    });
    Ok(all.into_iter().map(|wide| of_clients(wide, period, &own)).collect())
}
