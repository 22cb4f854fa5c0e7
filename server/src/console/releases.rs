//! Releases: what the repositories define, beside what was observed.

use super::SignedIn;
use crate::releases::source::Error;
use crate::releases::{Reader, Reading, workflow};
use app::domain::endpoint::Endpoint;
use app::domain::release::input::{Given, Inputs};
use app::domain::release::{Definition, Release, Template};
use app::domain::repository::{Defined, Reference, ReleaseId, Repository, Summary};
use app::domain::stage::{EndpointKey, Freshness};
use app::domain::standing::{Standing, standing, targets};
use app::error::ConsoleError;
use app::port::{ReleaseView, ReleasesView, Result};
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
                snapshot.releases.iter().map(|defined| self.summary(defined)).collect()
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
        answers: &[(String, String)],
    ) -> Result<ReleaseView> {
        let services = &self.services;
        let reader = self.reader(&id.repository)?;
        let reading = reader.read(reference, &services.clock, false).await;
        let Some(snapshot) = &reading.snapshot else { return Err(unread(reading.error)) };
        let found = snapshot.releases.iter().find(|defined| defined.id == *id);
        let Some(found) = found else {
            let at = reference.map(|at| format!(" at {at}")).unwrap_or_default();
            return Err(ConsoleError::NotFound(format!(
                "There is no release {} in {}{at}. The releases' page lists those that there are.",
                shortened(&id.job),
                shortened(&id.workflow),
            )));
        };
        let answers = inputs(&found.release, answers)?;
        let defined = if answers.is_empty() {
            found.clone()
        } else {
            let again = reader.with_answers(snapshot, found, &answers).await;
            again.map_err(|error| ConsoleError::Unavailable(error.to_string()))?
        };
        let endpoint = self.endpoint_of(&defined);
        Ok(ReleaseView {
            now: services.clock.now(),
            repository: repository(reader, &reading, Vec::new()),
            standing: self.standing_of(&defined, endpoint.as_deref()),
            endpoint: endpoint.map(Arc::unwrap_or_clone),
            defined,
        })
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

fn unread(error: Option<Error>) -> ConsoleError {
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
