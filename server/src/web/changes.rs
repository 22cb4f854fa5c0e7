//! What the forms of changes and stages send: proposals, decisions, freezes.

use super::sent::{Fields, Sent, field};
use app::domain::change::ChangeId;
use app::domain::change::event::SubjectHash;
use app::domain::change::proposal::{
    Act, COMMENT, DO, PROPOSE, Proposal, REASON, SEEN, START, Wanted, Words,
};
use app::domain::name::StageName;
use app::domain::timestamp::Timestamp;
use app::error::ConsoleError;
use app::paths;
use app::port::Console;
use axum::extract::Path;
use axum::response::Response;
use std::sync::Arc;

/// Whether a form asks to propose what it holds instead of applying it.
pub(super) fn wants_to_propose(fields: &Fields) -> bool {
    field(fields, DO) == Some(PROPOSE)
}

/// Proposes; answers where the change is found.
pub(super) async fn propose(
    console: &Arc<dyn Console>,
    wanted: Wanted,
    fields: &Fields,
) -> Result<String, ConsoleError> {
    let reason = words(fields, REASON)?.ok_or_else(|| ConsoleError::Invalid {
        field: Some(REASON.to_owned()),
        message: "Say why, in a sentence: whoever approves it will read it. Nothing was proposed."
            .to_owned(),
    })?;
    let proposal = Proposal { wanted, reason, start: start(fields)? };
    Ok(paths::change(&console.propose(proposal).await?))
}

/// Decides about a change.
pub async fn decide(Path(id): Path<String>, act: Act, sent: Sent) -> Response {
    let Sent { console, fields, .. } = &sent;
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
pub async fn freeze(stage: Path<String>, sent: Sent) -> Response {
    freeze_or_thaw(stage, sent, true).await
}

/// Thaws a stage.
pub async fn thaw(stage: Path<String>, sent: Sent) -> Response {
    freeze_or_thaw(stage, sent, false).await
}

async fn freeze_or_thaw(Path(stage): Path<String>, sent: Sent, freezes: bool) -> Response {
    let Sent { console, fields, .. } = &sent;
    let outcome = async {
        let stage: StageName =
            stage.parse().map_err(|error| ConsoleError::NotFound(format!("{error}.")))?;
        let reason = words(fields, REASON)?.ok_or_else(|| ConsoleError::Invalid {
            field: Some(REASON.to_owned()),
            message: "Say why, in a sentence: everybody who comes here will read it.".to_owned(),
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

/// What somebody wrote; `None` when they wrote nothing.
pub(super) fn words(fields: &Fields, name: &str) -> Result<Option<Words>, ConsoleError> {
    let Some(text) = field(fields, name).filter(|text| !text.trim().is_empty()) else {
        return Ok(None);
    };
    let invalid = |message| ConsoleError::Invalid { field: Some(name.to_owned()), message };
    Words::try_from(text.to_owned()).map(Some).map_err(invalid)
}

fn start(fields: &Fields) -> Result<Option<Timestamp>, ConsoleError> {
    let Some(text) = field(fields, START).filter(|text| !text.trim().is_empty()) else {
        return Ok(None);
    };
    Timestamp::parse_utc(text.trim()).map(Some).ok_or_else(|| ConsoleError::Invalid {
        field: Some(START.to_owned()),
        message: "The start is not a time; write it like 2026-11-23T09:47 (UTC).".to_owned(),
    })
}
