//! Each person's roles at their last sign-in. The console learns roles from Entra at no other time, so it keeps a
//! removed role until the person signs in again.

use super::statement::{execute, from_json, json, optional_scalar};
use super::{Database, Tx};
use crate::entries::Principal;
use domain::timestamp::Timestamp;
use domain::user::Role;
use std::collections::{BTreeMap, BTreeSet};

/// The table of people.
#[derive(Debug, Clone)]
pub struct People(Database);

impl People {
    /// The table in `database`.
    #[must_use]
    pub fn new(database: Database) -> Self {
        Self(database)
    }

    /// The roles of these people at their last sign-in, by tenant and object id. Unknown people are left out.
    pub async fn roles(&self, of: &[String]) -> sqlx::Result<BTreeMap<String, BTreeSet<Role>>> {
        let sql = "SELECT roles FROM people WHERE id = $1";
        let mut known = BTreeMap::new();
        for id in of {
            let roles: Option<String> = optional_scalar!(self.0, sql, id)?;
            if let Some(roles) = roles {
                known.insert(id.clone(), from_json(&roles)?);
            }
        }
        Ok(known)
    }
}

/// Stores the roles of a person, in the transaction of their sign-in.
///
/// # Errors
/// When the store fails. The sign-in must then fail.
pub(super) async fn keep(tx: &mut Tx, by: &Principal, now: Timestamp) -> sqlx::Result<()> {
    let sql = "INSERT INTO people (id, roles, signed_in) VALUES ($1, $2, $3)
        ON CONFLICT (id) DO UPDATE SET roles = excluded.roles, signed_in = excluded.signed_in";
    execute!(tx, sql, by.id(), json(&by.user.roles), now.0).map(|_| ())
}
