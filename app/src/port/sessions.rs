//! Views of sessions.

use crate::domain::session::Handle;
use crate::domain::timestamp::Timestamp;
use crate::domain::user::User;
use serde::{Deserialize, Serialize};

/// One session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionView {
    /// By which it is named.
    pub handle: Handle,
    /// Whose, with the roles that it has.
    pub user: User,
    /// The browser, in words.
    pub browser: String,
    /// From which address they signed in.
    pub address: String,
    /// When they signed in.
    pub signed_in: Timestamp,
    /// When their last request came, to the minute.
    pub seen: Timestamp,
    /// Whether it is the one that asks.
    pub is_this: bool,
}

/// Sessions that go on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionsView {
    /// The server's clock, from which ages are computed.
    pub now: Timestamp,
    /// Those of whoever asks, the newest first.
    pub own: Vec<SessionView>,
    /// Those of everybody; `None` for people who may not end them.
    pub everybody: Option<Everybody>,
}

/// Everybody's sessions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Everybody {
    /// The part of a name that is looked for; empty finds all.
    pub find: String,
    /// Those that are found, the last seen first; not more than are shown at once.
    pub shown: Vec<SessionView>,
    /// How many are found.
    pub found: u64,
}
