//! Renders pages: for a GET, and for a form whose outcome is shown on its own page.

use super::Edge;
use super::headers::page_policy;
use app::app::{refusal_shell, shell};
use app::status::SetStatus;
use app::submission::Submission;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::Response;
use leptos::nonce::use_nonce;
use leptos::prelude::{expect_context, provide_context};
use leptos_axum::{ResponseOptions, render_app_async_with_context};
use std::sync::Arc;

/// Renders the page at the request's URL.
pub async fn page(State(edge): State<Edge>, request: Request) -> Response {
    render(edge, request, None).await
}

/// Renders the page of a form again, with the submitted fields and the outcome.
pub async fn again(
    edge: Edge,
    request: axum::http::request::Parts,
    submission: Submission,
) -> Response {
    let status = submission.refusal().map_or(200, app::error::ConsoleError::status);
    let mut request = Request::from_parts(request, Body::empty());
    *request.method_mut() = Method::GET;
    let mut response = render(edge, request, Some(submission)).await;
    if response.status().is_success() {
        *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
    }
    response
}

/// Renders an error page for refusals that do not come from a page.
pub async fn refusal(
    edge: Edge,
    status: StatusCode,
    title: &'static str,
    message: String,
) -> Response {
    let options = edge.leptos;
    let words = move || refusal_shell(options.clone(), status.as_u16(), title, message.clone());
    render_app_async_with_context(|| (), words)(Request::default()).await
}

/// Replaces the request's query with the fields.
pub fn with_query(request: &mut axum::http::request::Parts, fields: &[(String, String)]) {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    let query = query.extend_pairs(fields).finish();
    if let Ok(uri) = format!("{}?{query}", request.uri.path()).parse() {
        request.uri = uri;
    }
}

async fn render(edge: Edge, request: Request, submission: Option<Submission>) -> Response {
    let options = edge.leptos;
    let context = move || {
        let response = expect_context::<ResponseOptions>();
        if let Some(policy) = use_nonce().map(|nonce| page_policy(&nonce))
            && let Ok(policy) = HeaderValue::from_str(&policy)
        {
            response.insert_header(header::CONTENT_SECURITY_POLICY, policy);
        }
        provide_context(SetStatus(Arc::new(move |status| {
            if let Ok(status) = StatusCode::from_u16(status) {
                response.set_status(status);
            }
        })));
        if let Some(submission) = &submission {
            provide_context(submission.clone());
        }
    };
    render_app_async_with_context(context, move || shell(options.clone()))(request).await
}
