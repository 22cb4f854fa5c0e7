//! Server-side sessions; the browser holds only a random ID in a cookie. tower-sessions manages the ID and its cookie,
//! this module decides which sessions exist and how long they last.

mod table;

use super::cookie::Cookies;
use crate::clock::Clock;
use crate::entries::Principal;
use crate::store::sessions::{Sessions, StoredSession};
use axum::http::HeaderMap;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::timestamp::Timestamp;
use sha2::{Digest as _, Sha256};
use std::time::Duration;
use table::{BEGUN, Begun, Table};
use tower_sessions::cookie::SameSite;
use tower_sessions::cookie::time::Duration as CookieDuration;
use tower_sessions::session::{Error, Id};
use tower_sessions::{Expiry, Session as Browser, SessionManagerLayer};

/// Shortest time between two updates of a session's last use, in milliseconds.
const SEEN_MS: i64 = 60_000;
/// Longest stored `User-Agent`, in bytes.
const AGENT_BYTES_MAX: usize = 300;
/// Interval between two deletions of expired sessions.
const SWEEP_INTERVAL: Duration = Duration::from_secs(600);

/// How long sessions last, and where they are stored.
#[derive(Debug, Clone)]
pub struct Rules {
    /// A session without a request for this long ends.
    pub idle: Duration,
    /// A session ends this long after sign-in, even if it is in use.
    pub absolute: Duration,
    pub clock: Clock,
    pub store: Sessions,
    pub cookies: Cookies,
}

/// The session of a request.
#[derive(Debug, Clone)]
pub struct Session {
    /// The key of its row.
    pub key: String,
    pub kept: StoredSession,
}

/// Why a request has no session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Absent {
    /// Nobody signed in.
    Anonymous,
    /// The session has expired, or the browser names one that does not exist.
    Expired,
}

/// Where somebody signs in from.
#[derive(Debug, Clone)]
pub struct From<'a> {
    pub address: std::net::IpAddr,
    pub headers: &'a HeaderMap,
}

/// Builds the layer that reads and sets the cookie. The cookie outlives the idle limit, which [`Rules::alive`]
/// enforces, so that the sign-in page can explain that the session has ended.
#[must_use]
pub fn layer(rules: &Rules) -> SessionManagerLayer<Table> {
    let kept = CookieDuration::try_from(rules.absolute).unwrap_or(CookieDuration::HOUR);
    SessionManagerLayer::new(Table(rules.clone()))
        .with_name(rules.cookies.name(""))
        .with_secure(rules.cookies.secure)
        .with_http_only(true)
        // `Strict` would lose the cookie on the redirect back from Entra.
        .with_same_site(SameSite::Lax)
        .with_path("/")
        .with_expiry(Expiry::OnInactivity(kept))
}

impl Rules {
    /// The session that the browser's cookie names, if it has not expired.
    ///
    /// # Errors
    /// When the store fails; the request must then be refused.
    pub async fn of(&self, browser: &Browser) -> sqlx::Result<Result<Session, Absent>> {
        let Some(id) = browser.id() else { return Ok(Err(Absent::Anonymous)) };
        let key = key_of(id);
        match self.alive(&key).await? {
            Some(kept) => Ok(Ok(Session { key, kept })),
            None => {
                // Makes the layer delete the cookie. The row is already deleted.
                if let Err(error) = browser.flush().await {
                    tracing::error!(%error, "failed to clear an expired session");
                }
                Ok(Err(Absent::Expired))
            }
        }
    }

    /// The session with this key, if it has not expired.
    pub async fn alive(&self, key: &str) -> sqlx::Result<Option<StoredSession>> {
        let Some(kept) = self.store.find(key).await? else { return Ok(None) };
        let now = self.clock.now();
        let past = |since: Timestamp, limit: Duration| {
            u128::try_from(now.0 - since.0).unwrap_or(0) > limit.as_millis()
        };
        if past(kept.signed_in, self.absolute) || past(kept.seen, self.idle) {
            self.store.end(key).await?;
            return Ok(None);
        }
        // At most once a minute. A failure is only logged, so that people can still read pages while the store is
        // full or read-only; their sessions then end early.
        if now.0 - kept.seen.0 >= SEEN_MS
            && let Err(error) = self.store.touch(key, now).await
        {
            tracing::error!(%error, "failed to update a session's last use");
        }
        Ok(Some(kept))
    }

    /// Signs a person in under a new random ID, which prevents session fixation. The same transaction writes the
    /// ledger entry.
    ///
    /// # Errors
    /// When the store or the ledger fails; the person is then not signed in.
    pub async fn begin(
        &self,
        browser: &Browser,
        by: &Principal,
        from: From<'_>,
    ) -> Result<(), Error> {
        let now = self.clock.now();
        let agent = from.headers.get(axum::http::header::USER_AGENT);
        let agent = agent.and_then(|agent| agent.to_str().ok()).unwrap_or_default();
        let kept = StoredSession {
            handle: uuid::Uuid::new_v4().simple().to_string(),
            user: by.user.clone(),
            signed_in: now,
            seen: now,
            address: from.address.to_string(),
            agent: agent.get(..AGENT_BYTES_MAX).unwrap_or(agent).to_owned(),
        };
        // Ends the browser's previous session.
        if browser.id().is_some() {
            browser.flush().await?;
        }
        browser.insert(BEGUN, Begun { kept, request: by.request.clone() }).await?;
        let begun = browser.save().await;
        if begun.is_err() {
            // Otherwise the layer would retry after the person has already seen the error.
            browser.clear().await;
        }
        begun
    }

    /// Deletes expired sessions and returns their number.
    pub async fn sweep(&self) -> sqlx::Result<u64> {
        let now = self.clock.now();
        let before = |limit: Duration| {
            Timestamp(now.0.saturating_sub(i64::try_from(limit.as_millis()).unwrap_or(i64::MAX)))
        };
        let mut all = 0;
        loop {
            let (swept, has_more) =
                self.store.sweep(before(self.idle), before(self.absolute)).await?;
            all += swept;
            if !has_more {
                return Ok(all);
            }
        }
    }
}

/// The key of a session's row: the hash of its ID. The ID is random, so the hash needs no salt.
fn key_of(id: Id) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(id.0.to_be_bytes()))
}

/// Deletes expired sessions every ten minutes. Never returns; abort the task.
pub async fn run(rules: Rules) {
    loop {
        match rules.sweep().await {
            Ok(0) => {}
            Ok(swept) => tracing::info!(swept, "deleted expired sessions"),
            Err(error) => tracing::error!(%error, "failed to delete expired sessions"),
        }
        tokio::time::sleep(SWEEP_INTERVAL).await;
    }
}
