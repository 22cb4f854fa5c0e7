//! Waits until Azure is done, by the operation of the previous step or, if Azure no longer knows that operation, by
//! the resource itself. The step succeeds only when the resource has the requested state. Until then the step reads
//! again for a while, because Azure may return an outdated state.

use super::{Ctx, Outcome, fail, raw, unlike};
use crate::azure::{self, operation};
use crate::planner::step::{Step, Until};
use domain::evidence::status::rising;
use domain::name::DeploymentName;
use domain::provisioning::ProvisioningState;
use domain::route::Route;
use domain::run::Output;
use serde_json::Value;
use std::fmt::Write as _;
use std::time::Duration;

/// Maximum number of differences in a message.
const NAMED_MAX: usize = 3;

pub(super) async fn look(ctx: &Ctx<'_>, until: &Until) -> Result<Outcome, azure::Error> {
    let mut outcome = ask(ctx, until).await?;
    if let (Outcome::Wait { phase, .. }, Until::DeploymentSucceeded { name }) =
        (&mut outcome, until)
    {
        // The stage's observer reads the phase while the deployment is being created.
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
            // Azure is done, or does not know the operation (any more). Read the resource.
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

/// Azure is done, but the read does not show the requested state, and may be outdated.
fn not_yet(note: String, checkpoint: Option<String>, verdict: Outcome) -> Outcome {
    Outcome::Doubt { verdict: Box::new(verdict), note, checkpoint }
}

fn at_work(after: Option<Duration>, checkpoint: Option<String>) -> Outcome {
    let note = "Azure accepted the request and is working on it.".to_owned();
    Outcome::Wait { after, checkpoint, note, phase: None }
}

async fn endpoint(
    ctx: &Ctx<'_>,
    route: &Route,
    checkpoint: Option<String>,
) -> Result<Outcome, azure::Error> {
    let name = &ctx.at.endpoint;
    let former = |verdict| {
        let note = format!(
            "Azure is done, but still reports the former state of {name}. The console reads it again."
        );
        Ok(not_yet(note, checkpoint.clone(), verdict))
    };
    let Some(read) = ctx.endpoint().await? else {
        let message = format!("Azure did not create the endpoint {name}. Plan again.");
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
            "Azure reports a different route than the requested one: {}. Nothing more was sent. Check it, then apply \
             the route again if it is still right.",
            read.endpoint.route
        );
        return former(fail(message, &read.body));
    }
    if state != ProvisioningState::Succeeded {
        let message = format!("{name} ended as {state}. Fix the endpoint, then retry.");
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
        note: "Azure reports the requested state.".to_owned(),
        route: Some(route.clone()),
        answer: raw(&read.body),
        ..Output::default()
    });
    if is_former { former(done) } else { Ok(done) }
}

/// Fails if a deployment that got more live traffic is not the approved one, because somebody changed it while Azure
/// set the route.
async fn not_what_was_asked(ctx: &Ctx<'_>) -> Result<Option<Outcome>, azure::Error> {
    let Some(Step::SetRoute { before, after, .. }) = ctx.done.last() else { return Ok(None) };
    let names = rising(before, after);
    if names.is_empty() {
        return Ok(None);
    }
    let now = ctx.deployments().await?;
    Ok(ctx.other_than_consented(&names, &now).map(|unlike| {
        let message = format!(
            "The route is set, but a deployment changed in the meantime. {unlike} Check the deployment, and roll back \
             if it must not be live."
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
        let note = format!(
            "Azure is done, but does not show the requested state of {name} yet. The console reads it again."
        );
        Ok(not_yet(note, checkpoint.clone(), verdict))
    };
    let Some((deployment, live)) = ctx.deployment(name).await? else {
        let message = format!("Azure did not create the deployment {name}. Create it again.");
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
        let mut message = format!("Azure reports Succeeded, but {name} differs from the request:");
        for found in unlike.iter().take(NAMED_MAX) {
            let shown =
                |side: &Option<String>| side.clone().unwrap_or_else(|| "nothing".to_owned());
            let (is, asked) = (shown(&found.before), shown(&found.after));
            // Writing to a String cannot fail.
            let _ = write!(message, " {} is {is}, requested was {asked};", found.field);
        }
        message.push_str(" check it before it gets traffic.");
        return former(fail(message, &live));
    }
    Ok(Outcome::Done(Output {
        note: "Azure reports the requested state.".to_owned(),
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
            note: format!("Azure confirms that {name} is deleted."),
            ..Output::default()
        }),
        Some((deployment, _)) if deployment.state.is_busy() => at_work(None, checkpoint),
        Some((_, live)) => {
            let message = format!("Azure did not delete {name}. Retry, or delete it again.");
            let note =
                format!("Azure is done, but still reports {name}. The console reads it again.");
            not_yet(note, checkpoint, fail(message, &live))
        }
    })
}
