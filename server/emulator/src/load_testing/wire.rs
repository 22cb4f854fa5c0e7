//! A request to the data plane: which resource, who asks, and which operation it is.

use axum::body::to_bytes;
use axum::extract::{Path, Request, State};
use axum::response::Response;
use http::{HeaderMap, Method, StatusCode};
use uuid::Uuid;

use super::refused::Refused;
use super::{attached, create, definition, files, measured, runs};
use crate::inner::Shared;
use crate::loads::kept::Resource;
use crate::loads::secrets::without_values;
use crate::protocol::call::{Answer, Call, set};
use crate::when;

/// The largest file (the specification of `UploadTestFile`: 50 MB).
const FILE_BYTES_MAX: usize = 50 * 1024 * 1024;
const BODY_BYTES_MAX: usize = 1024 * 1024;
/// The service in its clouds.
const AUDIENCES: [&str; 2] =
    ["https://cnt-prod.loadtesting.azure.com", "https://cnt-prod.loadtesting.azure.us"];
const VERSIONS: &str = "2022-11-01, 2023-04-01-preview, 2024-03-01-preview, 2024-05-01-preview, \
    2024-07-01-preview, 2024-12-01-preview, 2025-03-01-preview, 2025-11-01-preview";

/// What an operation answers.
pub type Answered = Result<Answer, Refused>;

/// One request to a resource that exists.
pub struct Asked<'a> {
    pub inner: &'a Shared,
    pub call: &'a Call,
    /// The resource's name in lower case.
    pub key: String,
    pub guid: String,
    pub now_ms: i64,
}

impl Asked<'_> {
    fn missing(&self) -> Refused {
        let text = format!("There is no load testing resource with the id {}.", self.guid);
        Refused::new(StatusCode::NOT_FOUND, "ResourceNotFound", text)
    }

    pub fn look<T>(
        &self,
        look: impl FnOnce(&Resource) -> Result<T, Refused>,
    ) -> Result<T, Refused> {
        let found = self.inner.store.read(|state| state.load_testing.get(&self.key).map(look));
        found.ok_or_else(|| self.missing())?
    }

    pub fn change<T>(
        &self,
        change: impl FnOnce(&mut Resource) -> Result<T, Refused>,
    ) -> Result<T, Refused> {
        self.inner.store.try_write(|state| {
            let resource = state.load_testing.get_mut(&self.key);
            change(resource.ok_or_else(|| self.missing())?)
        })
    }

    /// The name of a run outside of the state.
    pub fn run_key(&self, run: &str) -> String {
        run_key(&self.guid, run)
    }
}

/// The name of a run outside of the state.
pub fn run_key(guid: &str, run: &str) -> String {
    format!("load:{guid}:{run}")
}

/// `/load-testing/{guid}/…`
pub async fn handle(
    State(inner): State<Shared>,
    Path((guid, _)): Path<(String, String)>,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    let mut call = Call::new(inner.base(&parts.headers), &parts);
    let max = if call.method == Method::PUT { FILE_BYTES_MAX } else { BODY_BYTES_MAX };
    let outcome = match to_bytes(body, max).await {
        Ok(bytes) => {
            call.body = bytes;
            admitted(&inner, &parts.headers, &mut call, guid).await
        }
        Err(_) => {
            let text = format!("The request has more than {max} bytes.");
            Err(Refused::new(StatusCode::PAYLOAD_TOO_LARGE, "RequestTooLarge", text))
        }
    };
    let mut response = match outcome {
        Ok(answer) => answer.into_response(),
        Err(refused) => refused.into_response(&inner.authority(&call.base)),
    };
    note(&inner, &mut call, response.status());
    let headers = response.headers_mut();
    set(headers, "api-supported-versions", VERSIONS);
    set(headers, "mise-correlation-id", &Uuid::new_v4().to_string());
    set(headers, "x-content-type-options", "nosniff");
    set(headers, "cache-control", "no-store");
    response
}

/// The write log gets no file and no value of a secret.
fn note(inner: &Shared, call: &mut Call, status: StatusCode) {
    let body = match call.method {
        Method::PATCH => call.object().map(|body| without_values(&body).to_string()),
        _ => Ok(String::new()),
    };
    call.body = body.unwrap_or_default().into();
    inner.writes.note(call, status, inner.clock.now());
}

async fn admitted(inner: &Shared, headers: &HeaderMap, call: &mut Call, guid: String) -> Answered {
    let is_for = |audience: &str| AUDIENCES.contains(&audience.trim_end_matches('/'));
    call.caller = inner
        .entra
        .caller_for(headers, is_for)
        .map_err(|text| Refused::new(StatusCode::UNAUTHORIZED, "Unauthorized", text))?;
    if call.api_version.is_empty() {
        let text = "An API version is required, but was not specified.";
        return Err(Refused::bad("ApiVersionUnspecified", text));
    }
    let found = inner.store.read(|state| {
        let mut all = state.load_testing.iter();
        all.find(|(_, resource)| resource.guid.eq_ignore_ascii_case(&guid))
            .map(|(key, resource)| (key.clone(), resource.guid.clone()))
    });
    let now_ms = when::unix_ms(inner.clock.now());
    let (key, guid) = found.unwrap_or((String::new(), guid));
    let asked = Asked { inner, call, key, guid, now_ms };
    if asked.key.is_empty() {
        return Err(asked.missing());
    }
    route(&asked).await
}

async fn route(asked: &Asked<'_>) -> Answered {
    let segments: Vec<&str> = asked.call.segments.iter().skip(2).map(String::as_str).collect();
    match segments.as_slice() {
        ["tests", rest @ ..] => on_tests(asked, rest).await,
        ["test-runs", rest @ ..] => on_runs(asked, rest).await,
        _ => {
            let text = "The emulator plays tests and test runs only.";
            Err(Refused::new(StatusCode::NOT_FOUND, "NotFound", text))
        }
    }
}

async fn on_tests(asked: &Asked<'_>, rest: &[&str]) -> Answered {
    match (&asked.call.method, rest) {
        (&Method::GET, []) => definition::list(asked),
        (&Method::GET, [id]) => definition::get(asked, id),
        (&Method::PATCH, [id]) => definition::patch(asked, id),
        (&Method::DELETE, [id]) => definition::delete(asked, id),
        (&Method::GET, [id, "files"]) => files::list(asked, id),
        (&Method::GET, [id, "files", name]) => files::get(asked, id, name),
        (&Method::PUT, [id, "files", name]) => files::put(asked, id, name).await,
        (&Method::DELETE, [id, "files", name]) => files::delete(asked, id, name),
        (_, [id, what @ ("app-components" | "server-metrics-config")]) => {
            attached::on_test(asked, id, what)
        }
        (_, [] | [_] | [_, "files", ..]) => Err(Refused::method()),
        _ => Err(Refused::no_file(&asked.call.path)),
    }
}

async fn on_runs(asked: &Asked<'_>, rest: &[&str]) -> Answered {
    match (&asked.call.method, rest) {
        (&Method::GET, []) => runs::list(asked),
        (&Method::GET, [id]) => runs::get(asked, id),
        (&Method::PATCH, [id]) => create::patch(asked, id).await,
        (&Method::DELETE, [id]) => runs::delete(asked, id),
        (&Method::POST, [id]) => match id.strip_suffix(":stop") {
            Some(id) => runs::stop(asked, id),
            None => Err(Refused::method()),
        },
        (&Method::GET, [id, "files", name]) => runs::file(asked, id, name),
        (&Method::GET, [id, "metric-namespaces"]) => measured::namespaces(asked, id),
        (&Method::GET, [id, "metric-definitions"]) => measured::definitions(asked, id),
        (&Method::GET, [id, "metric-dimensions", dimension, "values"]) => {
            measured::dimension(asked, id, dimension).await
        }
        (&Method::POST, [id, "metrics"]) => measured::metrics(asked, id).await,
        (_, [id, what @ ("app-components" | "server-metrics-config")]) => {
            attached::on_run(asked, id, what)
        }
        _ => Err(Refused::method()),
    }
}
