//! The pages of releases: what the repositories define, compared with the observed state.

use super::find_release::Found;
use super::release_shown::{shown, without_secrets};
use super::runs::target;
use super::{SignedIn, release_drift};
use crate::planner::Planned;
use crate::planner::file::Files;
use crate::planner::latest::Newest;
use crate::planner::needs::Built;
use crate::planner::observed::Live;
use crate::redact;
use crate::releases::read::Understood;
use crate::releases::source::Error;
use crate::releases::{Reader, Reading};
use app::error::ConsoleError;
use app::port::{ReleasePlan, ReleaseView, ReleasesView, Result};
use domain::name::StageName;
use domain::release::input::{Given, Inputs};
use domain::release::note::Weight;
use domain::release::{Release, Template};
use domain::release_drift::targets;
use domain::repository::{Defined, Reference, ReleaseId, Repository, Summary};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Maximum length of an answer to an input, in bytes.
const ANSWER_BYTES_MAX: usize = 1_024;
/// Maximum number of answers in a request: the templates have about thirty inputs.
const ANSWERS_MAX: usize = 100;

/// A release with its observed endpoint and everything that planning it needs.
#[derive(Debug)]
pub(super) struct Shown {
    pub(super) view: ReleaseView,
    pub(super) files: Files,
    /// The release's endpoint with Azure's response bodies, if it was observed.
    pub(super) live: Option<Live>,
    /// The image that the release deploys.
    pub(super) built: Option<Built>,
}

impl SignedIn {
    pub(super) async fn view_releases(
        &self,
        reference: Option<&Reference>,
        again: bool,
    ) -> Result<ReleasesView> {
        let services = &self.services;
        if again || reference.is_some() {
            self.may_read()?;
        }
        let mut repositories = Vec::new();
        for reader in &services.repositories {
            let reading = reader.read(reference, &services.clock, again).await;
            let all = reading.snapshot.as_ref().map_or(&[][..], |snapshot| &snapshot.releases);
            let newest = self.newest_of(all).await;
            let releases = all.iter().map(|one| self.summary(one, &newest)).collect();
            repositories.push(repository(reader, &reading, releases));
        }
        shown(&mut repositories)?;
        let stages = services.stages.iter().map(|place| place.stage.clone()).collect();
        Ok(ReleasesView { now: services.clock.now(), stages, repositories })
    }

    pub(super) async fn view_release(
        &self,
        id: &ReleaseId,
        reference: Option<&Reference>,
    ) -> Result<ReleaseView> {
        without_secrets(self.understand(id, reference, &[]).await?.view)
    }

    pub(super) async fn view_release_plan(
        &self,
        id: &ReleaseId,
        reference: Option<&Reference>,
        answers: &[(String, String)],
    ) -> Result<ReleasePlan> {
        let (found, planned) = Box::pin(self.planned_release(id, reference, answers)).await?;
        let documents = match &planned {
            Some(planned) => self.shown_documents(planned, &found.view.defined)?,
            None => Vec::new(),
        };
        let may_not_apply = self.may_not_carry_out(&found, planned.as_ref());
        let stage = found.view.defined.stage.as_ref();
        let place = stage.and_then(|stage| self.services.stages.get(stage).ok());
        let protected = place.is_some_and(|place| place.stage.protected);
        let glass = planned.as_ref().and_then(|planned| target(&planned.plan));
        let glass = glass.filter(|_| place.is_some_and(|place| self.may_break_glass(place)));
        let plan = planned.map(|planned| planned.plan);
        Ok(ReleasePlan {
            view: without_secrets(found.view)?,
            plan,
            documents,
            protected,
            may_not_apply,
            glass,
        })
    }

    /// A release with answers, and its plan with all request bodies.
    pub(super) async fn planned_release(
        &self,
        id: &ReleaseId,
        reference: Option<&Reference>,
        answers: &[(String, String)],
    ) -> Result<(Shown, Option<Planned>)> {
        let found = self.understand(id, reference, answers).await?;
        let is_sound = found.view.defined.problems.is_empty();
        let planned = if is_sound { self.plan_of_release(&found).await? } else { None };
        Ok((found, planned))
    }

    /// A release with answers, compared with the observed state.
    pub(super) async fn understand(
        &self,
        id: &ReleaseId,
        reference: Option<&Reference>,
        answers: &[(String, String)],
    ) -> Result<Shown> {
        let services = &self.services;
        let Found { reader, reading, snapshot, understood } =
            self.find_release(id, reference, answers).await?;
        let snapshot = &snapshot;
        let built = release_drift::built(snapshot, &understood.defined);
        let live = self.live_of(&understood.defined);
        let newest = self.newest_of([&understood]).await;
        let newest = of_stage(&newest, understood.defined.stage.as_ref());
        let standing = self.standing_of(&understood, live.as_ref(), &newest);
        let Understood { defined, files, .. } = understood;
        files.values().for_each(|file| redact::scope::learn_body(&file.body));
        let view = ReleaseView {
            now: services.clock.now(),
            repository: repository(reader, &reading, Vec::new()),
            standing,
            endpoint: live.as_ref().map(|live| live.endpoint.as_ref().clone()),
            defined,
        };
        Ok(Shown { view, files, live, built })
    }

    pub(super) fn reader(&self, name: &str) -> Result<&Arc<Reader>> {
        let found = self.services.repositories.iter().find(|reader| reader.name() == name);
        found.ok_or_else(|| {
            ConsoleError::NotFound(format!(
                "There is no repository {} in the configuration. The Releases page lists the repositories.",
                shortened(name)
            ))
        })
    }

    fn summary(&self, understood: &Understood, newest: &BTreeMap<StageName, Newest>) -> Summary {
        let defined = &understood.defined;
        let live = self.live_of(defined);
        let release = &defined.release;
        let target = match release.template {
            Template::Build => "ml_env_name",
            Template::DeployRealtime => "endpoint_name",
        };
        Summary {
            id: defined.id.clone(),
            template: release.template,
            line: release.origin.line,
            environment: written(release, "environment"),
            stage: defined.stage.clone(),
            target: written(release, target),
            deployments: targets(release),
            problems: u32::try_from(defined.problems.len()).unwrap_or(u32::MAX),
            refused: defined.is_refused(),
            warnings: warnings(defined),
            questions: release.questions.iter().map(|question| question.key.clone()).collect(),
            standing: self.standing_of(
                understood,
                live.as_ref(),
                &of_stage(newest, defined.stage.as_ref()),
            ),
            running: live.map(|live| live.endpoint.route.clone()),
        }
    }
}

fn of_stage(newest: &BTreeMap<StageName, Newest>, stage: Option<&StageName>) -> Newest {
    stage.and_then(|stage| newest.get(stage)).cloned().unwrap_or_default()
}

/// An input as the workflow contains it.
fn written(release: &Release, key: &str) -> String {
    release.inputs.get(key).map_or_else(String::new, |input| match &input.given {
        Given::Expression(expression) => shortened(&expression.0),
        given => shortened(&given.as_text().unwrap_or_default()),
    })
}

fn warnings(defined: &Defined) -> u32 {
    let all = defined.notes.iter().filter(|note| note.weight != Weight::Note);
    u32::try_from(all.count()).unwrap_or(u32::MAX)
}

pub(super) fn shortened(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(80).collect()
}

/// Parses a person's answers by the types of the inputs. Skips empty and unchanged ones.
pub(super) fn inputs(release: &Release, answers: &[(String, String)]) -> Result<Inputs> {
    let invalid = |field: &str, message: String| ConsoleError::Invalid {
        field: Some(shortened(field)),
        message,
    };
    if answers.len() > ANSWERS_MAX {
        let message =
            format!("There are {} inputs, but at most {ANSWERS_MAX} are allowed.", answers.len());
        return Err(invalid("inputs", message));
    }
    let mut all = Inputs::new();
    for (key, text) in answers {
        if text.len() > ANSWER_BYTES_MAX {
            let message = format!(
                "{} has {} bytes, but may have at most {ANSWER_BYTES_MAX}. Shorten it.",
                shortened(key),
                text.len()
            );
            return Err(invalid(key, message));
        }
        let text = text.trim();
        // The form shows the file's values: an unchanged one is not an answer.
        let is_new = release.inputs.get(key).is_none_or(|input| match &input.given {
            Given::Expression(_) => true,
            given => given.written().trim() != text,
        });
        if is_new && !text.is_empty() {
            all.insert(key.clone(), release.kind(key).typed(text), None);
        }
    }
    Ok(all)
}

pub(super) fn unread(error: Option<Error>) -> ConsoleError {
    match error {
        Some(Error::NoSuch(message)) => ConsoleError::NotFound(redact::text(&message)),
        Some(Error::Unreadable(message)) => ConsoleError::Unavailable(redact::text(&message)),
        None => ConsoleError::Unavailable(
            "The console has not read the repository yet. Try again in a moment.".to_owned(),
        ),
    }
}

fn repository(reader: &Reader, reading: &Reading, releases: Vec<Summary>) -> Repository {
    let snapshot = reading.snapshot.as_deref();
    let no_such = match &reading.error {
        Some(Error::NoSuch(message)) => Some(redact::text(message)),
        _ => None,
    };
    Repository {
        name: reader.name().to_owned(),
        place: reader.place(),
        freshness: reading.freshness.clone(),
        no_such,
        revision: snapshot.map(|snapshot| snapshot.head.revision.clone()),
        workflows: snapshot.map_or(0, |snapshot| snapshot.workflows),
        releases,
        problems: snapshot.map(|snapshot| snapshot.problems.clone()).unwrap_or_default(),
        notes: snapshot.map(|snapshot| snapshot.notes.clone()).unwrap_or_default(),
    }
}
