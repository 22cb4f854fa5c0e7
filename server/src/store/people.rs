//! What each person's roles were when they last signed in. Entra tells the console at no other time, so of
//! somebody whose role was taken away and who has not signed in since, the old role is known.

use super::{Database, Tx, on, within};
use crate::history::Asker;
use app::domain::timestamp::Timestamp;
use app::domain::user::Role;
use sqlx::FromRow;
use std::collections::{BTreeMap, BTreeSet};

/// The table of people.
#[derive(Debug, Clone)]
pub struct People(Database);

#[derive(Debug, FromRow)]
struct Row {
    id: String,
    roles: String,
}

impl People {
    /// In a database.
    #[must_use]
    pub fn new(database: Database) -> Self {
        Self(database)
    }

    /// The roles of these people at their latest sign-in, by tenant and object; of whom none are known is
    /// left out.
    ///
    /// # Errors
    /// When the store fails, or what is stored is not ours.
    pub async fn roles(&self, of: &[String]) -> sqlx::Result<BTreeMap<String, BTreeSet<Role>>> {
        let sql = "SELECT id, roles FROM people WHERE id = $1";
        let mut known = BTreeMap::new();
        for id in of {
            let row: Option<Row> =
                on!(&self.0, pool => sqlx::query_as(sql).bind(id).fetch_optional(pool).await?);
            if let Some(Row { id, roles }) = row {
                let roles = serde_json::from_str(&roles);
                known.insert(id, roles.map_err(|error| sqlx::Error::Decode(error.into()))?);
            }
        }
        Ok(known)
    }
}

/// Keeps the roles of somebody who signs in, in the transaction of doing so.
///
/// # Errors
/// When the store fails; then they must not be let in.
pub(super) async fn keep(tx: &mut Tx, by: &Asker, now: Timestamp) -> sqlx::Result<()> {
    // Words alone: writing them as JSON cannot fail.
    let roles = serde_json::to_string(&by.user.roles).unwrap_or_default();
    let sql = "INSERT INTO people (id, roles, signed_in) VALUES ($1, $2, $3)
        ON CONFLICT (id) DO UPDATE SET roles = excluded.roles, signed_in = excluded.signed_in";
    within!(tx, connection => sqlx::query(sql)
        .bind(by.id())
        .bind(&roles)
        .bind(now.0)
        .execute(connection)
        .await
        .map(|_| ()))
}
