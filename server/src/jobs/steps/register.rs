//! Registers the environment version that names the image. The version has a tag with the job's id, by which the job
//! finds it if the answer was lost.

use super::{Ctx, Outcome, Send};
use crate::azure::environments::{self, Registration};
use crate::jobs::Error;
use domain::job::build::Method;
use domain::job::{Fact, Output};
use std::collections::BTreeMap;

/// The tag with the job's id.
pub const JOB_TAG: &str = "understudy_job";
/// The tag with the commit's hash.
pub const COMMIT_TAG: &str = "commit";

pub(super) async fn look(ctx: &Ctx<'_>) -> Result<Outcome, Error> {
    let (arm, workspace) = (&ctx.place.arm, &ctx.place.workspace);
    let build = &ctx.job.build;
    let name = build.image.to_string();
    let versions = environments::versions(arm, workspace, &name).await?;
    let ours = versions.iter().find(|one| one.tags.get(JOB_TAG) == Some(&ctx.job.id.0));
    if let Some(ours) = ours {
        let image = ours.image.clone().unwrap_or_default();
        return Ok(Outcome::Done(registered(&name, &ours.version, &image)));
    }
    if ctx.state.sent && !ctx.was_lost() {
        return Ok(Outcome::wait(
            "Azure ML's answer was lost. The console looks for the environment version before it registers it again.",
        ));
    }
    let Some(image) = image(ctx) else {
        return Ok(Outcome::Fail("The job has no image to register. Start it again.".to_owned()));
    };
    let version = environments::next_version(arm, workspace, &name).await?;
    let own = [(JOB_TAG, ctx.job.id.0.as_str()), (COMMIT_TAG, build.commit.as_str())];
    let tags: BTreeMap<String, String> = build
        .tags
        .iter()
        .chain(own)
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .collect();
    let registration = Registration {
        image,
        description: Some(build.description.clone()),
        tags,
        // Ports and routes belong to the application, and nothing in the release names them.
        inference_config: versions.iter().find_map(|one| one.inference_config.clone()),
    };
    Ok(Outcome::Send(Send::Register { name, version, registration: Box::new(registration) }))
}

/// The image as the version names it: by its digest, or without a tag if the configuration asks for that.
fn image(ctx: &Ctx<'_>) -> Option<String> {
    let reference = ctx.job.state.facts().find_map(|fact| match fact {
        Fact::Image { reference, .. } => Some(reference.clone()),
        _ => None,
    })?;
    match ctx.job.build.method {
        Method::Registry { untagged: true, .. } => {
            reference.split_once('@').map(|(image, _)| image.to_owned())
        }
        _ => Some(reference),
    }
}

pub(super) fn registered(name: &str, version: &str, image: &str) -> Output {
    Output {
        note: format!("Registered version {version} of the environment {name}."),
        facts: vec![Fact::Version { version: version.to_owned(), image: image.to_owned() }],
        warnings: Vec::new(),
    }
}
