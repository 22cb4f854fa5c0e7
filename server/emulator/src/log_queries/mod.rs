//! The query API of Log Analytics: `/v1/workspaces/{id}/query`, `/v1/{resource id}/query` and `/v1/$batch` (Azure Monitor,
//! Log Analytics API; azure-rest-api-specs, operationalinsights, data-plane 2022-10-27).
//!
//! # Differences from Azure
//!
//! * A query of a resource reads one workspace: the first of those that the resource's logs go to.
//! * `workspaces`, which adds other workspaces to a query, is refused, and so are the functions `workspace()` and `app()`.
//! * Rights are not checked for single tables. 200 queries in 30 seconds are not refused.

mod asked;
mod batch;
mod refusal;
pub mod switch;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::response::Response;
use axum::routing::any;
use http::request::Parts;
use http::{Method, StatusCode, header};
use serde_json::{Map, Value, json};

use crate::inner::{Inner, Shared};
use crate::logs::ask::Question;
use crate::protocol::call::{decoded, query, set};
use asked::Asked;
use refusal::Refusal;

/// The largest body; a query itself has at most 1 MiB.
const BODY_BYTES_MAX: usize = 2 << 20;
/// The actions that are needed to query a workspace and a resource.
const READ_WORKSPACE: &str = "Microsoft.OperationalInsights/workspaces/query/read";
const READ_RESOURCE: &str = "Microsoft.Insights/logs/read";

/// Routes of the query API's own host.
pub fn routes() -> Router<Shared> {
    Router::new().route("/v1/{*rest}", any(handle))
}

async fn handle(State(inner): State<Shared>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    match answer(&inner, &parts, body).await {
        Ok(text) => json_response(StatusCode::OK, text),
        Err(refusal) => {
            let status = refusal.status();
            let mut response = json_response(status, refusal.body().to_string());
            if status == StatusCode::TOO_MANY_REQUESTS {
                set(response.headers_mut(), header::RETRY_AFTER, "60");
            }
            response
        }
    }
}

fn json_response(status: StatusCode, text: String) -> Response {
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    set(response.headers_mut(), header::CONTENT_TYPE, "application/json; charset=utf-8");
    response
}

async fn answer(inner: &Inner, parts: &Parts, body: Body) -> Result<String, Refusal> {
    inner.entra.log_reader(&parts.headers, &inner.base(&parts.headers))?;
    let segments: Vec<String> =
        parts.uri.path().split('/').filter(|part| !part.is_empty()).map(decoded).collect();
    let segments: Vec<&str> = segments.iter().skip(1).map(String::as_str).collect();
    let body = axum::body::to_bytes(body, BODY_BYTES_MAX).await.map_err(|_| Refusal::TooLarge)?;
    if segments.as_slice() == ["$batch"] {
        return match parts.method {
            Method::POST => batch::answer(inner, &body).await,
            _ => Err(Refusal::Method),
        };
    }
    let [of @ .., "query"] = segments.as_slice() else { return Err(Refusal::NoPath) };
    let target = Target::of(inner, of)?;
    let given = match parts.method {
        Method::POST => object(&body)?,
        Method::GET => {
            let query = query(parts.uri.query().unwrap_or_default());
            query.into_iter().map(|(name, value)| (name, json!(value))).collect()
        }
        _ => return Err(Refusal::Method),
    };
    let prefer = parts.headers.get("prefer").and_then(|value| value.to_str().ok());
    let asked = Asked::read(&given, prefer.unwrap_or_default(), inner.clock.now())?;
    run(inner, target, asked).await
}

fn object(body: &Bytes) -> Result<Map<String, Value>, Refusal> {
    match serde_json::from_slice(body) {
        Ok(Value::Object(map)) => Ok(map),
        _ => Err(Refusal::Argument("The request body is not a JSON object.".to_owned())),
    }
}

/// What a query is about.
struct Target {
    workspace: String,
    resource: Option<String>,
}

impl Target {
    /// The target of a path without `/v1` and `/query`.
    fn of(inner: &Inner, path: &[&str]) -> Result<Self, Refusal> {
        if let ["workspaces", id] = path {
            return Self::workspace(inner, id);
        }
        let [first, ..] = path else { return Err(Refusal::NoPath) };
        if !first.eq_ignore_ascii_case("subscriptions") {
            return Err(Refusal::NoPath);
        }
        let id = format!("/{}", path.join("/")).to_lowercase();
        let logs =
            format!("{}/providers/microsoft.operationalinsights/workspaces/", inner.group_id());
        if let Some(name) = id.strip_prefix(&logs.to_lowercase()) {
            let customer = inner.logs.customer_id(name).ok_or(Refusal::NoWorkspace)?;
            return Self::workspace(inner, &customer);
        }
        if inner.taken.has(READ_RESOURCE) {
            return Err(Refusal::Forbidden);
        }
        let workspace = inner.logs.of_resource(&id).into_iter().next();
        // A resource whose logs go nowhere has no rows anywhere.
        let workspace = workspace.or_else(|| inner.logs.any()).ok_or(Refusal::NoWorkspace)?;
        Ok(Self { workspace, resource: Some(id) })
    }

    fn workspace(inner: &Inner, id: &str) -> Result<Self, Refusal> {
        if inner.taken.has(READ_WORKSPACE) {
            return Err(Refusal::Forbidden);
        }
        let workspace = inner.logs.by_customer_id(id).ok_or(Refusal::NoWorkspace)?;
        Ok(Self { workspace, resource: None })
    }
}

async fn run(inner: &Inner, target: Target, asked: Asked) -> Result<String, Refusal> {
    let question = Question {
        text: asked.text,
        now: inner.clock.now(),
        span: asked.span,
        resource: target.resource,
        wait: asked.wait,
        is_of_rule: false,
    };
    let (with_statistics, with_render) = (asked.with_statistics, asked.with_render);
    let began = tokio::time::Instant::now();
    let read = move |answer: analytics::Answer| {
        let render = answer.render_json().filter(|_| with_render);
        (answer.to_json(), answer.len(), render)
    };
    let (mut text, rows, render) = inner.logs.ask(&target.workspace, question, read).await?;
    let mut add = |name: &str, value: Value| {
        // The text is an object: it ends with a brace.
        text.pop();
        text.push_str(&format!(",\"{name}\":{value}}}"));
    };
    if let Some(render) = render {
        add("render", render);
    }
    if with_statistics {
        let seconds = began.elapsed().as_secs_f64();
        add(
            "statistics",
            json!({ "query": {
                "executionTime": seconds,
                "datasetStatistics": [{ "tableRowCount": rows }],
            } }),
        );
    }
    Ok(text)
}
