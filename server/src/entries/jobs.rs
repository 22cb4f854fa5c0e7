//! Entries about jobs: one at the beginning, one at the end, and one when somebody cancels.

use super::{Principal, about_target, clipped, draft, nobody, requested};
use domain::job::view::{Job, Progress};
use domain::job::{Fact, build::Method};
use domain::name::StageName;
use domain::timestamp::Timestamp;
use ledger::entry::{Actor, By, Draft, Facts, Kind, Outcome};

/// Somebody started a job.
#[must_use]
pub fn begun(job: &Job, by: &Principal) -> Draft {
    let mut draft =
        requested(Kind::Intended, &job.build.title(), by, job.started, Outcome::Pending);
    about(&mut draft, job);
    draft.after = inputs(job);
    draft
}

/// Somebody asked to cancel a job.
#[must_use]
pub fn cancelled(job: &Job, by: &Principal, now: Timestamp) -> Draft {
    let what = format!("Cancel: {}", job.build.title());
    let mut draft = requested(Kind::Decided, &what, by, now, Outcome::Done);
    about(&mut draft, job);
    draft
}

/// A job has ended; `person` started it (tenant id and object id).
#[must_use]
pub fn ended(job: &Job, person: &str, facts: &[Fact], now: Timestamp) -> Draft {
    let by = match person {
        super::CONSOLE => nobody(Actor::Console, &job.by),
        person => By {
            id: Some(person.to_owned()),
            kind: Actor::Person,
            name: job.by.chars().take(200).collect(),
            roles: Vec::new(),
        },
    };
    let (outcome, message) = match &job.progress {
        Progress::Succeeded => (Outcome::Done, None),
        Progress::Failed { message } => (Outcome::Failed, Some(clipped(message))),
        Progress::Cancelled { by } => (Outcome::Failed, Some(format!("{by} cancelled it."))),
        Progress::Waiting | Progress::Running { .. } | Progress::Cancelling { .. } => {
            (Outcome::Pending, None)
        }
    };
    let mut draft = draft(Kind::Settled, &job.build.title(), by, now, outcome);
    about(&mut draft, job);
    draft.after = facts.iter().flat_map(found).collect();
    draft.result.message = message;
    draft
}

/// Somebody archived a version of an environment.
#[must_use]
pub fn archived(
    by: &Principal,
    stage: &StageName,
    name: &str,
    version: &str,
    now: Timestamp,
) -> Draft {
    let what = format!("Archive version {version} of the environment {name}");
    let mut draft = requested(Kind::Decided, &what, by, now, Outcome::Done);
    draft.about.stage = Some(stage.to_string());
    draft
}

fn about(draft: &mut Draft, job: &Job) {
    draft.about = about_target(&job.build.target());
    draft.about.job = Some(job.id.0.clone());
}

/// What the job was asked to build.
fn inputs(job: &Job) -> Facts {
    let build = &job.build;
    let method = match &build.method {
        Method::Registry { .. } => "registry".to_owned(),
        Method::Workflow { file, on, .. } => format!("workflow {file} on {on}"),
    };
    [
        ("image", build.image.to_string()),
        ("layer", build.layer.clone()),
        ("repository", build.repository.clone()),
        ("commit", build.commit.clone()),
        ("method", method),
    ]
    .map(|(name, value)| (name.to_owned(), clipped(&value)))
    .into()
}

/// What a step found.
fn found(fact: &Fact) -> Vec<(String, String)> {
    let pairs = match fact {
        Fact::Source { .. } => Vec::new(),
        Fact::Run { id, .. } => vec![("build_run", id)],
        Fact::Image { reference, digest } => vec![("image", reference), ("digest", digest)],
        Fact::Version { version, image } => vec![("version", version), ("image", image)],
        Fact::Deployment { run } => vec![("run", &run.0)],
        Fact::Change { change } => vec![("change", &change.0)],
    };
    pairs.into_iter().map(|(name, value)| (name.to_owned(), clipped(value))).collect()
}
