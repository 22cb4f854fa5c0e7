//! SentForm handlers that build images, decide about jobs, and archive images.

use super::form::{Fields, SentForm, field};
use super::runs::{Release, answers, reference};
use app::error::ConsoleError;
use app::paths;
use app::port::BuildRequest;
use axum::extract::Path;
use axum::response::Response;
use domain::change::proposal::{REASON, Words};
use domain::job::JobId;
use domain::job::form::{COMMIT, DEPLOY, FAILED_ONLY, VERSION, is_commit};
use domain::name::StageName;

/// Starts a build of the commit that the person saw, and redirects to the job.
pub async fn build(Path(release): Path<Release>, sent: SentForm) -> Response {
    let SentForm { console, fields, .. } = &sent;
    let outcome = async {
        let request = BuildRequest {
            release: release.id(),
            reference: reference(fields)?,
            answers: answers(fields),
            deploy: field(fields, DEPLOY) == Some("true"),
        };
        let reason = reason(fields)?;
        let begun = console.start_build(&request, commit(fields)?, reason).await?;
        Ok(paths::begun(&begun))
    };
    let outcome = outcome.await;
    // The page reads its fields from the URL.
    sent.with_query().answer(outcome).await
}

fn commit(fields: &Fields) -> Result<&str, ConsoleError> {
    let problem = match field(fields, COMMIT) {
        Some(text) if is_commit(text) => return Ok(text),
        Some(_) => "The form's commit is invalid.",
        None => "The form is incomplete: the commit is missing.",
    };
    Err(ConsoleError::Invalid {
        field: Some(COMMIT.to_owned()),
        message: format!("{problem} Nothing was started. Open the build's page again."),
    })
}

/// The reason for the change that follows the build; `None` if the field is empty.
fn reason(fields: &Fields) -> Result<Option<Words>, ConsoleError> {
    let text = field(fields, REASON).filter(|text| !text.trim().is_empty());
    let read = text.map(|text| Words::read("reason", text)).transpose();
    read.map_err(|message| ConsoleError::Invalid {
        field: Some(REASON.to_owned()),
        message: format!("{message} Nothing was started."),
    })
}

/// Cancels a job.
pub async fn cancel(Path(id): Path<String>, sent: SentForm) -> Response {
    let outcome = async {
        let id = parsed(&id)?;
        sent.console.cancel_job(&id).await?;
        Ok(paths::job(&id))
    };
    let outcome = outcome.await;
    sent.answer(outcome).await
}

/// Starts an ended job again, and redirects to the new job.
pub async fn repeat(Path(id): Path<String>, sent: SentForm) -> Response {
    let SentForm { console, fields, .. } = &sent;
    let outcome = async {
        let failed_only = field(fields, FAILED_ONLY) == Some("true");
        let begun = console.repeat_job(&parsed(&id)?, failed_only).await?;
        Ok(paths::begun(&begun))
    };
    let outcome = outcome.await;
    sent.answer(outcome).await
}

fn parsed(id: &str) -> Result<JobId, ConsoleError> {
    id.parse().map_err(|error| ConsoleError::NotFound(format!("{error}.")))
}

/// Archives a version of an image.
pub async fn archive(Path((stage, name)): Path<(String, String)>, sent: SentForm) -> Response {
    let SentForm { console, fields, .. } = &sent;
    let outcome = async {
        let stage: StageName =
            stage.parse().map_err(|error| ConsoleError::NotFound(format!("{error}.")))?;
        let version = field(fields, VERSION).filter(|version| !version.trim().is_empty());
        let version = version.ok_or_else(|| ConsoleError::Invalid {
            field: Some(VERSION.to_owned()),
            message: "The form is incomplete: the version is missing. Nothing was archived. Open the image's page \
                      again."
                .to_owned(),
        })?;
        console.archive_image(&stage, &name, version).await?;
        Ok(paths::image(&stage, &name))
    };
    let outcome = outcome.await;
    sent.answer(outcome).await
}
