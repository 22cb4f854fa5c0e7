//! Waits until Azure is done: by the operation that the step before began, while Azure knows it, otherwise
//! by looking at the resource itself. “Succeeded” is believed only when what is read back is what was asked
//! for; until then it is read again for a while, because Azure may answer what was there before.

use super::{Ctx, Outcome, fail, raw, unlike};
use crate::azure::{self, operation};
use crate::operations::plan::step::{Step, Until};
use app::domain::evidence::standing::rising;
use app::domain::name::DeploymentName;
use app::domain::provisioning::ProvisioningState;
use app::domain::route::Route;
use app::domain::run::Output;
use serde_json::Value;
use std::fmt::Write as _;
use std::time::Duration;

/// Differences that a sentence names.
const NAMED_MAX: usize = 3;

pub(super) async fn look(ctx: &Ctx<'_>, until: &Until) -> Result<Outcome, azure::Error> {
    let mut outcome = ask(ctx, until).await?;
    if let (Outcome::Wait { phase, .. }, Until::DeploymentSucceeded { name }) =
        (&mut outcome, until)
    {
        // The stage's observer reads it anyhow while the deployment is being made.
        let seen = ctx.place.observer.now();
        let endpoint = seen.endpoints.get(&ctx.at.endpoint);
        *phase = endpoint.and_then(|endpoint| endpoint.deployment(name)?.phase);
    }
    Ok(outcome)
}

async fn ask(ctx: &Ctx<'_>, until: &Until) -> Result<Outcome, azure::Error> {
    let begun = || ctx.before.and_then(|before| before.operation.clone());
    let checkpoint = ctx.state.checkpoint.clone().or_else(begun);
    if let Some(checkpoint) = &checkpoint {
        let (status, answer) = operation::read(&ctx.place.arm, checkpoint).await;
        match status {
            Ok(operation::Status::Running { retry_after }) => {
                return Ok(at_work(retry_after, Some(checkpoint.clone())));
            }
            Ok(operation::Status::Failed { message }) => return Ok(fail(message, &answer)),
            // Azure is done, or does not know the operation (any more): the resource tells.
            Ok(operation::Status::Succeeded) | Err(azure::Error::NotFound(_)) => {}
            Err(error) => return Err(error),
        }
    }
    match until {
        Until::EndpointSucceeded { route } => endpoint(ctx, route, checkpoint).await,
        Until::DeploymentSucceeded { name } => deployment(ctx, name, checkpoint).await,
        Until::DeploymentGone { name } => gone(ctx, name, checkpoint).await,
    }
}

/// Azure is done, and what is read is not what it is done with: it may be what was there before.
fn not_yet(note: String, checkpoint: Option<String>, verdict: Outcome) -> Outcome {
    Outcome::Doubt { verdict: Box::new(verdict), note, checkpoint }
}

fn at_work(after: Option<Duration>, checkpoint: Option<String>) -> Outcome {
    let note = "Azure accepted it and is at work.".to_owned();
    Outcome::Wait { after, checkpoint, note, phase: None }
}

async fn endpoint(
    ctx: &Ctx<'_>,
    route: &Route,
    checkpoint: Option<String>,
) -> Result<Outcome, azure::Error> {
    let name = &ctx.at.endpoint;
    let former = |verdict| {
        let note = format!("Azure is done, and still reports {name} as it was. It is read again.");
        Ok(not_yet(note, checkpoint.clone(), verdict))
    };
    let Some(read) = ctx.endpoint().await? else {
        let message = format!("There is no endpoint {name}: Azure did not make it.");
        return former(fail(message, &Value::Null));
    };
    let state = read.endpoint.state;
    if state.is_busy() {
        return Ok(at_work(None, checkpoint));
    }
    if let Some(problem) = &read.endpoint.route_problem {
        return former(fail(problem.clone(), &read.body));
    }
    if read.endpoint.route != *route {
        let message = format!(
            "Azure has another route than the one asked for: {}. Nothing more is done; look at it and apply \
             the route again if it is still right.",
            read.endpoint.route
        );
        return former(fail(message, &read.body));
    }
    if state != ProvisioningState::Succeeded {
        let message = format!("{name} ended as {state}. Repair the endpoint, then retry.");
        return former(fail(message, &read.body));
    }
    if let Some(stop) = not_what_was_asked(ctx).await? {
        return former(stop);
    }
    let is_former = ctx.is_former(&read.body);
    if !is_former {
        ctx.place.observer.learn(&read);
    }
    let done = Outcome::Done(Output {
        note: "Read back from Azure: it is as asked.".to_owned(),
        route: Some(route.clone()),
        answer: raw(&read.body),
        ..Output::default()
    });
    if is_former { former(done) } else { Ok(done) }
}

/// The failure, when something else than was consented to got more live traffic: it was changed while the route was
/// on its way.
async fn not_what_was_asked(ctx: &Ctx<'_>) -> Result<Option<Outcome>, azure::Error> {
    let Some(Step::SetRoute { before, after, .. }) = ctx.done.last() else { return Ok(None) };
    let names = rising(before, after);
    if names.is_empty() {
        return Ok(None);
    }
    let now = ctx.deployments().await?;
    Ok(ctx.other_than_consented(&names, &now).map(|unlike| {
        let message = format!(
            "The route is set, but something changed meanwhile. {unlike} Look at it, and roll back if it is not to \
             be live."
        );
        fail(message, &Value::Null)
    }))
}

async fn deployment(
    ctx: &Ctx<'_>,
    name: &DeploymentName,
    checkpoint: Option<String>,
) -> Result<Outcome, azure::Error> {
    let former = |verdict| {
        let note =
            format!("Azure is done, and does not report {name} as asked yet. It is read again.");
        Ok(not_yet(note, checkpoint.clone(), verdict))
    };
    let Some((deployment, live)) = ctx.deployment(name).await? else {
        let message = format!(
            "Azure has no deployment {name}: it did not take the request. Create it again."
        );
        return former(fail(message, &Value::Null));
    };
    match deployment.state {
        ProvisioningState::Succeeded => {}
        state if state.is_busy() => return Ok(at_work(None, checkpoint)),
        state => {
            let message =
                format!("{name} ended as {state}. Read its log, delete it and create it again.");
            return former(fail(message, &live));
        }
    }
    let asked = ctx.done.iter().rev().find_map(|step| match step {
        Step::PutDeployment { name: sent, body, .. } if sent == name => Some(body),
        _ => None,
    });
    let unlike = asked.map(|asked| unlike(name, &live, asked)).unwrap_or_default();
    if !unlike.is_empty() {
        let mut message = format!("Azure says Succeeded, but {name} is not as asked:");
        for found in unlike.iter().take(NAMED_MAX) {
            let shown =
                |side: &Option<String>| side.clone().unwrap_or_else(|| "nothing".to_owned());
            let (is, asked) = (shown(&found.before), shown(&found.after));
            // Writing to a String cannot fail.
            let _ = write!(message, " {} is {is}, asked for was {asked};", found.field);
        }
        message.push_str(" look at it before it gets traffic.");
        return former(fail(message, &live));
    }
    Ok(Outcome::Done(Output {
        note: "Read back from Azure: it is as asked.".to_owned(),
        answer: raw(&live),
        ..Output::default()
    }))
}

async fn gone(
    ctx: &Ctx<'_>,
    name: &DeploymentName,
    checkpoint: Option<String>,
) -> Result<Outcome, azure::Error> {
    Ok(match ctx.deployment(name).await? {
        None => Outcome::Done(Output {
            note: format!("Read back from Azure: {name} is gone."),
            ..Output::default()
        }),
        Some((deployment, _)) if deployment.state.is_busy() => at_work(None, checkpoint),
        Some((_, live)) => {
            let message = format!(
                "{name} is still there: Azure did not delete it. Retry, or delete it again."
            );
            let note = format!("Azure is done, and still reports {name}. It is read again.");
            not_yet(note, checkpoint, fail(message, &live))
        }
    })
}
