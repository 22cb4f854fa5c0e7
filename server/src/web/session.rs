//! Sessions: kept on the server; the browser has a random id in a cookie and nothing else.

use crate::clock::Clock;
use crate::store::sessions::Sessions;
use app::domain::timestamp::Timestamp;
use app::domain::user::User;
use serde::{Deserialize, Serialize};
use std::time::Duration;
use tower_sessions::cookie::SameSite;
use tower_sessions::cookie::time::Duration as CookieDuration;
use tower_sessions::{Expiry, Session, SessionManagerLayer, SessionStore as _};

/// The key under which the signed-in person is kept.
const PERSON: &str = "person";

/// How often it is written when a session was last seen, in milliseconds.
const SEEN_MS: i64 = 60_000;

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
}

/// What a session holds of a signed-in person.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Person {
    /// Who.
    pub user: User,
    /// When they signed in.
    pub signed_in: Timestamp,
    /// When their last request came, to the minute.
    pub seen: Timestamp,
}

/// Why there is no person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Absent {
    /// Nobody signed in.
    Anonymous,
    /// There was a session, and its time is over; or the browser names one that there is not.
    Expired,
}

/// Builds the layer. Cookie and row outlive the idle limit, which [`Rules::person`] watches over: whoever
/// comes back later is told that their session has ended.
#[must_use]
pub fn layer(rules: &Rules, secure: bool) -> SessionManagerLayer<Sessions> {
    let kept = CookieDuration::try_from(rules.absolute).unwrap_or(CookieDuration::HOUR);
    // The __Host- prefix makes the browser insist on Secure, Path=/ and no Domain; plain http, which only
    // loopback has, cannot set it.
    let name = if secure { "__Host-understudy" } else { "understudy" };
    SessionManagerLayer::new(rules.store.clone())
        .with_name(name)
        .with_secure(secure)
        .with_http_only(true)
        // Lax, not Strict: the return from Entra is a navigation that another site starts.
        .with_same_site(SameSite::Lax)
        .with_path("/")
        .with_expiry(Expiry::OnInactivity(kept))
}

impl Rules {
    /// The person of a session, if its time is not over.
    ///
    /// # Errors
    /// When the store fails: then nobody is signed in.
    pub async fn person(
        &self,
        session: &Session,
    ) -> Result<Result<Person, Absent>, tower_sessions::session::Error> {
        let is_named = session.id().is_some();
        let Some(person) = session.get::<Person>(PERSON).await? else {
            // A session that the store does not know has no id any more.
            let is_gone = is_named && session.id().is_none();
            return Ok(Err(if is_gone { Absent::Expired } else { Absent::Anonymous }));
        };
        let now = self.clock.now();
        let past = |since: Timestamp, limit: Duration| {
            u128::try_from(now.0 - since.0).unwrap_or(0) > limit.as_millis()
        };
        if past(person.signed_in, self.absolute) || past(person.seen, self.idle) {
            session.flush().await?;
            return Ok(Err(Absent::Expired));
        }
        // Written once a minute, not at each request. Reading must not depend on it: a store that is full
        // or read-only ends the session early, and nothing else.
        if now.0 - person.seen.0 >= SEEN_MS
            && let Err(error) = self.touch(session, now).await
        {
            tracing::error!(%error, "when a session was last seen could not be written");
        }
        Ok(Ok(person))
    }

    async fn touch(
        &self,
        session: &Session,
        now: Timestamp,
    ) -> Result<(), tower_sessions::session::Error> {
        let Some(id) = session.id() else { return Ok(()) };
        let Some(mut record) = self.store.load(&id).await? else { return Ok(()) };
        if let Some(seen) = record.data.get_mut(PERSON).and_then(|person| person.get_mut("seen")) {
            *seen = serde_json::to_value(now)?;
            self.store.save(&record).await?;
        }
        Ok(())
    }

    /// Signs a person in, under a new session id: one that was planted before is worth nothing.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn begin(
        &self,
        session: &Session,
        user: User,
    ) -> Result<(), tower_sessions::session::Error> {
        session.flush().await?;
        session.cycle_id().await?;
        let now = self.clock.now();
        session.insert(PERSON, Person { user, signed_in: now, seen: now }).await?;
        session.save().await
    }
}
