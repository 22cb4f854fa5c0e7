//! Facts of sessions that were ended, and of refusals that were left out.

use super::{draft, person};
use crate::history::Asker;
use app::domain::timestamp::Timestamp;
use app::domain::user::User;
use ledger::entry::{By, Draft, Kind, Outcome};

/// Somebody ended sessions, their own or another person's.
#[must_use]
pub fn sessions_ended(by: &Asker, whose: &User, count: u64, now: Timestamp) -> Draft {
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

/// More refusals of one person and kind than are recorded one by one.
#[must_use]
pub fn left_out(
    kind: Kind,
    by: By,
    count: u64,
    (from, until): (Timestamp, Timestamp),
    now: Timestamp,
) -> Draft {
    let what = match count {
        1 => "One more refusal like these was not recorded by itself".to_owned(),
        count => format!("{count} more refusals like these were not recorded one by one"),
    };
    let mut draft = draft(kind, &what, by, now, Outcome::Refused);
    draft.after = [
        ("left_out".to_owned(), count.to_string()),
        ("from".to_owned(), from.iso()),
        ("until".to_owned(), until.iso()),
    ]
    .into();
    draft
}
