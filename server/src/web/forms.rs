//! The forms of the pages: one POST each to the page's own URL, with or without scripts. What succeeds
//! redirects; what does not is shown again on the same page with the reason.

use super::words::TOO_LARGE;
use super::{Edge, changes, pages};
use app::domain::change::proposal::Wanted;
use app::domain::name::DeploymentName;
use app::domain::route::Route;
use app::domain::route_form::{self, FieldProblem};
use app::domain::scoring::Target;
use app::domain::spec::{NOT_UTF8, YAML_BYTES_MAX, too_long};
use app::domain::stage::EndpointKey;
use app::error::ConsoleError;
use app::paths;
use app::port::Console;
use app::submission::{Outcome, Submission};
use axum::Extension;
use axum::extract::multipart::MultipartError;
use axum::extract::{FromRequest, Multipart, Path, Request, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse as _, Redirect, Response};
use serde::Deserialize;
use std::sync::Arc;

pub(super) type Fields = Vec<(String, String)>;
pub(super) type Asker = Extension<Arc<dyn Console>>;

/// The names in a form's URL.
#[derive(Debug, Deserialize)]
pub struct At {
    stage: String,
    endpoint: String,
    #[serde(default)]
    deployment: Option<String>,
}

impl At {
    pub(super) fn key(&self) -> Result<EndpointKey, ConsoleError> {
        let missing = |error: &dyn std::fmt::Display| ConsoleError::NotFound(format!("{error}."));
        Ok(EndpointKey {
            stage: self.stage.parse().map_err(|error| missing(&error))?,
            endpoint: self.endpoint.parse().map_err(|error| missing(&error))?,
        })
    }

    pub(super) fn deployment(&self) -> Result<DeploymentName, ConsoleError> {
        let name = self.deployment.as_deref().unwrap_or_default();
        name.parse().map_err(|error| ConsoleError::NotFound(format!("{error}.")))
    }

    /// The deployment, when the URL names one.
    pub(super) fn named(&self) -> Result<Option<DeploymentName>, ConsoleError> {
        self.deployment.as_ref().map(|_| self.deployment()).transpose()
    }
}

/// Sets a route.
pub async fn route(
    State(edge): State<Edge>,
    Extension(console): Asker,
    Path(at): Path<At>,
    Sent { parts, fields }: Sent,
) -> Response {
    let outcome = async {
        let at = at.key()?;
        let route = route_form::parse(&fields)?;
        let base = field(&fields, route_form::BASE).and_then(|base| base.parse::<Route>().ok());
        let base = base.ok_or_else(|| {
            vec![FieldProblem {
                field: route_form::BASE.to_owned(),
                message: "The form does not say which route it is based on. Open the endpoint's page and \
                          move the sliders again."
                    .to_owned(),
            }]
        })?;
        if changes::wants_to_propose(&fields) {
            return changes::propose(&console, Wanted::Route { at, route, base }, &fields).await;
        }
        console.apply_route(&at, &route, &base).await?;
        Ok(paths::endpoint(&at))
    };
    let outcome = outcome.await;
    answer(edge, parts, fields, outcome).await
}

/// Deletes a deployment.
pub async fn delete(
    State(edge): State<Edge>,
    Extension(console): Asker,
    Path(at): Path<At>,
    Sent { parts, fields }: Sent,
) -> Response {
    let outcome = async {
        let (key, name) = (at.key()?, at.deployment()?);
        if changes::wants_to_propose(&fields) {
            return changes::propose(&console, Wanted::Delete { at: key, name }, &fields).await;
        }
        console.delete_deployment(&key, &name).await?;
        Ok(paths::endpoint(&key))
    };
    let outcome = outcome.await;
    answer(edge, parts, fields, outcome).await
}

/// Creates a deployment from a pasted text or a file.
pub async fn create(
    State(edge): State<Edge>,
    Extension(console): Asker,
    Path(at): Path<At>,
    request: Request,
) -> Response {
    let (kept, fields) = match multipart(request).await {
        Ok(read) => read,
        Err((parts, unread)) => return not_read(edge, parts, unread).await,
    };
    let outcome = async {
        let at = at.key()?;
        let yaml = field(&fields, "yaml").unwrap_or_default();
        if changes::wants_to_propose(&fields) {
            let yaml = yaml.to_owned();
            return changes::propose(&console, Wanted::Create { at, yaml }, &fields).await;
        }
        let operation = console.create_deployment(&at, yaml).await?;
        Ok(match operation.action {
            app::domain::operation::Action::CreateDeployment { deployment } => {
                paths::deployment(&at, &deployment)
            }
            _ => paths::endpoint(&at),
        })
    };
    let outcome = outcome.await;
    answer(edge, kept, fields, outcome).await
}

/// Sends a test request to each chosen target, one after the other.
pub async fn test(
    State(edge): State<Edge>,
    Extension(console): Asker,
    Path(at): Path<At>,
    Sent { parts, fields }: Sent,
) -> Response {
    const TARGETS_MAX: usize = 5;
    let outcome = async {
        let at = at.key()?;
        let body = field(&fields, "body").unwrap_or_default();
        let targets = fields.iter().filter(|(field, _)| field == "target");
        let targets = targets.map(|(_, value)| target(value)).collect::<Result<Vec<_>, _>>()?;
        let invalid =
            |message: String| ConsoleError::Invalid { field: Some("target".to_owned()), message };
        if targets.is_empty() {
            return Err(invalid("Choose where to send the request.".to_owned()));
        }
        if targets.len() > TARGETS_MAX {
            return Err(invalid(format!("Choose at most {TARGETS_MAX} targets.")));
        }
        let mut answers = Vec::new();
        for target in &targets {
            answers.push(console.test(&at, target, body).await?);
        }
        Ok(answers)
    };
    let outcome = match outcome.await {
        Ok(answers) => Outcome::Answered(answers),
        Err(error) => Outcome::Refused(error),
    };
    pages::again(edge, parts, Submission { fields, outcome }).await
}

fn target(value: &str) -> Result<Target, ConsoleError> {
    if value == "split" {
        return Ok(Target::Split);
    }
    let name = value.parse().map_err(|error| ConsoleError::Invalid {
        field: Some("target".to_owned()),
        message: format!("{error}."),
    })?;
    Ok(Target::Deployment(name))
}

pub(super) async fn answer(
    edge: Edge,
    parts: Parts,
    fields: Fields,
    outcome: Result<String, ConsoleError>,
) -> Response {
    match outcome {
        Ok(to) => Redirect::to(&to).into_response(),
        Err(error) => {
            pages::again(edge, parts, Submission { fields, outcome: Outcome::Refused(error) }).await
        }
    }
}

/// Why a form could not be read.
pub(super) struct Unread {
    status: StatusCode,
    error: ConsoleError,
}

impl Unread {
    fn new(status: StatusCode, said: &str) -> Self {
        let message = match status {
            StatusCode::PAYLOAD_TOO_LARGE => TOO_LARGE.to_owned(),
            _ => format!(
                "The form was not sent as this page sends it: {said}. Open the page in the console and send \
                 it from there; nothing was changed."
            ),
        };
        Self { status, error: ConsoleError::Invalid { field: None, message } }
    }

    fn file(message: String) -> Self {
        let error = ConsoleError::Invalid { field: Some("file".to_owned()), message };
        Self { status: StatusCode::UNPROCESSABLE_ENTITY, error }
    }
}

/// The same page again, with the reason.
pub(super) async fn not_read(edge: Edge, parts: Parts, unread: Unread) -> Response {
    let submission = Submission { fields: Fields::new(), outcome: Outcome::Refused(unread.error) };
    let mut response = pages::again(edge, parts, submission).await;
    if response.status() == StatusCode::UNPROCESSABLE_ENTITY {
        *response.status_mut() = unread.status;
    }
    response
}

/// A plain form as it was sent. One that cannot be read is answered by its own page, with the reason.
pub struct Sent {
    pub(super) parts: Parts,
    pub(super) fields: Fields,
}

impl FromRequest<Edge> for Sent {
    type Rejection = Response;

    async fn from_request(request: Request, edge: &Edge) -> Result<Self, Response> {
        let (parts, body) = request.into_parts();
        let kept = parts.clone();
        match axum::Form::<Fields>::from_request(Request::from_parts(parts, body), &()).await {
            Ok(form) => Ok(Self { parts: kept, fields: form.0 }),
            Err(error) => {
                let unread = Unread::new(error.status(), &error.body_text());
                Err(not_read(edge.clone(), kept, unread).await)
            }
        }
    }
}

/// Reads a multipart form's fields.
pub(super) async fn multipart(request: Request) -> Result<(Parts, Fields), (Parts, Unread)> {
    let (parts, body) = request.into_parts();
    let kept = parts.clone();
    let read = match Multipart::from_request(Request::from_parts(parts, body), &()).await {
        Ok(multipart) => multipart_fields(multipart).await,
        Err(error) => Err(Unread::new(error.status(), &error.body_text())),
    };
    match read {
        Ok(fields) => Ok((kept, fields)),
        Err(unread) => Err((kept, unread)),
    }
}

/// Reads a multipart form's fields. A chosen file takes the place of the pasted text.
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
        // Excel and old editors put a byte order mark in front, browsers end lines with CRLF.
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

pub(super) fn field<'a>(fields: &'a Fields, name: &str) -> Option<&'a str> {
    fields.iter().find(|(field, _)| field == name).map(|(_, value)| value.as_str())
}
