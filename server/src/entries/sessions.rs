//! Drafts entries about sessions that were ended.

use super::{draft, person};
use crate::entries::Principal;
use domain::timestamp::Timestamp;
use domain::user::User;
use ledger::entry::{Draft, Kind, Outcome};

/// The effect of a sign-in on the person's other sessions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Others {
    /// Number of sessions that got the new roles.
    pub updated: u64,
    /// Number of sessions ended because the person had too many.
    pub ended: u64,
}

/// Somebody ended their own sessions or those of another person.
#[must_use]
pub fn sessions_ended(by: &Principal, whose: &User, count: u64, now: Timestamp) -> Draft {
    let sessions = if count == 1 { "one session".to_owned() } else { format!("{count} sessions") };
    let id = format!("{}/{}", whose.tenant, whose.object);
    let what = match id == by.id() {
        true => format!("Ended {sessions} of their own"),
        false => format!("Ended {sessions} of {}", whose.name),
    };
    let draft = draft(Kind::SignedOut, &what, person(&by.user), now, Outcome::Done);
    let after = [("person".to_owned(), id), ("sessions".to_owned(), count.to_string())].into();
    Draft { request: Some(by.request.clone()), after, ..draft }
}
