//! The rows of sessions.

use super::StoredSession;
use crate::store::statement::from_json;
use domain::timestamp::Timestamp;
use domain::user::User;
use sqlx::FromRow;

/// A row without its id.
#[derive(Debug, FromRow)]
pub(super) struct Row {
    handle: String,
    who: String,
    signed_in: i64,
    seen: i64,
    address: String,
    agent: String,
}

impl TryFrom<Row> for StoredSession {
    type Error = sqlx::Error;

    fn try_from(row: Row) -> sqlx::Result<Self> {
        Ok(Self {
            handle: row.handle,
            user: from_json(&row.who)?,
            signed_in: Timestamp(row.signed_in),
            seen: Timestamp(row.seen),
            address: row.address,
            agent: row.agent,
        })
    }
}

/// The text that a search covers: in lower case, and without NUL, which PostgreSQL cannot store.
pub(super) fn searchable(user: &User) -> String {
    format!("{}\n{}", user.name, user.username).to_lowercase().replace('\0', "\u{fffd}")
}

/// A pattern for `LIKE … ESCAPE '\'` that matches a text literally.
pub(super) fn pattern(text: &str) -> String {
    let text = text.trim().to_lowercase().replace('\0', "\u{fffd}");
    let escaped = text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    format!("%{escaped}%")
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_search_has_no_wildcards() {
        assert_eq!(super::pattern(" Dana_50%\\ "), "%dana\\_50\\%\\\\%");
    }
}
