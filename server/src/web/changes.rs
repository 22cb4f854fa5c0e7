//! SentForm handlers for changes and stages: proposals, decisions, freezes.

use super::form::{Fields, SentForm, field};
use app::error::ConsoleError;
use app::paths;
use app::port::Console;
use axum::extract::Path;
use axum::response::Response;
use domain::change::ChangeId;
use domain::change::event::SubjectHash;
use domain::change::proposal::{Act, COMMENT, DO, PROPOSE, Proposal, REASON, SEEN, START, Words};
use domain::intent::{Intent, Seen};
use domain::name::StageName;
use domain::run::RunId;
use domain::timestamp::Timestamp;
use std::sync::Arc;

/// Carries out an intent, or proposes it if the form says so. Returns the path of the change's page, or the path that
/// `applied` makes for the run.
pub(super) async fn apply_or_propose(
    console: &Arc<dyn Console>,
    intent: Intent,
    seen: Seen,
    fields: &Fields,
    applied: impl FnOnce(&RunId) -> String,
) -> Result<String, ConsoleError> {
    if field(fields, DO) != Some(PROPOSE) {
        return Ok(applied(&console.apply(&intent, &seen).await?.id));
    }
    let reason = words(fields, REASON)?.ok_or_else(|| ConsoleError::Invalid {
        field: Some(REASON.to_owned()),
        message: "Enter a reason for the approvers. Nothing was proposed.".to_owned(),
    })?;
    let proposal = Proposal { intent, seen, reason, start: start(fields)?, job: None };
    Ok(paths::change(&console.propose(proposal).await?))
}

/// Records a decision on a change.
pub async fn decide(Path(id): Path<String>, act: Act, sent: SentForm) -> Response {
    let SentForm { console, fields, .. } = &sent;
    let outcome = async {
        let id: ChangeId =
            id.parse().map_err(|error| ConsoleError::NotFound(format!("{error}.")))?;
        let seen = SubjectHash(field(fields, SEEN).unwrap_or_default().to_owned());
        let comment = words(fields, COMMENT)?;
        console.decide_change(&id, act, &seen, comment).await?;
        Ok(paths::change(&id))
    };
    let outcome = outcome.await;
    sent.answer(outcome).await
}

/// Freezes a stage.
pub async fn freeze(stage: Path<String>, sent: SentForm) -> Response {
    freeze_or_thaw(stage, sent, true).await
}

/// Unfreezes a stage.
pub async fn thaw(stage: Path<String>, sent: SentForm) -> Response {
    freeze_or_thaw(stage, sent, false).await
}

async fn freeze_or_thaw(Path(stage): Path<String>, sent: SentForm, freezes: bool) -> Response {
    let SentForm { console, fields, .. } = &sent;
    let outcome = async {
        let stage: StageName =
            stage.parse().map_err(|error| ConsoleError::NotFound(format!("{error}.")))?;
        let shown = match freezes {
            true => "The stage's page shows it to everybody, and the audit log records it.",
            false => "The audit log records it.",
        };
        let reason = words(fields, REASON)?.ok_or_else(|| ConsoleError::Invalid {
            field: Some(REASON.to_owned()),
            message: format!("Enter a reason. {shown} Nothing was changed."),
        })?;
        match freezes {
            true => console.freeze(&stage, reason).await?,
            false => console.thaw(&stage, reason).await?,
        }
        Ok(paths::stage(&stage))
    };
    let outcome = outcome.await;
    sent.answer(outcome).await
}

/// The text of a field, whose name is also its noun in errors; `None` if it is blank.
pub(super) fn words(fields: &Fields, name: &str) -> Result<Option<Words>, ConsoleError> {
    let Some(text) = field(fields, name).filter(|text| !text.trim().is_empty()) else {
        return Ok(None);
    };
    let invalid = |message| ConsoleError::Invalid { field: Some(name.to_owned()), message };
    Words::read(name, text).map(Some).map_err(invalid)
}

fn start(fields: &Fields) -> Result<Option<Timestamp>, ConsoleError> {
    let Some(text) = field(fields, START).filter(|text| !text.trim().is_empty()) else {
        return Ok(None);
    };
    Timestamp::parse_utc(text.trim()).map(Some).ok_or_else(|| ConsoleError::Invalid {
        field: Some(START.to_owned()),
        message: "The start is not a valid time. Example: 2026-11-23T09:47 (UTC).".to_owned(),
    })
}
