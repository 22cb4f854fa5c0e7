//! How a session stands in its row.

use super::Kept;
use app::domain::timestamp::Timestamp;
use app::domain::user::User;
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

impl TryFrom<Row> for Kept {
    type Error = sqlx::Error;

    fn try_from(row: Row) -> sqlx::Result<Self> {
        let user = serde_json::from_str(&row.who);
        Ok(Self {
            handle: row.handle,
            user: user.map_err(|error| sqlx::Error::Decode(error.into()))?,
            signed_in: Timestamp(row.signed_in),
            seen: Timestamp(row.seen),
            address: row.address,
            agent: row.agent,
        })
    }
}

/// A person as JSON: words alone, which cannot fail to be written.
pub(super) fn who(user: &User) -> String {
    serde_json::to_string(user).unwrap_or_default()
}

/// What a search looks through: in small letters, and without the one character that PostgreSQL cannot keep.
pub(super) fn searchable(user: &User) -> String {
    format!("{}\n{}", user.name, user.username).to_lowercase().replace('\0', "\u{fffd}")
}

/// A pattern for `LIKE … ESCAPE '\'` that finds a text as it is.
pub(super) fn pattern(text: &str) -> String {
    let text = text.trim().to_lowercase().replace('\0', "\u{fffd}");
    let escaped = text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    format!("%{escaped}%")
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_search_takes_no_character_for_a_wildcard() {
        assert_eq!(super::pattern(" Dana_50%\\ "), "%dana\\_50\\%\\\\%");
    }
}
