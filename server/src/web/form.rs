//! Submitted forms: reads them within limits, and answers with a redirect or with the form's own page and the reason.

use super::error_pages::TOO_LARGE;
use super::{Edge, pages};
use app::error::ConsoleError;
use app::port::Console;
use app::submission::{Outcome, Submission};
use axum::extract::multipart::MultipartError;
use axum::extract::{FromRequest, FromRequestParts as _, Multipart, Request};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::{Extension, Form};
use domain::spec::{NOT_UTF8, YAML_BYTES_MAX, too_long};
use domain::text::sentence;
use std::sync::Arc;

pub(super) type Fields = Vec<(String, String)>;

/// The first field of this name.
pub(super) fn field<'a>(fields: &'a Fields, name: &str) -> Option<&'a str> {
    fields.iter().find(|(field, _)| field == name).map(|(_, value)| value.as_str())
}

/// A submitted form, URL-encoded or multipart, and the sender's console. A form that cannot be read is rejected with
/// its own page and the reason.
pub struct SentForm {
    pub(super) console: Arc<dyn Console>,
    pub(super) fields: Fields,
    edge: Edge,
    parts: Parts,
}

impl SentForm {
    /// Redirects to the outcome's path, or renders the page again with the reason.
    pub(super) async fn answer(self, outcome: Result<String, ConsoleError>) -> Response {
        match outcome {
            Ok(to) => Redirect::to(&to).into_response(),
            Err(error) => self.again(Outcome::Refused(unchanged(error))).await,
        }
    }

    /// Renders the page again with the submitted fields and the outcome.
    pub(super) async fn again(self, outcome: Outcome) -> Response {
        pages::again(self.edge, self.parts, Submission { fields: self.fields, outcome }).await
    }

    /// Puts the submitted fields into the page's URL, where some pages read them.
    pub(super) fn with_query(mut self) -> Self {
        pages::with_query(&mut self.parts, &self.fields);
        self
    }
}

/// An invalid field is found before anything is done. Says so, unless the message already says what was not done.
fn unchanged(error: ConsoleError) -> ConsoleError {
    match error {
        ConsoleError::Invalid { field, message } if !message.contains("Nothing was ") => {
            let message = format!("{} Nothing was changed.", sentence(&message));
            ConsoleError::Invalid { field, message }
        }
        error => error,
    }
}

impl FromRequest<Edge> for SentForm {
    type Rejection = Response;

    async fn from_request(request: Request, edge: &Edge) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let console = Extension::<Arc<dyn Console>>::from_request_parts(&mut parts, edge).await;
        let Extension(console) = console.map_err(IntoResponse::into_response)?;
        let read = fields(Request::from_parts(parts.clone(), body)).await;
        let sent = |fields| Self { console, fields, edge: edge.clone(), parts };
        match read {
            Ok(fields) => Ok(sent(fields)),
            Err(Unread { status, error }) => {
                let page = sent(Fields::new()).again(Outcome::Refused(error)).await;
                let is_of_form = page.status() == StatusCode::UNPROCESSABLE_ENTITY;
                Err(if is_of_form { (status, page).into_response() } else { page })
            }
        }
    }
}

/// Why a form could not be read.
struct Unread {
    status: StatusCode,
    error: ConsoleError,
}

impl Unread {
    fn new(status: StatusCode, said: &str) -> Self {
        let message = match status {
            StatusCode::PAYLOAD_TOO_LARGE => TOO_LARGE.to_owned(),
            _ => format!(
                "The console cannot read this form: {said}. Nothing was changed. Open the page in the console and \
                 submit the form there."
            ),
        };
        Self { status, error: ConsoleError::Invalid { field: None, message } }
    }

    fn file(message: String) -> Self {
        let error = ConsoleError::Invalid { field: Some("file".to_owned()), message };
        Self { status: StatusCode::UNPROCESSABLE_ENTITY, error }
    }
}

/// Reads a form's fields by its content type.
async fn fields(request: Request) -> Result<Fields, Unread> {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    if kind.is_some_and(|kind| kind.to_ascii_lowercase().starts_with("multipart/")) {
        match Multipart::from_request(request, &()).await {
            Ok(multipart) => multipart_fields(multipart).await,
            Err(error) => Err(Unread::new(error.status(), &error.body_text())),
        }
    } else {
        match Form::<Fields>::from_request(request, &()).await {
            Ok(Form(fields)) => Ok(fields),
            Err(error) => Err(Unread::new(error.status(), &error.body_text())),
        }
    }
}

/// Reads a multipart form's fields. An uploaded file replaces the pasted text.
async fn multipart_fields(mut multipart: Multipart) -> Result<Fields, Unread> {
    let unread = |error: MultipartError| Unread::new(error.status(), &error.body_text());
    let mut fields = Fields::new();
    let mut file = None;
    while let Some(part) = multipart.next_field().await.map_err(unread)? {
        let name = part.name().unwrap_or_default().to_owned();
        let bytes = part.bytes().await.map_err(unread)?;
        if bytes.len() > YAML_BYTES_MAX {
            return Err(Unread::file(too_long(bytes.len())));
        }
        let Ok(text) = String::from_utf8(bytes.to_vec()) else {
            return Err(Unread::file(NOT_UTF8.to_owned()));
        };
        // Some editors add a byte order mark, and browsers end lines with CRLF.
        let text = text.trim_start_matches('\u{feff}').replace("\r\n", "\n");
        if name == "file" {
            file = Some(text).filter(|text| !text.trim().is_empty());
        } else {
            fields.push((name, text));
        }
    }
    if let Some(text) = file {
        fields.retain(|(name, _)| name != "yaml");
        fields.push(("yaml".to_owned(), text));
    }
    Ok(fields)
}
