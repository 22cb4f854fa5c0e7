//! All routes and layers on one screen.

use super::{
    Edge, attach, changes, documents, events, evidence, forms, guard, headers, health, history,
    pages, request, runs, sign_in, words,
};
use crate::store::sessions::Sessions;
use app::paths;
use axum::Router;
use axum::body::Body;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderValue, Request, StatusCode, header};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{get, post};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{DefaultPredicate, NotForContentType, Predicate as _};
use tower_http::services::ServeDir;
use tower_http::set_header::SetResponseHeaderLayer;
use tower_http::timeout::TimeoutLayer;
use tower_http::trace::TraceLayer;
use tower_sessions::SessionManagerLayer;

/// Largest request body, in bytes: a test request or a deployment's YAML, with a form around it.
pub const BODY_BYTES_MAX: usize = 512 * 1024;
/// Longest that an answer may take to begin: a test request may wait for a slow model.
const ANSWER_TIMEOUT: std::time::Duration = std::time::Duration::from_secs(200);

/// The console as one service.
pub fn router(edge: Edge, sessions: SessionManagerLayer<Sessions>) -> Router {
    let page = "/stages/{stage}/endpoints/{endpoint}";
    let at = |rest: &str| format!("{page}{rest}");
    let live = Router::new()
        .route(paths::EVENTS_OVERVIEW, get(events::overview))
        .route("/events/runs/{run}", get(events::run))
        .route(paths::EVENTS_CHANGES, get(events::changes))
        .route("/events/changes/{change}", get(events::change))
        .route("/events/stages/{stage}/endpoints/{endpoint}", get(events::endpoint));
    let pages = Router::new()
        .route(paths::SIGN_IN_START, get(sign_in::start))
        .route(paths::SIGN_IN_CALLBACK, get(sign_in::callback))
        .route(paths::SIGN_OUT, post(sign_in::sign_out))
        .route(paths::HISTORY, get(pages::page).post(history::verify))
        .route(paths::CHECKPOINT, get(history::checkpoint))
        .route("/history/export.jsonl", get(history::lines))
        .route("/history/export.csv", get(history::table))
        .route("/runs/{run}", get(pages::page).post(runs::decide))
        .route("/releases/{repository}/{workflow}/{job}/plan", get(pages::page).post(runs::apply))
        .route("/changes/{change}/{decision}", get(pages::page).post(changes::decide))
        .route("/stages/{stage}/freeze", get(pages::page).post(changes::freeze))
        .route("/stages/{stage}/thaw", get(pages::page).post(changes::thaw))
        .route("/api/{*function}", get(functions).post(functions))
        .route(&at("/route"), get(pages::page).post(forms::route))
        .route(&at("/test"), get(pages::page).post(forms::test))
        .route(&at("/evidence"), get(pages::page).post(evidence::capture))
        .route(&at("/new-deployment"), get(pages::page).post(forms::create))
        .route(&at("/deployments/{deployment}/delete"), get(pages::page).post(forms::delete))
        .merge(documents::routes())
        .fallback(pages_only)
        .layer(TimeoutLayer::with_status_code(StatusCode::GATEWAY_TIMEOUT, ANSWER_TIMEOUT));
    let compress = DefaultPredicate::new().and(NotForContentType::new("text/event-stream"));
    let own = Router::new()
        .merge(live)
        .merge(pages)
        .layer(from_fn_with_state(edge.clone(), attach::attach))
        .layer(sessions)
        .layer(from_fn_with_state(edge.clone(), guard::same_origin))
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .layer(CompressionLayer::new().compress_when(compress));
    Router::new()
        .merge(health::routes())
        .merge(assets(&edge))
        .merge(own)
        .layer(CatchPanicLayer::new())
        .layer(from_fn_with_state(edge.clone(), words::worded))
        .layer(from_fn(headers::secure))
        .layer(TraceLayer::new_for_http().make_span_with(|asked: &Request<_>| {
            // The path only: a query may hold a sign-in's code.
            let id = asked.extensions().get::<request::RequestId>().map(|id| id.0.as_str());
            tracing::info_span!("http", method = %asked.method(), path = asked.uri().path(), id)
        }))
        .layer(from_fn(request::identify))
        .with_state(edge)
}

/// Pages answer GET and HEAD; anything else on an unknown path changes nothing.
async fn pages_only(
    state: axum::extract::State<Edge>,
    request: axum::extract::Request,
) -> axum::response::Response {
    use axum::response::IntoResponse as _;
    if matches!(*request.method(), axum::http::Method::GET | axum::http::Method::HEAD) {
        pages::page(state, request).await
    } else {
        StatusCode::METHOD_NOT_ALLOWED.into_response()
    }
}

/// Server functions: questions that islands ask. Leptos reads their bodies without a limit of its own.
async fn functions(request: axum::extract::Request) -> axum::response::Response {
    use axum::response::IntoResponse as _;
    let (parts, body) = request.into_parts();
    let Ok(body) = axum::body::to_bytes(body, BODY_BYTES_MAX).await else {
        return words::too_large();
    };
    let request = axum::extract::Request::from_parts(parts, Body::from(body));
    leptos_axum::handle_server_fns(request).await.into_response()
}

/// What the browser loads: hashed and compressed at build time, kept for ever; the rest of the folder for
/// a day.
fn assets(edge: &Edge) -> Router<Edge> {
    let folder = |path: std::path::PathBuf| {
        ServeDir::new(path)
            .precompressed_br()
            .precompressed_gzip()
            .append_index_html_on_directories(false)
    };
    let keep = |value: &'static str| {
        SetResponseHeaderLayer::if_not_present(
            header::CACHE_CONTROL,
            HeaderValue::from_static(value),
        )
    };
    let hashed = Router::new()
        .nest_service("/pkg", folder(edge.site.join("pkg")))
        .layer(keep("public, max-age=31536000, immutable"));
    let icon = Router::new()
        .route_service(
            "/favicon.svg",
            tower_http::services::ServeFile::new(edge.site.join("favicon.svg")),
        )
        .layer(keep("public, max-age=86400"));
    hashed.merge(icon)
}
