//! The session store that tower-sessions uses.

use super::{Rules, key_of};
use crate::entries;
use crate::entries::Principal;
use crate::error::chain;
use crate::store::sessions::StoredSession;
use async_trait::async_trait;
use domain::timestamp::Timestamp;
use serde::{Deserialize, Serialize};
use std::error::Error as StdError;
use tower_sessions::SessionStore;
use tower_sessions::cookie::time::OffsetDateTime;
use tower_sessions::session::{Id, Record};
use tower_sessions::session_store::{Error, Result};

/// The key of [`Begun`] in a record's data.
pub(super) const BEGUN: &str = "begun";

/// The data of a new session.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Begun {
    pub(super) kept: StoredSession,
    /// The request that signed the person in, for the ledger.
    pub(super) request: String,
}

/// The stored sessions. Only a sign-in inserts a row, so nothing that is saved later can revive an ended session.
#[derive(Debug, Clone)]
pub struct Table(pub(super) Rules);

#[async_trait]
impl SessionStore for Table {
    async fn create(&self, record: &mut Record) -> Result<()> {
        let begun = record.data.get(BEGUN).cloned().map(serde_json::from_value::<Begun>);
        let Some(Ok(Begun { kept, request })) = begun else {
            return Err(Error::Encode("only signing in begins a session".to_owned()));
        };
        // Never the browser's previous ID.
        record.id = Id::default();
        let by = Principal { user: kept.user.clone(), request };
        let entry = |others| entries::signed_in(&by, others, kept.signed_in);
        let begun = self.0.store.begin(&key_of(record.id), &kept, &by, entry).await;
        begun.map_err(|error| backend(&error))
    }

    /// Does nothing: a session's data never changes, and [`Rules::alive`] updates its last use.
    async fn save(&self, _: &Record) -> Result<()> {
        Ok(())
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        let kept = self.0.alive(&key_of(*id)).await.map_err(|error| backend(&error))?;
        Ok(kept.map(|kept| {
            let absolute = i64::try_from(self.0.absolute.as_millis()).unwrap_or(i64::MAX);
            let ends = Timestamp(kept.signed_in.0.saturating_add(absolute));
            let ends = OffsetDateTime::from_unix_timestamp_nanos(i128::from(ends.0) * 1_000_000);
            // A time out of range counts as expired.
            let expiry_date = ends.unwrap_or(OffsetDateTime::UNIX_EPOCH);
            Record { id: *id, data: Default::default(), expiry_date }
        }))
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        self.0.store.end(&key_of(*id)).await.map(|_| ()).map_err(|error| backend(&error))
    }
}

fn backend(error: &(dyn StdError + 'static)) -> Error {
    Error::Backend(chain(error))
}
