//! Cross-site request forgery: requests that change something must come from the console's own pages.

use super::Edge;
use crate::messages::address::is_loopback;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use url::Url;

/// Rejects state changes that another site started. Browsers send `Sec-Fetch-Site` or `Origin` with every POST, so
/// a request with neither is refused too.
pub async fn same_origin(State(edge): State<Edge>, request: Request, next: Next) -> Response {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    if reads || is_from_here(request.headers(), &edge.public_url) {
        return next.run(request).await;
    }
    tracing::warn!(path = request.uri().path(), "refused a cross-site request");
    let text = "Rejected: this request did not come from a page of this console. Nothing was changed. \
                Open the page in the console and try again.";
    (StatusCode::FORBIDDEN, text).into_response()
}

fn is_from_here(headers: &HeaderMap, public_url: &Url) -> bool {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let own = public_url.origin().ascii_serialization();
    let host = header("host");
    // On loopback the console may also be reached as localhost, 127.0.0.1 or [::1]. Any other name can be an attacker's
    // that resolves to loopback, so that its origin and its host agree.
    let is_own = |origin: &str| {
        let same_host = || host.is_some_and(|host| origin.strip_prefix("http://") == Some(host));
        let on_loopback = || Url::parse(origin).is_ok_and(|origin| is_loopback(&origin));
        origin == own || public_url.scheme() == "http" && same_host() && on_loopback()
    };
    match (header("sec-fetch-site"), header("origin")) {
        (Some("same-origin"), None) => true,
        (Some("same-origin") | None, Some(origin)) => is_own(origin),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_origins_of_the_public_url_and_loopback_are_own() {
        let cases = [
            ("https://console.example", "https://console.example", "console.example", true),
            ("https://console.example", "https://console.example", "evil.example", true),
            ("https://console.example", "https://evil.example", "evil.example", false),
            ("https://console.example", "http://console.example", "console.example", false),
            ("https://console.example", "http://localhost:3000", "localhost:3000", false),
            ("http://127.0.0.1:3000", "http://127.0.0.1:3000", "127.0.0.1:3000", true),
            ("http://127.0.0.1:3000", "http://localhost:3000", "localhost:3000", true),
            ("http://127.0.0.1:3000", "http://localhost:4000", "localhost:3000", false),
            ("http://127.0.0.1:3000", "http://evil.example", "evil.example", false),
            ("http://127.0.0.1:3000", "http://evil.example:3000", "evil.example:3000", false),
            (
                "http://127.0.0.1:3000",
                "http://localhost.evil.example",
                "localhost.evil.example",
                false,
            ),
            ("http://127.0.0.1:3000", "null", "127.0.0.1:3000", false),
        ];
        for (public, origin, host, is_own) in cases {
            let mut headers = HeaderMap::new();
            headers.insert("origin", origin.parse().expect("a header"));
            headers.insert("host", host.parse().expect("a header"));
            let public = Url::parse(public).expect("a URL");
            assert_eq!(is_from_here(&headers, &public), is_own, "{public} {origin} {host}");
        }
    }
}
