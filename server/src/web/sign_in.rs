//! The sign-in and sign-out routes.

pub mod sealed;

use super::auth::{Client, Visitor};
use super::entra::Began;
use super::error_pages;
use super::query::Query;
use super::request::RequestId;
use super::{Edge, cookie, session};
use crate::entries;
use crate::entries::Principal;
use crate::store::trouble::Trouble;
use app::error::ConsoleError;
use app::paths;
use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri};
use axum::response::{IntoResponse, Redirect, Response};
use sealed::{Issue, Note, Started};
use tower_sessions::Session as Browser;

/// Longest path that a sign-in redirects back to, in bytes.
const TO_BYTES_MAX: usize = 2_000;

/// Sends the person to Entra. The browser's cookie holds the whole state of the sign-in.
pub async fn start(State(edge): State<Edge>, headers: HeaderMap, query: Query) -> Response {
    let to = match query.text("to") {
        Ok(to) => own_path(to.unwrap_or(paths::OVERVIEW)).to_owned(),
        Err(error) => return error_pages::refused(&error),
    };
    let now = edge.sessions.clock.now();
    let state = edge.seal.state(now);
    match edge.entra.start(state.clone()).await {
        Ok(Began { url, nonce, verifier }) => {
            let note = Note::Started(Started { nonce, verifier, to });
            let lines = edge.seal.keep(&headers, &state, &note, now);
            with(lines, Redirect::to(url.as_str()).into_response())
        }
        Err(error) => failed(&error),
    }
}

/// The query of Entra's redirect.
struct Callback {
    code: Option<String>,
    state: Option<String>,
    error: Option<String>,
}

impl Callback {
    fn of(query: &Query) -> Result<Self, ConsoleError> {
        let text = |name| query.text(name).map(|text| text.map(str::to_owned));
        Ok(Self { code: text("code")?, state: text("state")?, error: text("error")? })
    }
}

/// Handles the redirect back from Entra. State and code work once. One transaction writes the session and its ledger
/// entry, so a sign-in that cannot be recorded fails.
pub async fn callback(
    State(edge): State<Edge>,
    Extension(RequestId(request)): Extension<RequestId>,
    Extension(visitor): Extension<Visitor>,
    browser: Browser,
    headers: HeaderMap,
    query: Query,
) -> Response {
    let query = match Callback::of(&query) {
        Ok(query) => query,
        Err(error) => return error_pages::refused(&error),
    };
    let state = query.state.clone().unwrap_or_default();
    let now = edge.sessions.clock.now();
    let is_in = visitor.session.is_some();
    let (reason, why) = match (edge.seal.judge(&state, now), edge.seal.find(&headers, &state)) {
        (Issue::Ours, Some(Note::Started(started))) if edge.seal.take(&state, now) => {
            let client = visitor.client;
            let back = Back { edge: &edge, request, client, browser, headers: &headers };
            return back.finish(&state, started, query).await;
        }
        (
            Issue::Ours | Issue::Late,
            Some(Note::Done { to } | Note::Started(Started { to, .. })),
        ) if is_in => {
            return Redirect::to(own_path(&to)).into_response();
        }
        // The person is already signed in and pressed Back.
        (Issue::Ours | Issue::Late, _) if is_in => {
            return Redirect::to(paths::OVERVIEW).into_response();
        }
        (Issue::Unknown, _) => {
            ("unknown", "it came back with something that this console never gave out")
        }
        (Issue::Late, _) => ("late", "it took longer than ten minutes"),
        (Issue::Ours, Some(_)) => ("used", "it had been finished before, and was sent again"),
        (Issue::Ours, None) => {
            ("elsewhere", "it was started in another browser, or the browser keeps no cookies")
        }
    };
    tracing::info!(reason, "rejected a sign-in that came back from Entra");
    refused(&edge, why, &request).await;
    to_sign_in(reason)
}

/// A sign-in that came back to the browser that started it.
struct Back<'a> {
    edge: &'a Edge,
    request: String,
    client: Client,
    browser: Browser,
    headers: &'a HeaderMap,
}

impl Back<'_> {
    async fn finish(self, state: &str, started: Started, query: Callback) -> Response {
        let Self { edge, request, client, browser, headers } = self;
        let forget = edge.seal.forget(state);
        if let Some(error) = query.error {
            tracing::info!(error, "Entra declined a sign-in");
            refused(edge, "Entra ID did not let them in", &request).await;
            return with(forget, to_sign_in("denied"));
        }
        let Some(code) = query.code else { return with(forget, to_sign_in("failed")) };
        // Every code, guessed or not, causes a request to Entra, so their number per address is limited.
        let Some(_turn) = edge.limits.redeem(client.address) else {
            return with(forget, to_sign_in("busy"));
        };
        let to = started.to.clone();
        let user = match Box::pin(edge.entra.finish(started, code)).await {
            Ok(user) => user,
            Err(error) => {
                refused(edge, "Entra ID did not prove who they are", &request).await;
                return with(forget, failed(&error));
            }
        };
        tracing::info!(user = user.object, roles = ?user.roles, "signed in");
        let by = Principal { user, request };
        let from = session::From { address: client.address, headers };
        match edge.sessions.begin(&browser, &by, from).await {
            Ok(()) => {
                let done = Note::Done { to: to.clone() };
                let lines = edge.seal.keep(headers, state, &done, edge.sessions.clock.now());
                with(lines, Redirect::to(own_path(&to)).into_response())
            }
            Err(error) => with(forget, failed(&error)),
        }
    }
}

/// Ends the session on the server and deletes the cookies.
pub async fn sign_out(
    State(edge): State<Edge>,
    Extension(RequestId(request)): Extension<RequestId>,
    Extension(visitor): Extension<Visitor>,
    browser: Browser,
    headers: HeaderMap,
) -> Response {
    if let Some(session) = visitor.session {
        let by = Principal { user: session.kept.user, request };
        let fact = entries::signed_out(&by, edge.services.clock.now());
        if let Err(error) = edge.services.history.record(fact).await {
            // The session ends anyway; keeping it would be worse than a missing entry.
            tracing::error!(%error, "failed to record a sign-out");
        }
        if let Err(error) = browser.flush().await {
            tracing::error!(%error, trouble = %Trouble::Away, "failed to end a session");
            let text = "You are still signed in: the console's database is unavailable, full or read-only. Try \
                        again in a moment. If this error persists, close the browser and contact the \
                        database's administrator";
            return (StatusCode::SERVICE_UNAVAILABLE, text).into_response();
        }
    }
    // The layer deletes the cookie without `Secure`, which browsers ignore for a `__Host-` cookie.
    let own = edge.sessions.cookies.clear(&edge.sessions.cookies.name(""));
    let lines = own.into_iter().chain(edge.seal.forget_all(&headers));
    with(lines, to_sign_in("signed-out"))
}

async fn refused(edge: &Edge, why: &str, request: &str) {
    let fact = entries::sign_in_refused(why, request, edge.services.clock.now());
    edge.services.history.refused(fact).await;
}

fn failed(error: &(dyn std::error::Error + 'static)) -> Response {
    let causes = crate::error::chain(error);
    tracing::warn!(causes, "a sign-in failed");
    to_sign_in("failed")
}

fn to_sign_in(reason: &str) -> Response {
    Redirect::to(&format!("{}?reason={reason}", paths::SIGN_IN)).into_response()
}

fn with(lines: impl IntoIterator<Item = HeaderValue>, mut response: Response) -> Response {
    cookie::add(response.headers_mut(), lines);
    response
}

/// The path if it is safe to redirect to, or else the overview. Not safe are other sites (`//host`, `/\host`,
/// `https:`), characters that a header cannot contain, and the sign-in and sign-out routes.
pub(super) fn own_path(to: &str) -> &str {
    let is_plain = to.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    let safe = to.starts_with('/')
        && !to.starts_with("//")
        && is_plain
        && to.len() < TO_BYTES_MAX
        && to.parse::<Uri>().is_ok()
        && HeaderValue::from_str(to).is_ok();
    let path = to.split(['?', '#']).next().unwrap_or_default();
    let signs = [paths::SIGN_IN, paths::SIGN_IN_START, paths::SIGN_IN_CALLBACK, paths::SIGN_OUT];
    if safe && !signs.contains(&path) { to } else { paths::OVERVIEW }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unsafe_paths_become_the_overview() {
        for own in
            ["/stages/a/endpoints/b?x=1", "/history?text=%00", "/a%2Fb?c=%E2%82%AC", "/?find=x"]
        {
            assert_eq!(own_path(own), own);
        }
        for to in [
            "",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "x",
            "/a\r\nb",
            "/\t/evil",
            "/\0",
            "/a\u{7f}",
            "/a b",
            "/ü",
            "/sign-in",
            "/sign-in/start?to=/",
            "/sign-in/callback?state=x",
            "/sign-out",
        ] {
            assert_eq!(own_path(to), "/", "{to:?}");
        }
        let long = format!("/{}", "x".repeat(TO_BYTES_MAX));
        assert_eq!(own_path(&long), "/");
    }
}
