//! SentForm handler that ends sessions.

use super::form::{Fields, SentForm, field};
use app::error::ConsoleError;
use app::paths;
use axum::response::Response;
use domain::session::form::{ALL, END, ONE, OTHERS, SESSION};
use domain::session::{Ending, Handle};

/// Ends the sessions that the form chooses.
pub async fn end(sent: SentForm) -> Response {
    let SentForm { console, fields, .. } = &sent;
    let outcome = async {
        console.end_sessions(wanted(fields)?).await?;
        Ok(paths::SESSIONS.to_owned())
    };
    let outcome = outcome.await;
    sent.answer(outcome).await
}

fn wanted(fields: &Fields) -> Result<Ending, ConsoleError> {
    let invalid = |field: &str, message: String| ConsoleError::Invalid {
        field: Some(field.to_owned()),
        message,
    };
    let handle = || -> Result<Handle, ConsoleError> {
        let text = field(fields, SESSION).unwrap_or_default();
        text.parse().map_err(|error| invalid(SESSION, format!("{error}. Nothing was changed.")))
    };
    match field(fields, END).unwrap_or_default() {
        ONE => Ok(Ending::One(handle()?)),
        ALL => Ok(Ending::AllOf(handle()?)),
        OTHERS => Ok(Ending::OwnOthers),
        _ => Err(invalid(END, "Choose which sessions to end. Nothing was changed.".to_owned())),
    }
}
