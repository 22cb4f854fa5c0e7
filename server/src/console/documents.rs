//! Plans as documents to download.

use super::SignedIn;
use crate::export::{commands, json, text, workflow};
use crate::planner::Planned;
use crate::redact;
use crate::stages::StageContext;
use app::error::ConsoleError;
use app::port::Result;
use domain::document::{Document, Form};
use domain::intent::{Intent, ReleaseRequest};
use domain::release::Release;
use domain::repository::Defined;
use domain::target::Target;

impl SignedIn {
    pub(super) async fn document_of(&self, intent: &Intent, form: Form) -> Result<Document> {
        match intent {
            Intent::Release { release: ReleaseRequest::Defined { id, reference, answers } } => {
                let planned =
                    Box::pin(self.planned_release(id, reference.as_ref(), answers)).await?;
                let (found, Some(planned)) = planned else { return Err(no_plan()) };
                self.document(&planned, Some(&found.view.defined.release), form)
            }
            Intent::Release { release: ReleaseRequest::Drafted(draft) } if form != Form::Json => {
                let documents = Box::pin(self.run_book_of(draft)).await?.documents;
                documents.into_iter().find(|document| document.form == form).ok_or_else(no_plan)
            }
            _ => self.document(&self.plan_of(intent).await?, None, form),
        }
    }

    /// The documents on the page of a release's plan.
    pub(super) fn shown_documents(
        &self,
        planned: &Planned,
        defined: &Defined,
    ) -> Result<Vec<Document>> {
        let release = Some(&defined.release);
        let shown = [Form::Commands, Form::With];
        shown.into_iter().map(|form| self.document(planned, release, form)).collect()
    }

    /// One form of a plan. `release`: the workflow's call, for the plan of a release.
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
                    "This plan has no workflow and no YAML. Download its JSON or its commands.";
                return Err(ConsoleError::NotFound(message.to_owned()));
            }
        };
        let hash = planned.plan.hash.as_ref().map_or("preview", |hash| hash.short());
        let what = if form == Form::With { "with" } else { "plan" };
        let name = format!("understudy-{what}-{hash}.{}", form.extension());
        // Bodies hide their secrets already, but the team's inputs may contain some.
        Ok(Document { form, name, text: redact::text(&text) })
    }

    fn place_of(&self, target: &Target) -> Result<&StageContext> {
        self.services.stages.get(target.stage()).map(AsRef::as_ref)
    }
}

pub(super) fn no_plan() -> ConsoleError {
    ConsoleError::Refused(
        "There is no plan yet, because something is invalid or missing. The page of this release lists it. Fix \
         that, then try again."
            .to_owned(),
    )
}
