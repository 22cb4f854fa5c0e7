//! SentForm handlers. Each form posts to its page's own URL, with or without scripts. A success redirects; a failure
//! renders the same page again with the reason.

use super::form::{Fields, SentForm, field};
use super::{changes, evidence};
use app::error::ConsoleError;
use app::paths;
use app::submission::Outcome;
use axum::extract::Path;
use axum::response::Response;
use domain::evidence::form::KIND;
use domain::intent::{Intent, Seen, Yaml};
use domain::name::DeploymentName;
use domain::route_form;
use domain::run::warrant::SAW;
use domain::scoring::TestTarget;
use domain::stage::EndpointKey;
use serde::Deserialize;

/// The names in a form's URL.
#[derive(Debug, Deserialize)]
pub struct At {
    stage: String,
    endpoint: String,
    #[serde(default)]
    deployment: Option<String>,
}

impl At {
    pub(super) fn key(&self) -> Result<EndpointKey, ConsoleError> {
        let missing = |error: &dyn std::fmt::Display| ConsoleError::NotFound(format!("{error}."));
        Ok(EndpointKey {
            stage: self.stage.parse().map_err(|error| missing(&error))?,
            endpoint: self.endpoint.parse().map_err(|error| missing(&error))?,
        })
    }

    pub(super) fn deployment(&self) -> Result<DeploymentName, ConsoleError> {
        let name = self.deployment.as_deref().unwrap_or_default();
        name.parse().map_err(|error| ConsoleError::NotFound(format!("{error}.")))
    }

    /// The deployment, if the URL names one.
    pub(super) fn named(&self) -> Result<Option<DeploymentName>, ConsoleError> {
        self.deployment.as_ref().map(|_| self.deployment()).transpose()
    }
}

/// Changes an endpoint's traffic split, or proposes the change.
pub async fn route(Path(at): Path<At>, sent: SentForm) -> Response {
    let SentForm { console, fields, .. } = &sent;
    let outcome = async {
        let at = at.key()?;
        let route = route_form::parse(fields)?;
        let base = route_form::base(fields).map_err(|problem| ConsoleError::Invalid {
            field: Some(route_form::BASE.to_owned()),
            message: format!(
                "{problem} Nothing was changed. Open the endpoint's page and edit the traffic again."
            ),
        })?;
        let page = paths::endpoint(&at);
        let seen = Seen { route: Some(base), ..saw(fields) };
        let intent = Intent::SetRoute { at, route };
        changes::apply_or_propose(console, intent, seen, fields, |_| page).await
    };
    let outcome = outcome.await;
    sent.answer(outcome).await
}

/// Deletes a deployment, or proposes the deletion.
pub async fn delete(Path(at): Path<At>, sent: SentForm) -> Response {
    let SentForm { console, fields, .. } = &sent;
    let outcome = async {
        let (key, name) = (at.key()?, at.deployment()?);
        let page = paths::endpoint(&key);
        let seen = saw(fields);
        // Without the mark, another deployment of the same name could be deleted.
        if seen.made_of.as_ref().is_none_or(|mark| mark.trim().is_empty()) {
            return Err(ConsoleError::Invalid {
                field: Some(SAW.to_owned()),
                message: format!(
                    "The form is incomplete: it does not say what {name} was made of when its page was read. Nothing \
                     was changed. Open the page that deletes {name} again."
                ),
            });
        }
        let intent = Intent::DeleteDeployment { at: key, name };
        changes::apply_or_propose(console, intent, seen, fields, |_| page).await
    };
    let outcome = outcome.await;
    sent.answer(outcome).await
}

/// What the form's page showed of the deployments.
fn saw(fields: &Fields) -> Seen {
    Seen { made_of: field(fields, SAW).map(str::to_owned), ..Seen::default() }
}

/// Creates a deployment from pasted YAML or an uploaded file, or proposes the creation.
pub async fn create(Path(at): Path<At>, sent: SentForm) -> Response {
    let SentForm { console, fields, .. } = &sent;
    let outcome = async {
        let at = at.key()?;
        let yaml = field(fields, "yaml").unwrap_or_default();
        let intent = Intent::CreateDeployment { at, deployment: Yaml(yaml.to_owned()) };
        // The deployment's page does not exist if Azure rejects the request. The run's page shows the error.
        changes::apply_or_propose(console, intent, Seen::default(), fields, paths::run).await
    };
    let outcome = outcome.await;
    sent.answer(outcome).await
}

/// Sends a test request to each chosen target in turn, or captures evidence with the request. The capture is part
/// of this form so that a failure keeps the request's body.
pub async fn test(Path(at): Path<At>, sent: SentForm) -> Response {
    if field(&sent.fields, KIND).is_some() {
        return evidence::capture(Path(at), sent).await;
    }
    let SentForm { console, fields, .. } = &sent;
    const TARGETS_MAX: usize = 5;
    let outcome = async {
        let at = at.key()?;
        let body = field(fields, "body").unwrap_or_default();
        let targets = fields.iter().filter(|(field, _)| field == "target");
        let targets = targets.map(|(_, value)| target(value)).collect::<Result<Vec<_>, _>>()?;
        let invalid =
            |message: String| ConsoleError::Invalid { field: Some("target".to_owned()), message };
        if targets.is_empty() {
            return Err(invalid("Choose at least one target. Nothing was sent.".to_owned()));
        }
        if targets.len() > TARGETS_MAX {
            return Err(invalid(format!(
                "Choose at most {TARGETS_MAX} targets. Nothing was sent."
            )));
        }
        let mut answers = Vec::new();
        for target in &targets {
            answers.push(console.test(&at, target, body).await?);
        }
        Ok(answers)
    };
    let outcome = match outcome.await {
        Ok(answers) => Outcome::Answered(answers),
        Err(error) => Outcome::Refused(error),
    };
    sent.again(outcome).await
}

fn target(value: &str) -> Result<TestTarget, ConsoleError> {
    if value == "split" {
        return Ok(TestTarget::Split);
    }
    let name = value.parse().map_err(|error| ConsoleError::Invalid {
        field: Some("target".to_owned()),
        message: format!("{error}. Nothing was sent."),
    })?;
    Ok(TestTarget::Deployment(name))
}
