//! States in the forms that would make them.

use super::SignedIn;
use super::release_plan::live;
use super::views::no_deployment;
use crate::export::{self, state};
use crate::operations::plan::observed::Live;
use crate::operations::plan::step::Step;
use crate::redact;
use crate::stages::Place;
use app::domain::document::{Document, Export, Form};
use app::domain::name::DeploymentName;
use app::domain::plan::Subject;
use app::domain::release::Release;
use app::domain::run::RunId;
use app::domain::stage::EndpointKey;
use app::error::ConsoleError;
use app::port::Result;
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

    /// The YAML of what a run was to create.
    pub(super) async fn definition_of(&self, id: &RunId) -> Result<String> {
        let run = self.services.operations.get(id).await?;
        let at = &run.operation.endpoint;
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
            // A deployment that no job names is told by its YAML alone.
            Ok(inputs) if name.is_none_or(|name| route.named().any(|named| named == name)) => {
                let text = redact::text(&state::text(&inputs, known.as_ref()));
                let name = format!("with-{}.yml", at.endpoint);
                export.documents.push((None, Document { form: Form::With, name, text }));
            }
            Ok(_) => export.losses.push(
                "It has neither live nor mirrored traffic, and a job of deploy_realtime.yml gives one or the other: \
                 there are no workflow inputs that would leave it so."
                    .to_owned(),
            ),
            Err(why) => export.losses.push(why),
        }
    }

    /// A release of the same stage: its form and its version of the templates are written, and what is the
    /// stage's is copied from it.
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
    place: &Place,
) -> Document {
    let workspace = place.workspace.id();
    let yaml = export::deployment::yaml(&at.endpoint, name, body, Some(&workspace));
    let file = state::deployment_file(&at.endpoint, name);
    Document { form: Form::Deployment, name: file, text: export::resource(&yaml) }
}

/// Each loss with whose it is.
fn said(subject: &Subject, losses: Vec<String>) -> impl Iterator<Item = String> {
    losses.into_iter().map(move |loss| format!("{subject}: {loss}"))
}
