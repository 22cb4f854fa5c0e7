//! Who may do what with a change now. Each function returns the sentence that explains a disabled button; the server
//! checks with the same functions.

use super::{Approval, Change, State};
use crate::policy::Policy;
use crate::timestamp::Timestamp;
use crate::user::Person;
use crate::user::{Right, Role, User};
use std::collections::BTreeSet;

/// A user, the current time and the stage's policy.
#[derive(Debug, Clone, Copy)]
pub struct Asking<'a> {
    pub user: &'a User,
    pub policy: &'a Policy,
    pub now: Timestamp,
}

/// Why an action is not allowed; `None` if it is.
type WhyNot = Option<String>;

/// Why the user may not approve the change.
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

/// Why the user may not reject the change.
#[must_use]
pub fn refuse(change: &Change, asking: Asking<'_>) -> WhyNot {
    not_deciding(change, asking).or_else(|| {
        is_own(change, asking)
            .then(|| "You proposed it. Withdraw it if it is not wanted any more.".to_owned())
    })
}

/// Why the user may not withdraw the change.
#[must_use]
pub fn withdraw(change: &Change, asking: Asking<'_>) -> WhyNot {
    not_waiting(change).or_else(|| {
        (!is_own(change, asking)).then(|| {
            format!("Only {}, who proposed it, can withdraw it. Reject it instead.", change.by.name)
        })
    })
}

/// Why the user may not start the change.
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

/// Why an approval no longer counts; `None` if it does. `roles`: the approver's roles at the latest sign-in. If
/// unknown, the check at the time of approval remains valid.
#[must_use]
pub fn lapsed(
    change: &Change,
    approval: &Approval,
    policy: &Policy,
    roles: Option<&BTreeSet<Role>>,
) -> WhyNot {
    let Person { name, username, .. } = &approval.by;
    let lacks = roles.and_then(|roles| lacking(roles, Right::Approve));
    let unnamed = || {
        (!policy.names_as_approver(username))
            .then(|| format!("The stage's policy does not name {name} as an approver any more."))
    };
    let own = || {
        policy.are_one_person(username, &change.by.username).then(|| {
            format!(
                "By the stage's policy {name} and {}, who proposed it, are one person.",
                change.by.name
            )
        })
    };
    lacks
        .map(|has| format!("{name} may not approve any more ({has})."))
        .or_else(unnamed)
        .or_else(own)
}

/// Why a scheduled change must not start automatically: its proposer no longer has the right to start changes.
/// `roles` as in [`lapsed`].
#[must_use]
pub fn not_by_itself(change: &Change, roles: Option<&BTreeSet<Role>>) -> WhyNot {
    change.start?;
    let has = lacking(roles?, Right::Start)?;
    Some(format!(
        "It does not start by itself: {}, who proposed it, may not start changes any more ({has}). Somebody \
         who may can start it when its time has come.",
        change.by.name
    ))
}

/// The roles of somebody who lacks a right, as text; `None` if they have the right.
fn lacking(roles: &BTreeSet<Role>, right: Right) -> Option<String> {
    if right.roles().iter().any(|role| roles.contains(role)) {
        return None;
    }
    let labels: Vec<_> = roles.iter().map(|role| role.label()).collect();
    let labels = if labels.is_empty() { "none".to_owned() } else { labels.join(", ") };
    Some(format!("roles at the latest sign-in: {labels}"))
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
