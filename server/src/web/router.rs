//! Assembles routes, assets, server functions and all layers.

use super::table::{self, Kind};
use super::{Edge, auth, authorize, csrf, error_pages, headers, health, pages, request, session};
use axum::Router;
use axum::body::Body;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderValue, Request, StatusCode, header};
use axum::middleware::{from_fn, from_fn_with_state, map_response};
use axum::response::Response;
use axum::routing::get;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{DefaultPredicate, NotForContentType, Predicate as _};
use tower_http::services::ServeDir;
use tower_http::timeout::{RequestBodyTimeoutLayer, TimeoutLayer};
use tower_http::trace::TraceLayer;

/// Largest request body, in bytes. A test request or a deployment's YAML must fit, with its form encoding.
pub const BODY_BYTES_MAX: usize = 512 * 1024;
/// Longest time until a response begins. A test request may wait for a slow model.
const ANSWER_TIMEOUT: std::time::Duration = std::time::Duration::from_secs(200);
/// Longest pause in a request's body.
const BODY_PAUSE: std::time::Duration = std::time::Duration::from_secs(20);

/// The console as one service.
pub fn router(edge: Edge) -> Router {
    let live = table::router(&edge, |kind| kind == Kind::Stream);
    let pages = table::router(&edge, |kind| kind != Kind::Stream)
        .route("/api/{*function}", get(functions).post(functions))
        .fallback(pages_only)
        .layer(RequestBodyTimeoutLayer::new(BODY_PAUSE))
        .layer(TimeoutLayer::with_status_code(StatusCode::GATEWAY_TIMEOUT, ANSWER_TIMEOUT));
    let own = Router::new()
        .merge(live)
        .merge(pages)
        .layer(from_fn_with_state(edge.clone(), auth::attach))
        .layer(session::layer(&edge.sessions))
        .layer(from_fn_with_state(edge.clone(), csrf::same_origin))
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX));
    let compress = DefaultPredicate::new().and(NotForContentType::new("text/event-stream"));
    Router::new()
        .merge(health::routes())
        .merge(assets(&edge))
        .merge(own)
        .layer(CatchPanicLayer::new())
        .layer(from_fn_with_state(edge.clone(), error_pages::worded))
        // Outside `worded`, which replaces bodies: a replaced body must not keep the `Content-Encoding` of the old one.
        .layer(CompressionLayer::new().compress_when(compress))
        .layer(from_fn(headers::secure))
        .layer(TraceLayer::new_for_http().make_span_with(|asked: &Request<_>| {
            // Without the query, which may contain an authorization code.
            let id = asked.extensions().get::<request::RequestId>().map(|id| id.0.as_str());
            tracing::info_span!("http", method = %asked.method(), path = asked.uri().path(), id)
        }))
        .layer(from_fn(request::identify))
        .with_state(edge)
}

/// Renders pages for GET and HEAD; answers other methods with 405.
async fn pages_only(
    state: axum::extract::State<Edge>,
    request: axum::extract::Request,
) -> Response {
    use axum::response::IntoResponse as _;
    if matches!(*request.method(), axum::http::Method::GET | axum::http::Method::HEAD) {
        pages::page(state, request).await
    } else {
        StatusCode::METHOD_NOT_ALLOWED.into_response()
    }
}

/// Server functions, which islands call. Leptos reads their bodies without a limit, so this handler applies one.
async fn functions(request: axum::extract::Request) -> Response {
    use axum::response::IntoResponse as _;
    let Some(needs) = table::of_function(request.uri().path()) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    if let Err(refusal) = authorize::function(authorize::console_of(&request), needs).await {
        return refusal;
    }
    let (parts, body) = request.into_parts();
    let Ok(body) = axum::body::to_bytes(body, BODY_BYTES_MAX).await else {
        return error_pages::too_large();
    };
    let request = axum::extract::Request::from_parts(parts, Body::from(body));
    leptos_axum::handle_server_fns(request).await.into_response()
}

/// Static assets. Names in `pkg` contain a hash, so browsers cache these files without expiry, and the icon for a day.
fn assets(edge: &Edge) -> Router<Edge> {
    let folder = |path: std::path::PathBuf| {
        ServeDir::new(path)
            .precompressed_br()
            .precompressed_gzip()
            .append_index_html_on_directories(false)
    };
    let hashed = Router::new()
        .nest_service("/pkg", folder(edge.site.join("pkg")))
        .layer(map_response(|answer| kept(answer, "public, max-age=31536000, immutable")));
    let icon = Router::new()
        .route_service(
            "/favicon.svg",
            tower_http::services::ServeFile::new(edge.site.join("favicon.svg")),
        )
        .layer(map_response(|answer| kept(answer, "public, max-age=86400")));
    hashed.merge(icon)
}

/// Adds the cache rule to successful responses only: a missing file may appear after an update.
async fn kept(mut answer: Response, rule: &'static str) -> Response {
    if answer.status().is_success() || answer.status() == StatusCode::NOT_MODIFIED {
        answer.headers_mut().entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static(rule));
    }
    answer
}
