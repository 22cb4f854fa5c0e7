//! Releases: what the repositories define, beside what was observed.

use super::SignedIn;
use super::error::from_azure;
use crate::azure::{deployments, endpoints};
use crate::operations::plan::file::Files;
use crate::operations::plan::observed::{Live, Observed};
use crate::operations::plan::{self, Planned, Wish};
use crate::releases::read::Understood;
use crate::releases::source::Error;
use crate::releases::{Reader, Reading, workflow};
use crate::stages::Place;
use app::domain::endpoint::Endpoint;
use app::domain::infra::Infra;
use app::domain::release::input::{Given, Inputs};
use app::domain::release::{Definition, Release, Template};
use app::domain::repository::{Defined, Reference, ReleaseId, Repository, Summary};
use app::domain::stage::{EndpointKey, Freshness};
use app::domain::standing::{Standing, standing, targets};
use app::error::ConsoleError;
use app::port::{ReleasePlan, ReleaseView, ReleasesView, Result};
use std::sync::Arc;

/// Longest answer to an input, in bytes.
const ANSWER_BYTES_MAX: usize = 1_024;
/// Most answers at once: the templates have some thirty inputs.
const ANSWERS_MAX: usize = 100;

impl SignedIn {
    pub(super) async fn view_releases(
        &self,
        reference: Option<&Reference>,
        again: bool,
    ) -> ReleasesView {
        let services = &self.services;
        let mut repositories = Vec::new();
        for reader in &services.repositories {
            let reading = reader.read(reference, &services.clock, again).await;
            let releases = reading.snapshot.as_ref().map(|snapshot| {
                snapshot.releases.iter().map(|one| self.summary(&one.defined)).collect()
            });
            repositories.push(repository(reader, &reading, releases.unwrap_or_default()));
        }
        let stages = services.stages.iter().map(|place| place.stage.clone()).collect();
        ReleasesView { now: services.clock.now(), stages, repositories }
    }

    pub(super) async fn view_release(
        &self,
        id: &ReleaseId,
        reference: Option<&Reference>,
    ) -> Result<ReleaseView> {
        Ok(self.understand(id, reference, &[]).await?.0)
    }

    pub(super) async fn view_release_plan(
        &self,
        id: &ReleaseId,
        reference: Option<&Reference>,
        answers: &[(String, String)],
    ) -> Result<ReleasePlan> {
        let (view, planned) = self.planned_release(id, reference, answers).await?;
        let documents = match &planned {
            Some(planned) => self.shown_documents(planned, &view.defined)?,
            None => Vec::new(),
        };
        Ok(ReleasePlan { view, plan: planned.map(|planned| planned.plan), documents })
    }

    /// A release with answers and its plan, with all that it would send.
    pub(super) async fn planned_release(
        &self,
        id: &ReleaseId,
        reference: Option<&Reference>,
        answers: &[(String, String)],
    ) -> Result<(ReleaseView, Option<Planned>)> {
        let (view, files) = self.understand(id, reference, answers).await?;
        let is_sound = view.defined.problems.is_empty();
        let planned = if is_sound { self.plan_of(&view, &files).await? } else { None };
        Ok((view, planned))
    }

    /// A release's plan; `None` when it does not tell what it is for.
    async fn plan_of(&self, view: &ReleaseView, files: &Files) -> Result<Option<Planned>> {
        let Some(stage) = &view.defined.stage else { return Ok(None) };
        let place = self.services.stages.get(stage)?;
        let release = (&view.defined.release, files);
        self.plan_at(place, view.defined.infra.as_ref(), view.endpoint.as_ref(), release).await
    }

    /// The plan of a release with its files on a stage.
    pub(super) async fn plan_at(
        &self,
        place: &Place,
        infra: Option<&Infra>,
        endpoint: Option<&Endpoint>,
        (release, files): (&Release, &Files),
    ) -> Result<Option<Planned>> {
        let mut observed = Observed::default();
        if let Some(infra) = infra {
            observed.location.clone_from(&infra.location);
        }
        if let Some(endpoint) = endpoint {
            let live = live(place, endpoint).await?;
            observed.endpoints.insert(endpoint.key.endpoint.clone(), live);
        }
        // The plan is for the stage, whatever GitHub calls its environment.
        let stage = [("environment".to_owned(), Given::text(place.stage.name.as_str()))];
        let release = release.with(&stage.into_iter().collect());
        let wish = Wish::Release { release: &release, files };
        // Why there is none, the release's own problems and questions say.
        Ok(plan::plan(&wish, &observed, &place.facts()).ok())
    }

    /// A release with answers, beside what was observed; and its YAML, rendered.
    async fn understand(
        &self,
        id: &ReleaseId,
        reference: Option<&Reference>,
        answers: &[(String, String)],
    ) -> Result<(ReleaseView, Files)> {
        let services = &self.services;
        let reader = self.reader(&id.repository)?;
        let reading = reader.read(reference, &services.clock, false).await;
        let Some(snapshot) = &reading.snapshot else { return Err(unread(reading.error)) };
        let found = snapshot.releases.iter().find(|one| one.defined.id == *id);
        let Some(found) = found else {
            let at = reference.map(|at| format!(" at {at}")).unwrap_or_default();
            return Err(ConsoleError::NotFound(format!(
                "There is no release {} in {}{at}. The releases' page lists those that there are.",
                shortened(&id.job),
                shortened(&id.workflow),
            )));
        };
        let answers = inputs(&found.defined.release, answers)?;
        let Understood { defined, files } = if answers.is_empty() {
            found.clone()
        } else {
            let again = reader.with_answers(snapshot, found, &answers).await;
            again.map_err(|error| ConsoleError::Unavailable(error.to_string()))?
        };
        let endpoint = self.endpoint_of(&defined);
        let view = ReleaseView {
            now: services.clock.now(),
            repository: repository(reader, &reading, Vec::new()),
            standing: self.standing_of(&defined, endpoint.as_deref()),
            endpoint: endpoint.map(Arc::unwrap_or_clone),
            defined,
        };
        Ok((view, files))
    }

    fn reader(&self, name: &str) -> Result<&Arc<Reader>> {
        let found = self.services.repositories.iter().find(|reader| reader.name() == name);
        found.ok_or_else(|| {
            ConsoleError::NotFound(format!(
                "There is no repository {} in the configuration. The releases' page lists them.",
                shortened(name)
            ))
        })
    }

    /// The endpoint that a release is for, as last observed.
    fn endpoint_of(&self, defined: &Defined) -> Option<Arc<Endpoint>> {
        let Some(Definition::Deploy(deploy)) = &defined.release.definition else { return None };
        let endpoint = deploy.endpoint_name.known()?;
        let key = EndpointKey { stage: defined.stage.clone()?, endpoint: endpoint.clone() };
        let place = self.services.stages.get(&key.stage).ok()?;
        place.observer.now().endpoints.get(&key.endpoint).cloned()
    }

    fn standing_of(&self, defined: &Defined, endpoint: Option<&Endpoint>) -> Standing {
        let observed =
            defined.stage.as_ref().and_then(|stage| self.services.stages.get(stage).ok());
        let waits = observed
            .is_some_and(|place| matches!(place.observer.now().freshness, Freshness::Waiting));
        match standing(defined, endpoint) {
            Standing::NoEndpoint if waits => {
                Standing::NotCompared("The stage was not read yet".to_owned())
            }
            standing => standing,
        }
    }

    fn summary(&self, defined: &Defined) -> Summary {
        let endpoint = self.endpoint_of(defined);
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
            questions: release.questions.iter().map(|question| question.key.clone()).collect(),
            standing: self.standing_of(defined, endpoint.as_deref()),
            running: endpoint.map(|endpoint| endpoint.route.clone()),
        }
    }
}

/// An endpoint with Azure's own bodies, read now: a plan compares every field.
pub(super) async fn live(place: &Place, endpoint: &Endpoint) -> Result<Live> {
    let (arm, workspace) = (&place.arm, &place.workspace);
    let read = endpoints::get(arm, workspace, &endpoint.key).await;
    let read = read.map_err(|error| from_azure(&error))?;
    let bodies = deployments::bodies(arm, workspace, &endpoint.key.endpoint).await;
    let bodies = bodies.map_err(|error| from_azure(&error))?;
    let mut live = Live::of(Arc::new(endpoint.clone()));
    live.body = Some(Arc::new(read.body));
    live.deployments = bodies.into_iter().map(|(name, body)| (name, Arc::new(body))).collect();
    Ok(live)
}

/// An input as the workflow writes it.
fn written(release: &Release, key: &str) -> String {
    release.inputs.get(key).map_or_else(String::new, |input| match &input.given {
        Given::Text(text) => shortened(text),
        Given::Expression(expression) => shortened(&expression.0),
        _ => String::new(),
    })
}

fn shortened(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(80).collect()
}

/// A person's answers, read as GitHub would read them; what is left empty or unchanged is no answer.
fn inputs(release: &Release, answers: &[(String, String)]) -> Result<Inputs> {
    let invalid = |field: &str, message: String| ConsoleError::Invalid {
        field: Some(shortened(field)),
        message,
    };
    if answers.len() > ANSWERS_MAX {
        let message = format!("There are {} inputs; {ANSWERS_MAX} are the most.", answers.len());
        return Err(invalid("inputs", message));
    }
    let mut all = Inputs::new();
    for (key, text) in answers {
        if text.len() > ANSWER_BYTES_MAX {
            let message = format!(
                "{} has {} bytes; {ANSWER_BYTES_MAX} are the most. Shorten it.",
                shortened(key),
                text.len()
            );
            return Err(invalid(key, message));
        }
        let text = text.trim();
        let given = match release.inputs.get(key).map(|input| &input.given) {
            // In the file's quotes it was a text, and stays one.
            Some(Given::Text(_)) => Given::text(text),
            _ => workflow::plain(text),
        };
        let is_new = release.inputs.get(key).is_none_or(|input| input.given != given);
        if is_new && !text.is_empty() {
            all.insert(key.clone(), given, None);
        }
    }
    Ok(all)
}

pub(super) fn unread(error: Option<Error>) -> ConsoleError {
    match error {
        Some(Error::NoSuch(message)) => ConsoleError::NotFound(message),
        Some(Error::Unreadable(message)) => ConsoleError::Unavailable(message),
        None => ConsoleError::Unavailable("The repository was not read yet.".to_owned()),
    }
}

fn repository(reader: &Reader, reading: &Reading, releases: Vec<Summary>) -> Repository {
    let snapshot = reading.snapshot.as_deref();
    Repository {
        name: reader.name().to_owned(),
        place: reader.place(),
        freshness: reading.freshness.clone(),
        revision: snapshot.map(|snapshot| snapshot.head.revision.clone()),
        workflows: snapshot.map_or(0, |snapshot| snapshot.workflows),
        releases,
        problems: snapshot.map(|snapshot| snapshot.problems.clone()).unwrap_or_default(),
    }
}
