//! Host names. Browsers keep cookies per host: a sign-in that starts under another name than the public URL's would
//! come back from Entra without its cookies.

use axum::extract::Request;
use axum::http::{Method, header};
use url::Url;

/// The query parameter that marks a redirect from another name. It prevents a redirect loop behind a proxy that
/// does not forward the Host header.
pub const MOVED: &str = "moved";

/// Whether a GET or HEAD request came under another name than the public URL's, and was not redirected yet.
#[must_use]
pub fn is_other_name(public_url: &Url, request: &Request) -> bool {
    if !matches!(*request.method(), Method::GET | Method::HEAD) || was_moved(request) {
        return false;
    }
    let sent = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    let sent = sent.or_else(|| request.uri().authority().map(axum::http::uri::Authority::as_str));
    // HTTP/1.0 requests may have no host name.
    let Some(sent) = sent else { return false };
    let (host, port) = split(sent);
    let own = public_url.host_str().unwrap_or_default();
    let own_port = public_url.port_or_known_default();
    let default = if public_url.scheme() == "https" { 443 } else { 80 };
    !host.eq_ignore_ascii_case(own) || Some(port.unwrap_or(default)) != own_port
}

fn was_moved(request: &Request) -> bool {
    let query = request.uri().query().unwrap_or_default();
    url::form_urlencoded::parse(query.as_bytes()).any(|(name, _)| name == MOVED)
}

/// Splits `host:port`; an IPv6 address keeps its brackets, as in URLs.
fn split(authority: &str) -> (&str, Option<u16>) {
    match authority.rsplit_once(':') {
        Some((host, port)) if !host.is_empty() && !port.contains(']') => (host, port.parse().ok()),
        _ => (authority, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;

    #[test]
    fn names_are_compared_as_browsers_do() {
        let cases = [
            ("https://console.example", "console.example", false),
            ("https://console.example", "CONSOLE.example:443", false),
            ("https://console.example", "console", true),
            ("https://console.example", "console.example:8443", true),
            ("http://127.0.0.1:3000", "127.0.0.1:3000", false),
            ("http://127.0.0.1:3000", "localhost:3000", true),
            ("http://127.0.0.1:3000", "127.0.0.1", true),
            ("http://[::1]:3000", "[::1]:3000", false),
            ("http://[::1]", "[::1]", false),
        ];
        for (public, host, is_other) in cases {
            let url = Url::parse(public).expect("a URL");
            let ask = |path: &str, method: Method| {
                let request = Request::builder().method(method).uri(path).header("host", host);
                is_other_name(&url, &request.body(Body::empty()).expect("a request"))
            };
            assert_eq!(ask("/account?x=1", Method::GET), is_other, "{public} {host}");
            assert_eq!(ask("/", Method::HEAD), is_other);
            assert!(!ask("/", Method::POST));
            assert!(!ask("/sign-in?to=%2F&moved=1", Method::GET), "redirected only once");
        }
    }
}
