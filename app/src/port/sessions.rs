//! Views of sessions.

use super::Result;
use super::history::Account;
use async_trait::async_trait;
use domain::concern::Concern;
use domain::session::Ending;
use domain::session::Handle;
use domain::timestamp::Timestamp;
use domain::user::Right;
use domain::user::User;
use serde::{Deserialize, Serialize};

/// One session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionView {
    pub handle: Handle,
    /// The session's person, with the roles from the sign-in.
    pub user: User,
    pub browser: String,
    /// The network address of the sign-in.
    pub address: String,
    pub signed_in: Timestamp,
    /// The time of the last request, to the minute.
    pub seen: Timestamp,
    pub is_this: bool,
}

/// The open sessions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionsView {
    pub now: Timestamp,
    /// The person's own sessions, newest first.
    pub own: Vec<SessionView>,
    /// Everybody's sessions; `None` for people who may not end them.
    pub everybody: Option<Everybody>,
}

/// Everybody's sessions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Everybody {
    /// The searched part of a name; empty matches everybody.
    pub find: String,
    /// The first matches, most recently seen first.
    pub shown: Vec<SessionView>,
    pub found: u64,
}

/// The session of the person, and other sessions.
#[async_trait]
pub trait SessionsApi: Send + Sync {
    /// Who is signed in, and until when.
    fn account(&self) -> Account;
    /// Succeeds if this person has the right; a denial is recorded in the ledger.
    async fn check_right(&self, right: Right, what: &str, concern: &Concern) -> Result<()>;
    /// The open sessions: the person's own and, for administrators, everybody's whose name contains `find`.
    async fn sessions(&self, find: &str) -> Result<SessionsView>;
    /// Ends sessions, and returns how many.
    async fn end_sessions(&self, which: Ending) -> Result<u64>;
}
