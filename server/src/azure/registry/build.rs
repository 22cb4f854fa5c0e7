//! Schedules and cancels builds.

use super::Registry;
use super::runs::{BuildRun, is_run_id};
use crate::azure::arm::Arm;
use crate::azure::error::Error;
use reqwest::Method;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};

/// The time that ACR allows for a build, in seconds. Source: its API's description.
const TIMEOUT_S: std::ops::RangeInclusive<u32> = 300..=28_800;
/// Longest tag, in characters. Source: the OCI distribution specification.
const TAG_CHARS_MAX: usize = 128;

/// A build argument.
#[derive(Debug, Clone)]
pub struct Argument {
    pub name: String,
    pub value: SecretString,
    /// Whether ACR hides the value in the log.
    pub is_secret: bool,
}

/// What a build runs on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Platform {
    pub os: String,
    pub architecture: String,
}

impl Default for Platform {
    /// What Azure ML's managed endpoints run.
    fn default() -> Self {
        Self { os: "Linux".to_owned(), architecture: "amd64".to_owned() }
    }
}

/// A build.
#[derive(Debug, Clone)]
pub struct Schedule {
    /// `repository:tag`, without the registry. One of them should be the job's own [`marker`].
    pub image_names: Vec<String>,
    /// From the context's root.
    pub dockerfile: String,
    /// The layer to build; the last one without it.
    pub target: Option<String>,
    /// The relative path that came with the upload URL.
    pub source: String,
    /// ACR allows 300 to 28,800; other values are raised or lowered.
    pub timeout_s: u32,
    pub platform: Platform,
    pub no_cache: bool,
    pub arguments: Vec<Argument>,
}

/// The answer to a scheduled build.
#[derive(Debug, Clone, PartialEq)]
pub struct ScheduledRun {
    /// `None` if ACR accepted the build without naming the run (202): look for it with [`super::trace`].
    pub id: Option<String>,
    /// The run, as far as the answer describes it.
    pub run: Option<BuildRun>,
}

/// The tag that marks the image of one job: `job-…`. ACR pushes it beside the others.
#[must_use]
pub fn marker(job: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
    "job-".chars().chain(job.chars().map(plain)).take(TAG_CHARS_MAX).collect()
}

fn body(build: &Schedule) -> Value {
    let argument = |one: &Argument| json!({ "name": one.name, "value": one.value.expose_secret(), "isSecret": one.is_secret });
    let Platform { os, architecture } = &build.platform;
    json!({
        "type": "DockerBuildRequest",
        "imageNames": build.image_names,
        "isPushEnabled": true,
        "noCache": build.no_cache,
        "dockerFilePath": build.dockerfile,
        "target": build.target,
        "arguments": build.arguments.iter().map(argument).collect::<Vec<_>>(),
        "timeout": build.timeout_s.clamp(*TIMEOUT_S.start(), *TIMEOUT_S.end()),
        "platform": { "os": os, "architecture": architecture },
        "agentConfiguration": { "cpu": 2 },
        "sourceLocation": build.source,
        "isArchiveEnabled": false,
    })
}

/// Schedules a build with one request, which is never repeated. [`Arm::until`] sets the moment after which it is not
/// sent.
///
/// # Errors
/// [`Error`]. After a temporary error ACR may have scheduled the build: read it back with [`super::trace`].
pub async fn schedule(
    arm: &Arm,
    registry: &Registry,
    build: &Schedule,
) -> Result<ScheduledRun, Error> {
    let url = registry.url(arm, &["scheduleRun"], &[])?;
    let reply = arm.send(Method::POST, url, Some(&body(build))).await?;
    let run = BuildRun::read(reply.body).ok();
    match run {
        Some(run) => Ok(ScheduledRun { id: Some(run.id.clone()), run: Some(run) }),
        None if reply.status == reqwest::StatusCode::ACCEPTED => {
            Ok(ScheduledRun { id: None, run: None })
        }
        None => Err(Error::garbled("a scheduled run without an ID")),
    }
}

/// Cancels a run. ACR also answers success for a run that has ended.
///
/// # Errors
/// [`Error`]. The run's status shows whether it was cancelled.
pub async fn cancel(arm: &Arm, registry: &Registry, id: &str) -> Result<(), Error> {
    is_run_id(id)?;
    let url = registry.url(arm, &["runs", id, "cancel"], &[])?;
    arm.send(Method::POST, url, None).await.map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_marker_is_a_valid_tag() {
        for (job, tag) in
            [("9b2e", "job-9b2e"), ("0197-AB", "job-0197-ab"), ("a/b:c=\"d\"", "job-a-b-c--d-")]
        {
            assert_eq!(marker(job), tag);
        }
        assert_eq!(marker(&"x".repeat(500)).len(), TAG_CHARS_MAX);
    }

    #[test]
    fn a_builds_arguments_are_sent_and_never_printed() {
        let value = SecretString::from("hunter2");
        let build = Schedule {
            image_names: vec!["app:1".into(), "app:job-9".into()],
            dockerfile: "Dockerfile".into(),
            target: Some("litserve".into()),
            source: "source/a.tar.gz".into(),
            timeout_s: 1,
            platform: Platform::default(),
            no_cache: true,
            arguments: vec![Argument { name: "TOKEN".into(), value, is_secret: true }],
        };
        let body = body(&build);
        assert_eq!(body["arguments"][0]["value"], "hunter2");
        assert_eq!(body["timeout"], 300);
        assert_eq!(body["platform"]["architecture"], "amd64");
        assert!(!format!("{build:?}").contains("hunter2"));
    }
}
