//! Sessions: kept on the server; the browser has a random id in a cookie and nothing else.

use crate::clock::Clock;
use crate::store::Database;
use crate::store::sessions::Sessions;
use app::domain::timestamp::Timestamp;
use app::domain::user::User;
use serde::{Deserialize, Serialize};
use std::time::Duration;
use tower_sessions::cookie::SameSite;
use tower_sessions::cookie::time::Duration as CookieDuration;
use tower_sessions::{Expiry, Session, SessionManagerLayer};

/// The key under which the signed-in person is kept.
const PERSON: &str = "person";

/// How long sessions live.
#[derive(Debug, Clone)]
pub struct Rules {
    /// A session without a request for this long ends.
    pub idle: Duration,
    /// A session ends this long after sign-in, whatever happens.
    pub absolute: Duration,
    /// The time of day.
    pub clock: Clock,
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
    /// The session's time was over; it has been ended.
    Expired,
}

/// Builds the layer, on the store's own table in the same database.
///
/// # Errors
/// When the table cannot be made.
pub async fn layer(
    database: &Database,
    rules: &Rules,
    secure: bool,
) -> anyhow::Result<SessionManagerLayer<Sessions>> {
    let store = Sessions::new(database).await?;
    let idle = CookieDuration::try_from(rules.idle).unwrap_or(CookieDuration::MINUTE);
    // The __Host- prefix makes the browser insist on Secure, Path=/ and no Domain; plain http, which only
    // loopback has, cannot set it.
    let name = if secure { "__Host-understudy" } else { "understudy" };
    let layer = SessionManagerLayer::new(store)
        .with_name(name)
        .with_secure(secure)
        .with_http_only(true)
        // Lax, not Strict: the return from Entra is a navigation that another site starts.
        .with_same_site(SameSite::Lax)
        .with_path("/")
        .with_expiry(Expiry::OnInactivity(idle));
    Ok(layer)
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
        let Some(mut person) = session.get::<Person>(PERSON).await? else {
            return Ok(Err(Absent::Anonymous));
        };
        let now = self.clock.now();
        let past = |since: Timestamp, limit: Duration| {
            u128::try_from(now.0 - since.0).unwrap_or(0) > limit.as_millis()
        };
        if past(person.signed_in, self.absolute) || past(person.seen, self.idle) {
            session.flush().await?;
            return Ok(Err(Absent::Expired));
        }
        // Written once a minute, not at each request.
        if now.0 - person.seen.0 >= 60_000 {
            person.seen = now;
            session.insert(PERSON, &person).await?;
        }
        Ok(Ok(person))
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
