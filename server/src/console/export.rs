//! Exports the current state as YAML and workflow inputs that would create it.

use super::SignedIn;
use super::release_plan::live;
use super::views::no_deployment;
use crate::export::{self, state};
use crate::planner::observed::Live;
use crate::planner::step::Step;
use crate::redact;
use crate::runs::endpoint_of;
use crate::stages::StageContext;
use app::error::ConsoleError;
use app::port::Result;
use domain::document::{Document, Export, Form};
use domain::name::DeploymentName;
use domain::plan::Subject;
use domain::release::Release;
use domain::run::RunId;
use domain::stage::EndpointKey;
use serde_json::Value;

impl SignedIn {
    pub(super) async fn export_of(
        &self,
        at: &EndpointKey,
        name: Option<&DeploymentName>,
    ) -> Result<Export> {
        let place = self.place(at)?;
        let endpoint = self.observed(at).await?;
        self.may_read()?;
        let live = live(place, &endpoint).await?;
        if let Some(name) = name.filter(|name| !live.deployments.contains_key(name)) {
            return Err(no_deployment(at, name));
        }
        let mut export = Export::default();
        if let (None, Some(body)) = (name, &live.body) {
            let document = endpoint_document(at, body);
            let loss = export::loss::endpoint(&document, body, &place.workspace);
            export.losses.extend(said(&Subject::Endpoint, loss));
            export.documents.push((None, document));
        }
        let wanted = |one: &DeploymentName| name.is_none_or(|name| name == one);
        for (one, body) in live.deployments.iter().filter(|(one, _)| wanted(one)) {
            let document = deployment_document(at, one, body, place);
            let loss = export::loss::deployment(&document, body, &place.workspace);
            export.losses.extend(said(&Subject::Deployment(one.clone()), loss));
            export.documents.push((Some(one.clone()), document));
        }
        self.add_inputs(at, &live, name, &mut export).await;
        Ok(export)
    }

    /// The YAML of the deployment that a run creates.
    pub(super) async fn definition_of(&self, id: &RunId) -> Result<String> {
        let run = self.services.operations.get(id).await?;
        let at = endpoint_of(&run.operation.target)?;
        let place = self.place(at)?;
        let put = run.steps.iter().find_map(|step| match step {
            Step::PutDeployment { name, body, .. } => Some((name, body)),
            _ => None,
        });
        let (name, body) = put.ok_or_else(|| {
            ConsoleError::NotFound("This run creates no deployment, so it has no YAML.".to_owned())
        })?;
        Ok(deployment_document(at, name, body, place).text)
    }

    async fn add_inputs(
        &self,
        at: &EndpointKey,
        live: &Live,
        name: Option<&DeploymentName>,
        export: &mut Export,
    ) {
        let route = &live.endpoint.route;
        let known = self.known_release(at).await;
        match state::inputs(live, known.as_ref()) {
            // A deployment outside the route has no workflow inputs, only its YAML.
            Ok(inputs) if name.is_none_or(|name| route.named().any(|named| named == name)) => {
                let text = redact::text(&state::text(&inputs, known.as_ref()));
                let name = format!("with-{}.yml", at.endpoint);
                export.documents.push((None, Document { form: Form::With, name, text }));
            }
            Ok(_) => export.losses.push(
                "The deployment has neither live nor mirrored traffic. Every job of deploy_realtime.yml gives a \
                 deployment one or the other, so there are no workflow inputs for this state."
                    .to_owned(),
            ),
            Err(why) => export.losses.push(why),
        }
    }

    /// A release of the same stage. The exported inputs use its form, its version of the templates and its inputs for
    /// the stage.
    async fn known_release(&self, at: &EndpointKey) -> Option<Release> {
        let found = self.releases_of(at, None).await.ok()?;
        found.into_iter().next().map(|found| found.understood.defined.release)
    }
}

/// An endpoint's YAML.
pub(super) fn endpoint_document(at: &EndpointKey, body: &Value) -> Document {
    let text = export::resource(&export::endpoint::yaml(&at.endpoint, body));
    Document { form: Form::Endpoint, name: state::endpoint_file(&at.endpoint), text }
}

/// A deployment's YAML.
pub(super) fn deployment_document(
    at: &EndpointKey,
    name: &DeploymentName,
    body: &Value,
    place: &StageContext,
) -> Document {
    let workspace = place.workspace.id();
    let yaml = export::deployment::yaml(&at.endpoint, name, body, Some(&workspace));
    let file = state::deployment_file(&at.endpoint, name);
    Document { form: Form::Deployment, name: file, text: export::resource(&yaml) }
}

/// Adds the subject to each loss.
fn said(subject: &Subject, losses: Vec<String>) -> impl Iterator<Item = String> {
    losses.into_iter().map(move |loss| format!("{subject}: {loss}"))
}
