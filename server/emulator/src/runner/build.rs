//! The templates' `build.yml`: checkout, sign-in, build and push, registration.

use std::collections::BTreeMap;

use serde_json::json;

use super::checkout::Checkout;
use super::inputs::{self, BuildInputs};
use super::job::{Ended, JOB_MAX, Running};
use super::played::Played;
use crate::arm::assets;
use crate::github::actions::model::Job;
use crate::github::{Files, Mode};
use crate::inner::reachable;

/// The templates build the Dockerfile at the root of the repository.
const DOCKERFILE: &str = "Dockerfile";
/// The steps, named as in the templates.
const STEPS: [&str; 6] = [
    "Set up job",
    "Checkout",
    "Azure login",
    "Build and push",
    "Register environment",
    "Complete job",
];

/// Carries out a job that calls `build.yml`.
pub async fn carry_out(
    running: &mut Running<'_>,
    job: &Job,
    with: &BTreeMap<String, String>,
) -> Result<(), Ended> {
    let running = &*running;
    running.plan(&STEPS).await?;
    running.step(0, set_up(running, job, with)).await?;
    let (files, checkout) = running.step(1, check_out(running)).await?;
    let (inputs, workspace) = running.step(2, log_in(running, with, &files)).await?;
    drop(files);
    running.step(3, build(running, &inputs, &checkout)).await?;
    running.step(4, register(running, &inputs, &workspace)).await?;
    running.step(5, complete(running, job)).await
}

async fn set_up(
    running: &Running<'_>,
    job: &Job,
    with: &BTreeMap<String, String>,
) -> Result<(), Ended> {
    let log = &running.log;
    log.group("Runner Image", &["Image: the emulator".to_owned()]);
    log.say(&format!("Requested labels: {}", job.labels.join(", ")));
    let repository = running.inner.github.repository_name();
    log.say(&format!("Job defined at: {repository}/{}@{}", running.run.path, running.run.git_ref));
    let given: Vec<String> =
        with.iter().map(|(name, value)| format!("  {name}: {value}")).collect();
    log.group("Inputs", &given);
    log.say(&format!("Complete job name: {}", job.name));
    Ok(())
}

async fn check_out(running: &Running<'_>) -> Result<(Files, Checkout), Ended> {
    let sha = &running.run.sha;
    let repository = running.inner.github.repository_name();
    running.log.group("Run actions/checkout@v4", &[format!("  repository: {repository}")]);
    let files = running.inner.github.files(sha);
    let missing = || Ended::Failed(format!("fatal: unable to read tree ({sha})"));
    let files = files.ok_or_else(missing)?;
    let folder = running.inner.running.source(running.run.id);
    let written = tokio::task::spawn_blocking(move || {
        let checkout = Checkout::write(&files, folder);
        checkout.map(|checkout| (files, checkout))
    });
    let written = written.await.map_err(std::io::Error::other).flatten();
    let written =
        written.map_err(|error| Ended::Failed(format!("error: unable to write files: {error}")))?;
    running.log.say(&format!("HEAD is now at {}", &sha[..7]));
    Ok(written)
}

/// Reads what to build and for which workspace, and finds the workspace.
async fn log_in(
    running: &Running<'_>,
    with: &BTreeMap<String, String>,
    files: &Files,
) -> Result<(BuildInputs, String), Ended> {
    let inputs = BuildInputs::read(with).map_err(Ended::Failed)?;
    running.log.group("Run azure/login@v2", &[format!("  environment: {}", inputs.environment)]);
    running
        .log
        .say("Federated token details: issuer - https://token.actions.githubusercontent.com");
    let path = inputs.config_file.trim_start_matches("./");
    let file = files.iter().find(|(known, mode, _)| known == path && *mode == Mode::File);
    let text = file.map(|(_, _, content)| String::from_utf8_lossy(content).into_owned());
    let workspace = inputs::workspace(path, text.as_deref()).map_err(Ended::Failed)?;
    if let Err(error) = running.inner.check_workspace(&workspace) {
        return Err(Ended::Failed(format!("({}) {}", error.code, error.message)));
    }
    running.log.say("Login successful.");
    Ok((inputs, workspace))
}

async fn build(
    running: &Running<'_>,
    inputs: &BuildInputs,
    checkout: &Checkout,
) -> Result<(), Ended> {
    let image = format!("{}/{}", login_server(running), inputs.name);
    let command = format!(
        "docker buildx build --target {} --tag {image}:latest --cache-to type=registry,ref={image}:buildcache --push .",
        inputs.target
    );
    running.log.group(&format!("Run {command}"), &[]);
    if let Some(played) = Played::by_name(&inputs.name) {
        return Err(play(running, played, &image).await);
    }
    let request = images::BuildRequest {
        context: checkout.path().to_owned(),
        dockerfile: DOCKERFILE.to_owned(),
        target: Some(inputs.target.clone()),
        arguments: Vec::new(),
        images: vec![format!("{}:latest", inputs.name)],
        timeout: JOB_MAX,
    };
    let output = |piece: &[u8]| running.log.output(piece);
    if let Some(chatter) = running.inner.running.take_chatter() {
        for piece in chatter.pieces() {
            output(piece.as_bytes());
            running.wait(running.inner.pace.seconds(chatter.pause_s())).await?;
            // Writing never waits, so others would have to.
            tokio::task::yield_now().await;
        }
    }
    let cancel = running.cancelled();
    let work = async {
        let builder = running.inner.builder.find().await;
        images::build(&running.inner.images, builder, request, &output, cancel).await
    };
    let id = super::job::agenda(running.id);
    let built = running.inner.agenda.elsewhere(&id, Box::pin(work)).await;
    match built {
        Ok(digest) => {
            running.log.say(&format!("pushed {image}:latest: digest: {digest}"));
            Ok(())
        }
        Err(images::BuildFailure::Failed(reason)) => Err(Ended::Failed(reason)),
        Err(images::BuildFailure::TimedOut(_)) => Err(Ended::TimedOut),
        // The sender is dropped when the emulator stops.
        Err(images::BuildFailure::Cancelled) if running.cancelled().has_changed().is_err() => {
            Err(Ended::Stopped)
        }
        Err(images::BuildFailure::Cancelled) => Err(Ended::Cancelled),
    }
}

/// Fails as the name of the environment asks for.
async fn play(running: &Running<'_>, played: Played, image: &str) -> Ended {
    match played {
        Played::Stuck => {
            running.log.say("#1 [internal] load build definition from Dockerfile");
            running.wait(JOB_MAX).await.err().unwrap_or(Ended::TimedOut)
        }
        Played::Fails => {
            let problem =
                "process \"/bin/sh -c pip install .\" did not complete successfully: exit code: 1";
            running.log.say(&format!("#9 ERROR: {problem}"));
            Ended::Failed(format!("failed to solve: {problem}"))
        }
        Played::Denied => Ended::Failed(format!(
            "failed to push {image}:latest: denied: requested access to the resource is denied"
        )),
        Played::Lost => Ended::LostRunner,
    }
}

/// Creates a version of the environment on the image without a tag, as the templates do: it means whatever `latest` is
/// when an instance pulls it.
async fn register(
    running: &Running<'_>,
    inputs: &BuildInputs,
    workspace: &str,
) -> Result<(), Ended> {
    let image = format!("{}/{}", login_server(running), inputs.name);
    let command = format!("az ml environment create --name {} --image {image}", inputs.name);
    running.log.group(&format!("Run {command}"), &[]);
    let body = json!({ "properties": {
        "image": image, "description": inputs.description, "tags": inputs.tags, "osType": "Linux",
    } });
    let caller = format!("GitHub Actions ({})", running.inner.github.repository_name());
    let made =
        assets::add_version(running.inner, workspace, "environments", &inputs.name, &body, &caller);
    match made {
        Ok(version) => {
            running.log.say(&format!("azureml:{}:{version}", inputs.name));
            Ok(())
        }
        Err(error) => Err(Ended::Failed(format!("({}) {}", error.code, error.message))),
    }
}

async fn complete(running: &Running<'_>, job: &Job) -> Result<(), Ended> {
    running.log.say(&format!("Evaluate and set job outputs of {}", job.key));
    running.log.say("Cleaning up orphan processes");
    Ok(())
}

/// The registry's host, which is the emulator's own.
fn login_server(running: &Running<'_>) -> String {
    let inner = running.inner;
    let url = inner.public_url.as_deref().and_then(|url| url.split_once("://"));
    url.map_or_else(|| reachable(inner.bound).to_string(), |(_, host)| host.to_owned())
}
