//! Sessions: kept on the server; the browser has a random id in a cookie and nothing else. tower-sessions owns the
//! id and its cookie; what exists, and for how long, is decided here.

mod table;

use super::cookie::Cookies;
use crate::clock::Clock;
use crate::history::Asker;
use crate::store::sessions::{Kept, Sessions};
use app::domain::timestamp::Timestamp;
use axum::http::HeaderMap;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};
use std::time::Duration;
use table::{BEGUN, Begun, Table};
use tower_sessions::cookie::SameSite;
use tower_sessions::cookie::time::Duration as CookieDuration;
use tower_sessions::session::{Error, Id};
use tower_sessions::{Expiry, Session as Browser, SessionManagerLayer};

/// How often it is written when a session was last seen, in milliseconds.
const SEEN_MS: i64 = 60_000;
/// Longest text of a browser about itself that is kept, in bytes.
const AGENT_BYTES_MAX: usize = 300;
/// Between two looks for sessions whose time is over.
const SWEEP_INTERVAL: Duration = Duration::from_secs(600);

/// How long sessions live.
#[derive(Debug, Clone)]
pub struct Rules {
    /// A session without a request for this long ends.
    pub idle: Duration,
    /// A session ends this long after sign-in, whatever happens.
    pub absolute: Duration,
    /// The time of day.
    pub clock: Clock,
    /// Where sessions are kept.
    pub store: Sessions,
    /// How its cookie is set.
    pub cookies: Cookies,
}

/// The session of a request.
#[derive(Debug, Clone)]
pub struct Session {
    /// The key of its row.
    pub key: String,
    /// What is kept of it.
    pub kept: Kept,
}

/// Why there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Absent {
    /// Nobody signed in.
    Anonymous,
    /// There was a session, and its time is over; or the browser names one that there is not.
    Expired,
}

/// From where somebody signs in.
#[derive(Debug, Clone)]
pub struct From<'a> {
    /// The address.
    pub address: std::net::IpAddr,
    /// The request's headers.
    pub headers: &'a HeaderMap,
}

/// Builds the layer, which reads and sets the cookie. The cookie outlives the idle limit, which [`Rules::alive`]
/// watches over: somebody who comes back later reads that their session has ended.
#[must_use]
pub fn layer(rules: &Rules) -> SessionManagerLayer<Table> {
    let kept = CookieDuration::try_from(rules.absolute).unwrap_or(CookieDuration::HOUR);
    SessionManagerLayer::new(Table(rules.clone()))
        .with_name(rules.cookies.name(""))
        .with_secure(rules.cookies.secure)
        .with_http_only(true)
        // Lax, not Strict: the return from Entra is a navigation that another site starts.
        .with_same_site(SameSite::Lax)
        .with_path("/")
        .with_expiry(Expiry::OnInactivity(kept))
}

impl Rules {
    /// The session that a browser names, if its time is not over.
    ///
    /// # Errors
    /// When the store fails: then nobody is signed in.
    pub async fn of(&self, browser: &Browser) -> sqlx::Result<Result<Session, Absent>> {
        let Some(id) = browser.id() else { return Ok(Err(Absent::Anonymous)) };
        let key = key_of(id);
        match self.alive(&key).await? {
            Some(kept) => Ok(Ok(Session { key, kept })),
            None => {
                // So that the layer takes the cookie away. The row is gone already.
                if let Err(error) = browser.flush().await {
                    tracing::error!(%error, "what is left of an ended session could not be removed");
                }
                Ok(Err(Absent::Expired))
            }
        }
    }

    /// The session of a key, if its time is not over.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn alive(&self, key: &str) -> sqlx::Result<Option<Kept>> {
        let Some(kept) = self.store.find(key).await? else { return Ok(None) };
        let now = self.clock.now();
        let past = |since: Timestamp, limit: Duration| {
            u128::try_from(now.0 - since.0).unwrap_or(0) > limit.as_millis()
        };
        if past(kept.signed_in, self.absolute) || past(kept.seen, self.idle) {
            self.store.end(key).await?;
            return Ok(None);
        }
        // Written once a minute, not at each request. Reading must not depend on it: a store that is full
        // or read-only ends the session early, and nothing else.
        if now.0 - kept.seen.0 >= SEEN_MS
            && let Err(error) = self.store.touch(key, now).await
        {
            tracing::error!(%error, "when a session was last seen could not be written");
        }
        Ok(Some(kept))
    }

    /// Signs a person in, under a new random id: one that was planted before is worth nothing. The entry in
    /// the ledger is written in the same transaction.
    ///
    /// # Errors
    /// When the store or the ledger fails; then nobody is signed in.
    pub async fn begin(&self, browser: &Browser, by: &Asker, from: From<'_>) -> Result<(), Error> {
        let now = self.clock.now();
        let agent = from.headers.get(axum::http::header::USER_AGENT);
        let agent = agent.and_then(|agent| agent.to_str().ok()).unwrap_or_default();
        let kept = Kept {
            handle: uuid::Uuid::new_v4().simple().to_string(),
            user: by.user.clone(),
            signed_in: now,
            seen: now,
            address: from.address.to_string(),
            agent: agent.get(..AGENT_BYTES_MAX).unwrap_or(agent).to_owned(),
        };
        // The session that this browser had until now.
        if browser.id().is_some() {
            browser.flush().await?;
        }
        browser.insert(BEGUN, Begun { kept, request: by.request.clone() }).await?;
        let begun = browser.save().await;
        if begun.is_err() {
            // Otherwise the layer would try once more, after the person has read that it failed.
            browser.clear().await;
        }
        begun
    }

    /// Deletes the sessions whose time is over; how many.
    ///
    /// # Errors
    /// When the store fails.
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

/// The key of a session's row: the hash of its random id, so that no salt is needed.
fn key_of(id: Id) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(id.0.to_be_bytes()))
}

/// Deletes sessions whose time is over, now and then. Never ends; abort the task.
pub async fn run(rules: Rules) {
    loop {
        match rules.sweep().await {
            Ok(0) => {}
            Ok(swept) => tracing::info!(swept, "sessions whose time was over were deleted"),
            Err(error) => tracing::error!(%error, "old sessions could not be deleted"),
        }
        tokio::time::sleep(SWEEP_INTERVAL).await;
    }
}
