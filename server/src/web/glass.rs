//! What the forms send that break glass and acknowledge it.

use super::changes::words;
use super::forms::At;
use super::sent::{Fields, Sent, field};
use app::domain::change::proposal::{COMMENT, REASON};
use app::domain::glass::{Deed, FORM, GlassId, SEEN, TYPED};
use app::domain::stage::EndpointKey;
use app::error::ConsoleError;
use app::paths;
use app::port::Breaking;
use app::submission::Outcome;
use axum::extract::Path;
use axum::response::Response;

/// Breaks glass. What does not come from the page's own form is shown there first: a YAML is too long for an address.
pub async fn break_glass(Path(at): Path<At>, sent: Sent) -> Response {
    if field(&sent.fields, FORM).is_none() {
        return sent.again(Outcome::Looked).await;
    }
    let Sent { console, fields, .. } = &sent;
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
    let deed = Deed::parse(fields)?;
    let reason = words(fields, REASON)?.ok_or_else(|| {
        invalid(
            REASON,
            "Say why, in a sentence: every webhook gets it, and so will the history. Nothing was sent.",
        )
    })?;
    let text = |name: &str| field(fields, name).unwrap_or_default().to_owned();
    let form = text(FORM).parse().map_err(|_| {
        invalid(FORM, "The form is incomplete. Open the page again. Nothing was sent.")
    })?;
    Ok(Breaking { at, deed, reason, typed: text(TYPED), seen: text(SEEN), form })
}

/// Acknowledges that somebody else broke glass.
pub async fn acknowledge(Path(id): Path<String>, sent: Sent) -> Response {
    let Sent { console, fields, .. } = &sent;
    let outcome = async {
        let id: GlassId =
            id.parse().map_err(|error| ConsoleError::NotFound(format!("{error}.")))?;
        console.acknowledge_glass(&id, words(fields, COMMENT)?).await?;
        Ok(paths::broken_glass(&id))
    };
    let outcome = outcome.await;
    sent.answer(outcome).await
}
