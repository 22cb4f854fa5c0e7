//! SentForm handlers that break glass and acknowledge it.

use super::changes::words;
use super::endpoints::At;
use super::form::{Fields, SentForm, field};
use app::error::ConsoleError;
use app::paths;
use app::port::Breaking;
use app::submission::Outcome;
use axum::extract::Path;
use axum::response::Response;
use domain::change::proposal::{COMMENT, REASON};
use domain::glass::{FORM, GlassId, Purpose, SEEN, TYPED};
use domain::stage::EndpointKey;

/// Breaks glass. Forms on other pages post here as well, because a YAML file is too long for a URL: these get the
/// break-glass page, filled in.
pub async fn break_glass(Path(at): Path<At>, sent: SentForm) -> Response {
    if field(&sent.fields, FORM).is_none() {
        return sent.again(Outcome::Looked).await;
    }
    let SentForm { console, fields, .. } = &sent;
    let outcome = async {
        let breaking = breaking(at.key()?, fields)?;
        let operation = console.break_glass(breaking).await?;
        Ok(paths::run(&operation.id))
    };
    let outcome = outcome.await;
    sent.answer(outcome).await
}

fn breaking(at: EndpointKey, fields: &Fields) -> Result<Breaking, ConsoleError> {
    let invalid = |field: &str, message: &str| ConsoleError::Invalid {
        field: Some(field.to_owned()),
        message: message.to_owned(),
    };
    let purpose = Purpose::parse(at.clone(), fields)?;
    let reason = words(fields, REASON)?.ok_or_else(|| {
        invalid(
            REASON,
            "Enter a reason. It goes to every webhook and into the audit log. Nothing was sent.",
        )
    })?;
    let text = |name: &str| field(fields, name).unwrap_or_default().to_owned();
    let form = text(FORM).parse().map_err(|_| {
        invalid(FORM, "The form's own id is invalid. Open the page again. Nothing was sent.")
    })?;
    Ok(Breaking { at, purpose, reason, typed: text(TYPED), seen: text(SEEN), form })
}

/// Acknowledges a break-glass action of somebody else.
pub async fn acknowledge(Path(id): Path<String>, sent: SentForm) -> Response {
    let SentForm { console, fields, .. } = &sent;
    let outcome = async {
        let id: GlassId =
            id.parse().map_err(|error| ConsoleError::NotFound(format!("{error}.")))?;
        console.acknowledge_glass(&id, words(fields, COMMENT)?).await?;
        Ok(paths::broken_glass(&id))
    };
    let outcome = outcome.await;
    sent.answer(outcome).await
}
