//! Who may do what with a change now. Each answer is the sentence that a button shows when it may not be
//! pressed; the server asks the same functions.

use super::event::Person;
use super::{Change, State};
use crate::domain::policy::Policy;
use crate::domain::timestamp::Timestamp;
use crate::domain::user::{Right, User};

/// Somebody, at some time, under a stage's policy.
#[derive(Debug, Clone, Copy)]
pub struct Asking<'a> {
    /// Who.
    pub user: &'a User,
    /// The stage's policy.
    pub policy: &'a Policy,
    /// When.
    pub now: Timestamp,
}

/// Why not; `None` means yes.
type WhyNot = Option<String>;

/// Approving it.
#[must_use]
pub fn approve(change: &Change, asking: Asking<'_>) -> WhyNot {
    let Asking { user, policy, .. } = asking;
    let person = Person::from(user);
    not_deciding(change, asking)
        .or_else(|| {
            is_own(change, asking)
                .then(|| "You proposed it. A second person has to approve it.".to_owned())
        })
        .or_else(|| {
            (!policy.names_as_approver(&user.username)).then(|| {
                let names: Vec<_> = policy.approvers.iter().map(String::as_str).collect();
                format!(
                    "This stage's policy names who may approve: {}. Ask one of them.",
                    names.join(", ")
                )
            })
        })
        .or_else(|| {
            let again = change.standing().any(|approval| {
                approval.by.id == person.id
                    || policy.are_one_person(&approval.by.username, &person.username)
            });
            again.then(|| "You have approved it already.".to_owned())
        })
}

/// Refusing it.
#[must_use]
pub fn refuse(change: &Change, asking: Asking<'_>) -> WhyNot {
    not_deciding(change, asking).or_else(|| {
        is_own(change, asking)
            .then(|| "You proposed it. Withdraw it if it is not wanted any more.".to_owned())
    })
}

/// Taking it back.
#[must_use]
pub fn withdraw(change: &Change, asking: Asking<'_>) -> WhyNot {
    not_waiting(change).or_else(|| {
        (!is_own(change, asking)).then(|| {
            format!("Only {}, who proposed it, can withdraw it. Refuse it instead.", change.by.name)
        })
    })
}

/// Starting it.
#[must_use]
pub fn start(change: &Change, asking: Asking<'_>) -> WhyNot {
    not_waiting(change)
        .or_else(|| expired(change, asking.now))
        .or_else(|| asking.user.why_not(Right::Start))
        .or_else(|| match change.missing() {
            0 => None,
            1 => Some("One approval is missing.".to_owned()),
            missing => Some(format!("{missing} approvals are missing.")),
        })
        .or_else(|| {
            change
                .start
                .filter(|start| *start > asking.now)
                .map(|start| format!("It is scheduled and starts by itself at {}.", start.utc()))
        })
}

fn not_deciding(change: &Change, asking: Asking<'_>) -> WhyNot {
    not_waiting(change)
        .or_else(|| expired(change, asking.now))
        .or_else(|| asking.user.why_not(Right::Approve))
}

fn not_waiting(change: &Change) -> WhyNot {
    (!change.state.is_waiting()).then(|| match change.state {
        State::Running => "It is being carried out.".to_owned(),
        state => format!("It is over: {}.", state.label()),
    })
}

fn expired(change: &Change, now: Timestamp) -> WhyNot {
    (now >= change.expires)
        .then(|| format!("It expired at {}. Propose it again.", change.expires.utc()))
}

fn is_own(change: &Change, Asking { user, policy, .. }: Asking<'_>) -> bool {
    change.by.id == Person::from(user).id
        || policy.are_one_person(&change.by.username, &user.username)
}
