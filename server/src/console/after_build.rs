//! Applies or proposes the release that a build is for, after the build, with the rights of the person who started it.

use super::{Services, SignedIn};
use crate::durable::lease::Leases;
use crate::entries::Principal;
use crate::store::jobs::Job;
use app::error::ConsoleError;
use app::port::Result;
use domain::change::proposal::{Proposal, Words};
use domain::intent::{Intent, ReleaseRequest, Seen};
use domain::job::build::{Build, Deploys};
use domain::job::state::StepStatus;
use domain::job::{Fact, JobId, Output, StepKind};
use domain::user::User;
use std::sync::Arc;
use std::time::Duration;

/// Pause between two looks if nothing has changed. Other replicas' changes are not announced here.
const PAUSE: Duration = Duration::from_secs(2);
/// How often a deployment is tried again while something prevents it for a moment.
const TRIES_MAX: u32 = 30;
/// Pause between two tries.
const AGAIN: Duration = Duration::from_secs(2);

/// Looks for builds that have ended, forever. To stop, abort the task.
pub async fn run(services: Arc<Services>, leases: Leases) {
    let mut changed = services.jobs.subscribe();
    loop {
        match waiting(&services).await {
            Ok(jobs) => {
                for job in jobs {
                    if let Err(error) = deploy(&services, &leases, &job).await {
                        tracing::error!(%error, job = job.id.0, "the store failed; retrying");
                    }
                }
            }
            Err(error) => tracing::error!(%error, "could not read the store; retrying"),
        }
        tokio::select! {
            _ = changed.changed() => {}
            () = tokio::time::sleep(PAUSE) => {}
        }
    }
}

/// The jobs that wait for their deployment.
async fn waiting(services: &Services) -> sqlx::Result<Vec<Job>> {
    let mut all = Vec::new();
    for open in services.jobs.table.open().await? {
        let Some(job) = services.jobs.table.load(&JobId(open.id)).await? else { continue };
        let step = job.state.step(job.state.current());
        let is_waiting = step.is_some_and(|step| {
            step.kind == StepKind::Deploy && step.status == StepStatus::Running
        });
        if is_waiting && services.jobs.table.deployed(&job.id).await?.is_none() {
            all.push(job);
        }
    }
    Ok(all)
}

async fn deploy(services: &Arc<Services>, leases: &Leases, job: &Job) -> sqlx::Result<()> {
    let Some(deploys) = &job.build.deploys else { return Ok(()) };
    let Some(grip) = leases.grip(&format!("deploy/{}", job.id)).await? else { return Ok(()) };
    let outcome = leases.hold(&grip, Box::pin(outcome(services, job, deploys))).await;
    if let Some(outcome) = outcome {
        services.jobs.table.set_deployed(&job.id, &outcome).await?;
        services.jobs.moved();
    }
    leases.release(&grip).await;
    Ok(())
}

/// Applies or proposes the release. The error is a full sentence for the job's page.
async fn outcome(
    services: &Arc<Services>,
    job: &Job,
    deploys: &Deploys,
) -> std::result::Result<Output, String> {
    let mut tries = 0;
    loop {
        let done = match person(services, job).await {
            Ok(person) => Box::pin(begin(&person, job, deploys)).await,
            Err(error) => Err(error),
        };
        match done {
            Ok(output) => return Ok(output),
            Err(ConsoleError::Unavailable(_) | ConsoleError::TooMany(_)) if tries < TRIES_MAX => {
                tries += 1;
                tokio::time::sleep(AGAIN).await;
            }
            Err(error) => {
                return Err(format!(
                    "The image was built and registered, but the release was not carried out. {error} Open the release \
                     to carry it out."
                ));
            }
        }
    }
}

/// The person who started the job, with their roles at the last sign-in.
async fn person(services: &Arc<Services>, job: &Job) -> Result<SignedIn> {
    let known = services.changes.people.roles(std::slice::from_ref(&job.person)).await;
    let known = known.map_err(|error| crate::error::internal("people cannot be read", &error))?;
    let (tenant, object) = job.person.split_once('/').unwrap_or_default();
    let user = User {
        tenant: tenant.to_owned(),
        object: object.to_owned(),
        name: job.by.clone(),
        username: String::new(),
        roles: known.get(&job.person).cloned().unwrap_or_default(),
    };
    let now = services.clock.now();
    Ok(SignedIn {
        services: Arc::clone(services),
        principal: Principal { user, request: format!("job {}", job.id) },
        signed_in: now,
        ends: now,
        idle_minutes: 0,
        session: String::new(),
    })
}

async fn begin(person: &SignedIn, job: &Job, deploys: &Deploys) -> Result<Output> {
    let place = person.services.stages.get(&job.build.stage)?;
    let invalid = |message: String| ConsoleError::Invalid { field: None, message };
    let intent = Intent::Release {
        release: ReleaseRequest::Defined {
            id: deploys.release.clone(),
            // A folder has no commits.
            reference: match &job.build.reference {
                Some(_) => {
                    Some(job.build.commit.parse().map_err(|error| invalid(format!("{error}.")))?)
                }
                None => None,
            },
            answers: deploys.answers.clone(),
        },
    };
    let (note, fact) = if place.stage.protected {
        let reason = match &deploys.reason {
            Some(reason) => reason.clone(),
            None => {
                let Build { image, .. } = &job.build;
                let said = format!("Deploys the image {image}, built from {}.", job.build.short());
                Words::read("reason", &said).map_err(invalid)?
            }
        };
        let seen = Seen::default();
        let proposal = Proposal { intent, seen, reason, start: None, job: Some(job.id.clone()) };
        let change = person.propose_change(proposal).await?;
        (
            "The stage is protected, so the release was proposed as a change.",
            Fact::Change { change },
        )
    } else {
        let plan = person.plan_of(&intent).await?.plan.hash;
        let seen = Seen { plan, ..Seen::default() };
        let run = person.apply_intent(&intent, &seen).await?.id;
        ("The release is being carried out as a run.", Fact::Deployment { run })
    };
    Ok(Output { note: note.to_owned(), facts: vec![fact], warnings: Vec::new() })
}
