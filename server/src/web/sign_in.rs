//! The routes of signing in and out.

use super::Edge;
use super::entra::Started;
use super::request::RequestId;
use crate::history::{Asker, facts};
use app::paths;
use axum::Extension;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use subtle_compare::same;
use tower_sessions::Session;

/// The key under which a started sign-in waits.
const STARTED: &str = "sign-in";

/// `?to=`
#[derive(Debug, Deserialize)]
pub struct Start {
    #[serde(default)]
    to: Option<String>,
}

/// Sends the person to Entra.
pub async fn start(
    State(edge): State<Edge>,
    session: Session,
    Query(query): Query<Start>,
) -> Response {
    let to = own_path(query.to.as_deref().unwrap_or(paths::OVERVIEW)).to_owned();
    match edge.entra.start(to).await {
        Ok((url, started)) => match session.insert(STARTED, started).await {
            Ok(()) => Redirect::to(url.as_str()).into_response(),
            Err(error) => failed(&error),
        },
        Err(error) => failed(&error),
    }
}

/// What Entra sends back.
#[derive(Debug, Deserialize)]
pub struct Callback {
    #[serde(default)]
    code: Option<String>,
    #[serde(default)]
    state: Option<String>,
    #[serde(default)]
    error: Option<String>,
}

/// Takes the person back from Entra. The started sign-in is removed first: state and code work once. The
/// ledger is written before the session: who cannot be recorded is not let in.
pub async fn callback(
    State(edge): State<Edge>,
    Extension(RequestId(request)): Extension<RequestId>,
    session: Session,
    Query(query): Query<Callback>,
) -> Response {
    let started = match session.remove::<Started>(STARTED).await {
        Ok(started) => started,
        Err(error) => return failed(&error),
    };
    let Some((started, state)) = started.zip(query.state) else {
        tracing::warn!("a sign-in came back that nobody started");
        refused(&edge, "it came back without having been started here", &request).await;
        return to_sign_in("failed");
    };
    if !same(started.state.secret(), &state) {
        tracing::warn!("a sign-in came back with a forged state");
        refused(&edge, "it came back with a forged state", &request).await;
        return to_sign_in("failed");
    }
    if let Some(error) = query.error {
        tracing::info!(error, "a sign-in was declined");
        refused(&edge, "Entra ID did not let them in", &request).await;
        return to_sign_in("denied");
    }
    let Some(code) = query.code else { return to_sign_in("failed") };
    let to = started.to.clone();
    match edge.entra.finish(started, code).await {
        Ok(user) => {
            tracing::info!(user = user.object, roles = ?user.roles, "signed in");
            let by = Asker { user, request };
            let now = edge.services.clock.now();
            let people = &edge.services.changes.people;
            if let Err(error) = people.signed_in(&by, facts::signed_in(&by, now), now).await {
                return failed(&error);
            }
            match edge.sessions.begin(&session, by.user).await {
                Ok(()) => Redirect::to(own_path(&to)).into_response(),
                Err(error) => failed(&error),
            }
        }
        Err(error) => {
            refused(&edge, "Entra ID did not prove who they are", &request).await;
            failed(&error)
        }
    }
}

/// Ends the session, on the server.
pub async fn sign_out(
    State(edge): State<Edge>,
    Extension(RequestId(request)): Extension<RequestId>,
    session: Session,
) -> Response {
    if let Ok(Ok(person)) = edge.sessions.person(&session).await {
        let by = Asker { user: person.user, request };
        let fact = facts::signed_out(&by, edge.services.clock.now());
        if let Err(error) = edge.services.history.record(fact).await {
            // A session that should end ends, whatever the ledger does: keeping it would be worse.
            tracing::error!(%error, "a sign-out could not be recorded");
        }
    }
    match session.flush().await {
        Ok(()) => to_sign_in("signed-out"),
        // The session layer fails to save it as well, and says so on a page.
        Err(error) => failed(&error),
    }
}

async fn refused(edge: &Edge, why: &str, request: &str) {
    let fact = facts::sign_in_refused(why, request, edge.services.clock.now());
    edge.services.history.refused(fact).await;
}

fn failed(error: &dyn std::error::Error) -> Response {
    tracing::warn!(%error, "signing in or out failed");
    to_sign_in("failed")
}

fn to_sign_in(reason: &str) -> Response {
    Redirect::to(&format!("{}?reason={reason}", paths::SIGN_IN)).into_response()
}

/// A path of ours, or the overview: never another site (`//host`, `/\host`, `https:`).
pub(super) fn own_path(to: &str) -> &str {
    let safe = to.starts_with('/')
        && !to.starts_with("//")
        && !to.contains(['\\', '\r', '\n', '\t'])
        && to.len() < 2000
        && to.is_ascii();
    if safe { to } else { paths::OVERVIEW }
}

/// Comparison in constant time.
mod subtle_compare {
    use sha2::{Digest as _, Sha256};

    /// Compares digests, whose bytes tell nothing about the secrets' common beginning.
    pub(super) fn same(a: &str, b: &str) -> bool {
        Sha256::digest(a.as_bytes()) == Sha256::digest(b.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_sent_to_another_site() {
        assert_eq!(own_path("/stages/a/endpoints/b?x=1"), "/stages/a/endpoints/b?x=1");
        for to in [
            "",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "x",
            "/a\r\nb",
            "/\t/evil",
        ] {
            assert_eq!(own_path(to), "/", "{to:?}");
        }
    }
}
