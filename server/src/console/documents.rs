//! Plans in the forms that people take away.

use super::SignedIn;
use super::views::no_deployment;
use crate::export::{commands, json, text, workflow};
use crate::operations::plan::{Planned, Wish};
use crate::redact;
use crate::stages::Place;
use app::domain::document::{Document, Form};
use app::domain::plan::Target;
use app::domain::plan::asked::PlanOf;
use app::domain::release::Release;
use app::domain::repository::Defined;
use app::error::ConsoleError;
use app::port::Result;

impl SignedIn {
    pub(super) async fn document_of(&self, of: &PlanOf, form: Form) -> Result<Document> {
        match of {
            PlanOf::Release { id, reference, answers } => {
                let planned =
                    Box::pin(self.planned_release(id, reference.as_ref(), answers)).await?;
                let (found, Some(planned)) = planned else { return Err(no_plan()) };
                self.document(&planned, Some(&found.view.defined.release), form)
            }
            PlanOf::Route { at, route } => {
                let observed = self.observed(at).await?;
                let planned = self.planned(observed, &Wish::SetRoute { at, route }).await?;
                self.document(&planned, None, form)
            }
            PlanOf::Creation { at, yaml } => {
                let read = self.read(at, yaml)?.map_err(ConsoleError::Yaml)?;
                let wish = Wish::Create { at, name: &read.name, body: &read.body };
                let planned = self.planned(self.observed(at).await?, &wish).await?;
                self.document(&planned, None, form)
            }
            PlanOf::Deletion { at, name } => {
                let endpoint = self.observed(at).await?;
                if endpoint.deployment(name).is_none() {
                    return Err(no_deployment(at, name));
                }
                let planned = self.planned(endpoint, &Wish::Delete { at, name }).await?;
                self.document(&planned, None, form)
            }
            PlanOf::RunBook(draft) => {
                let view = Box::pin(self.run_book_of(draft)).await?;
                match form {
                    Form::Json => {
                        let planned = view.planned.ok_or_else(no_plan)?;
                        self.document(&planned, None, form)
                    }
                    form => {
                        let mut documents = view.documents.into_iter();
                        documents.find(|document| document.form == form).ok_or_else(no_plan)
                    }
                }
            }
        }
    }

    /// What a release's plan shows on its page.
    pub(super) fn shown_documents(
        &self,
        planned: &Planned,
        defined: &Defined,
    ) -> Result<Vec<Document>> {
        let release = Some(&defined.release);
        let shown = [Form::Commands, Form::With];
        shown.into_iter().map(|form| self.document(planned, release, form)).collect()
    }

    /// One form of a plan. `release` is the workflow's call, when there is one.
    pub(super) fn document(
        &self,
        planned: &Planned,
        release: Option<&Release>,
        form: Form,
    ) -> Result<Document> {
        let text = match (form, release) {
            (Form::Json, _) => json::text(planned),
            (Form::Commands, _) => {
                commands::script(planned, &self.place_of(&planned.plan.target)?.workspace)
            }
            (Form::With, Some(release)) => {
                text(&workflow::call(&release.origin.uses, &release.inputs))
            }
            (Form::With | Form::Endpoint | Form::Deployment, _) => {
                let message =
                    "This plan has no workflow and no YAML; take its JSON or its commands.";
                return Err(ConsoleError::NotFound(message.to_owned()));
            }
        };
        let hash = planned.plan.hash.as_ref().map_or("preview", |hash| hash.short());
        let what = if form == Form::With { "with" } else { "plan" };
        let name = format!("understudy-{what}-{hash}.{}", form.extension());
        // Bodies hide theirs already; inputs and texts of the team may hold some as well.
        Ok(Document { form, name, text: redact::text(&text) })
    }

    fn place_of(&self, target: &Target) -> Result<&Place> {
        let stage = match target {
            Target::Endpoint(key) => &key.stage,
            Target::Image { stage, .. } => stage,
        };
        self.services.stages.get(stage).map(AsRef::as_ref)
    }
}

fn no_plan() -> ConsoleError {
    ConsoleError::Refused(
        "There is no plan yet: something is wrong or missing. Its page says what; fix it and download again."
            .to_owned(),
    )
}
