//! Finds the environment version that the workflow registered.

use super::upload::registry_of;
use super::{Ctx, Outcome};
use crate::azure::{environments, registry};
use crate::jobs::Error;
use domain::job::{Fact, Output, StepKind};

/// How far Azure's clock may be behind the console's, in milliseconds.
const CLOCK_MS: i64 = 60_000;

pub(super) async fn look(ctx: &Ctx<'_>) -> Result<Outcome, Error> {
    let build = &ctx.job.build;
    let name = build.image.to_string();
    let dispatched = ctx.job.state.steps.iter().find(|step| step.kind == StepKind::Dispatch);
    let since = dispatched.and_then(|step| step.started).unwrap_or(ctx.job.started);
    let versions = environments::versions(&ctx.place.arm, &ctx.place.workspace, &name).await?;
    let newest = versions
        .into_iter()
        .filter(|version| version.created.is_some_and(|at| at.0 >= since.0 - CLOCK_MS))
        .max_by_key(|version| version.created);
    let Some(version) = newest else {
        if !ctx.was_lost() {
            return Ok(Outcome::wait(
                "The workflow succeeded. The console looks for the environment version.",
            ));
        }
        return Ok(Outcome::Fail(format!(
            "The workflow succeeded, but it registered no new version of the environment {name} on {}. Check that the \
             workflow calls build.yml with ml_env_name {name} for this stage.",
            build.stage
        )));
    };
    let image = version.image.clone().unwrap_or_default();
    let mut facts = vec![Fact::Version { version: version.version.clone(), image: image.clone() }];
    // The digest is good to know, but the build succeeded without it.
    let mut warnings = Vec::new();
    match digest(ctx, &image).await {
        Ok(Some(fact)) => facts.push(fact),
        Ok(None) => warnings.push(format!("The registry has no image {image}.")),
        Err(error) => warnings.push(format!("The digest of {image} could not be read: {error}.")),
    }
    let note =
        format!("The workflow registered version {} of the environment {name}.", version.version);
    Ok(Outcome::Done(Output { note, facts, warnings }))
}

/// The digest that the version's image has now.
async fn digest(ctx: &Ctx<'_>, image: &str) -> Result<Option<Fact>, Error> {
    let Some(registry) = registry_of(ctx).await? else { return Ok(None) };
    let Some((repository, reference)) = registry.locate(image) else { return Ok(None) };
    let found = registry::image(&ctx.place.arm, &registry, repository, reference).await?;
    Ok(found.map(|found| Fact::Image {
        reference: format!("{}/{repository}@{}", registry.login_server, found.digest),
        digest: found.digest,
    }))
}
