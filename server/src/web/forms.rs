//! The forms of the pages: one POST each to the page's own URL, with or without scripts. What succeeds
//! redirects; what does not is shown again on the same page with the reason.

use super::sent::{Sent, field};
use super::{changes, evidence};
use app::domain::change::proposal::Wanted;
use app::domain::evidence::form::KIND;
use app::domain::name::DeploymentName;
use app::domain::route::Route;
use app::domain::route_form::{self, FieldProblem};
use app::domain::run::warrant::SAW;
use app::domain::scoring::Target;
use app::domain::stage::EndpointKey;
use app::error::ConsoleError;
use app::paths;
use app::submission::Outcome;
use axum::extract::Path;
use axum::response::Response;
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

    /// The deployment, when the URL names one.
    pub(super) fn named(&self) -> Result<Option<DeploymentName>, ConsoleError> {
        self.deployment.as_ref().map(|_| self.deployment()).transpose()
    }
}

/// Sets a route.
pub async fn route(Path(at): Path<At>, sent: Sent) -> Response {
    let Sent { console, fields, .. } = &sent;
    let outcome = async {
        let at = at.key()?;
        let route = route_form::parse(fields)?;
        let base = field(fields, route_form::BASE).and_then(|base| base.parse::<Route>().ok());
        let base = base.ok_or_else(|| {
            vec![FieldProblem {
                field: route_form::BASE.to_owned(),
                message: "The form does not say which route it is based on. Open the endpoint's page and \
                          move the sliders again."
                    .to_owned(),
            }]
        })?;
        if changes::wants_to_propose(fields) {
            return changes::propose(console, Wanted::Route { at, route, base }, fields).await;
        }
        console.apply_route(&at, &route, &base, field(fields, SAW)).await?;
        Ok(paths::endpoint(&at))
    };
    let outcome = outcome.await;
    sent.answer(outcome).await
}

/// Deletes a deployment.
pub async fn delete(Path(at): Path<At>, sent: Sent) -> Response {
    let Sent { console, fields, .. } = &sent;
    let outcome = async {
        let (key, name) = (at.key()?, at.deployment()?);
        if changes::wants_to_propose(fields) {
            return changes::propose(console, Wanted::Delete { at: key, name }, fields).await;
        }
        console.delete_deployment(&key, &name).await?;
        Ok(paths::endpoint(&key))
    };
    let outcome = outcome.await;
    sent.answer(outcome).await
}

/// Creates a deployment from a pasted text or a file.
pub async fn create(Path(at): Path<At>, sent: Sent) -> Response {
    let Sent { console, fields, .. } = &sent;
    let outcome = async {
        let at = at.key()?;
        let yaml = field(fields, "yaml").unwrap_or_default();
        if changes::wants_to_propose(fields) {
            let yaml = yaml.to_owned();
            return changes::propose(console, Wanted::Create { at, yaml }, fields).await;
        }
        // Not to the deployment: when Azure refuses it, there is none, and the run says why.
        Ok(paths::run(&console.create_deployment(&at, yaml).await?.id))
    };
    let outcome = outcome.await;
    sent.answer(outcome).await
}

/// Sends a test request to each chosen target, one after the other; or captures evidence by it. Then what is
/// refused is shown again where it was written.
pub async fn test(Path(at): Path<At>, sent: Sent) -> Response {
    if field(&sent.fields, KIND).is_some() {
        return evidence::capture(Path(at), sent).await;
    }
    let Sent { console, fields, .. } = &sent;
    const TARGETS_MAX: usize = 5;
    let outcome = async {
        let at = at.key()?;
        let body = field(fields, "body").unwrap_or_default();
        let targets = fields.iter().filter(|(field, _)| field == "target");
        let targets = targets.map(|(_, value)| target(value)).collect::<Result<Vec<_>, _>>()?;
        let invalid =
            |message: String| ConsoleError::Invalid { field: Some("target".to_owned()), message };
        if targets.is_empty() {
            return Err(invalid("Choose where to send the request.".to_owned()));
        }
        if targets.len() > TARGETS_MAX {
            return Err(invalid(format!("Choose at most {TARGETS_MAX} targets.")));
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

fn target(value: &str) -> Result<Target, ConsoleError> {
    if value == "split" {
        return Ok(Target::Split);
    }
    let name = value.parse().map_err(|error| ConsoleError::Invalid {
        field: Some("target".to_owned()),
        message: format!("{error}."),
    })?;
    Ok(Target::Deployment(name))
}
