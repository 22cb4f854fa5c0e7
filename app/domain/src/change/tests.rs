//! The lifecycle of a change, and who may do what with it.

use super::event::{Ending, Event, SubjectHash};
use super::permissions::{self, Asking};
use super::{Change, Stamped, State};
use crate::ids::RunId;
use crate::policy::Policy;
use crate::timestamp::Timestamp;
use crate::user::Person;
use crate::user::{Role, User};
use proptest::prelude::*;
use std::collections::BTreeSet;

fn user(name: &str, roles: &[Role]) -> User {
    User {
        tenant: "t".to_owned(),
        object: name.to_owned(),
        name: name.to_owned(),
        username: format!("{name}@example.org"),
        roles: roles.iter().copied().collect(),
    }
}

fn person(name: &str) -> Person {
    Person::from(&user(name, &[]))
}

fn subject(text: &str) -> SubjectHash {
    SubjectHash(text.to_owned())
}

fn proposed(approvals: u8) -> Event {
    Event::Proposed {
        by: person("dana"),
        reason: "better questions".to_owned(),
        subject: subject("one"),
        approvals,
        expires: Timestamp(1_000),
        start: None,
        evidence: Vec::new(),
        job: None,
    }
}

fn approved(by: &str, of: &str) -> Event {
    Event::Approved { by: person(by), subject: subject(of), comment: String::new() }
}

fn replanned(to: &str) -> Event {
    let why = "the route changed".to_owned();
    Event::Replanned { subject: subject(to), why, evidence: Vec::new() }
}

fn lapsed(of: &str) -> Event {
    Event::Lapsed { of: person(of), why: "no lead any more".to_owned() }
}

fn started() -> Event {
    Event::Started { by: None, run: RunId("run".to_owned()) }
}

fn superseded() -> Event {
    Event::Superseded { by: person("lee"), run: RunId("run".to_owned()) }
}

fn change(events: &[Event]) -> Change {
    Change::fold(&stamped(events)).expect("legal events")
}

fn stamped(events: &[Event]) -> Vec<Stamped> {
    events
        .iter()
        .zip(0..)
        .map(|(event, at)| Stamped { at: Timestamp(at), event: event.clone() })
        .collect()
}

/// The state of a change after each list of events.
#[test]
fn events_lead_to_states() {
    let table: [(&[Event], State); 16] = [
        (&[proposed(0)], State::Approved),
        (&[proposed(1)], State::Proposed),
        (&[proposed(1), approved("lee", "one")], State::Approved),
        (&[proposed(2), approved("lee", "one")], State::Proposed),
        (&[proposed(2), approved("lee", "one"), approved("ada", "one")], State::Approved),
        (&[proposed(1), approved("lee", "one"), replanned("two")], State::Proposed),
        (&[proposed(1), approved("lee", "one"), replanned("one")], State::Approved),
        (
            &[proposed(1), approved("lee", "one"), replanned("two"), approved("lee", "two")],
            State::Approved,
        ),
        (&[proposed(1), approved("lee", "one"), lapsed("lee")], State::Proposed),
        (&[proposed(1), approved("lee", "one"), lapsed("ada")], State::Approved),
        (&[proposed(0), started()], State::Running),
        (&[proposed(0), started(), Event::Ended(Ending::Succeeded)], State::Succeeded),
        (
            &[
                proposed(0),
                started(),
                Event::Ended(Ending::Failed { message: "no".to_owned() }),
                Event::Ended(Ending::RolledBack),
            ],
            State::RolledBack,
        ),
        (&[proposed(1), Event::Expired], State::Expired),
        (&[proposed(1), superseded()], State::Superseded),
        (&[proposed(0), superseded()], State::Superseded),
    ];
    for (events, expected) in table {
        assert_eq!(change(events).state, expected, "{events:?}");
    }
}

#[test]
fn illegal_events_are_rejected() {
    let refused = Event::Refused { by: person("lee"), comment: "no".to_owned() };
    let table: [&[Event]; 11] = [
        &[],
        &[approved("lee", "one")],
        &[proposed(1), proposed(1)],
        &[proposed(1), approved("dana", "one")],
        &[proposed(2), approved("lee", "one"), approved("lee", "one")],
        &[proposed(1), approved("lee", "other")],
        &[proposed(1), started()],
        &[proposed(0), refused, started()],
        &[proposed(0), Event::Ended(Ending::Succeeded)],
        &[proposed(0), started(), superseded()],
        &[proposed(1), superseded(), approved("lee", "one")],
    ];
    for events in table {
        assert!(Change::fold(&stamped(events)).is_err(), "{events:?}");
    }
}

#[test]
fn a_revoked_approval_stays_visible() {
    let change = change(&[proposed(1), approved("lee", "one"), replanned("two")]);
    let [approval] = &change.approvals[..] else { panic!("one approval") };
    assert_eq!(approval.revoked.as_deref(), Some("the route changed"));
    assert_eq!((change.missing(), change.subject), (1, subject("two")));
}

#[test]
fn who_may_approve() {
    let lead = &[Role::Lead][..];
    let pair = ["dana@example.org".to_owned(), "other@example.org".to_owned()];
    let policy =
        Policy { approvals: 2, same_person: vec![BTreeSet::from(pair)], ..Policy::default() };
    let listed = Policy { approvers: ["ada@example.org".to_owned()].into(), ..policy.clone() };
    let waits = change(&[proposed(2)]);
    let once = change(&[proposed(2), approved("lee", "one")]);
    let running = change(&[proposed(0), started()]);
    let table: [(&Change, &User, &Policy, i64, Option<&str>); 8] = [
        (&waits, &user("lee", lead), &policy, 1, None),
        (&waits, &user("dana", lead), &policy, 1, Some("A second person")),
        (&waits, &user("other", lead), &policy, 1, Some("A second person")),
        (&waits, &user("lee", &[Role::DataScientist]), &policy, 1, Some("Only these roles")),
        (&waits, &user("lee", lead), &listed, 1, Some("ada@example.org")),
        (&once, &user("lee", lead), &policy, 1, Some("already")),
        (&waits, &user("lee", lead), &policy, 1_000, Some("expired")),
        (&running, &user("lee", lead), &policy, 1, Some("being carried out")),
    ];
    for (change, user, policy, now, expected) in table {
        let why = permissions::approve(change, Asking { user, policy, now: Timestamp(now) });
        match expected {
            None => assert_eq!(why, None),
            Some(part) => assert!(why.clone().expect(part).contains(part), "{why:?}"),
        }
    }
}

#[test]
fn who_may_start_withdraw_and_refuse() {
    let policy = Policy { approvals: 1, ..Policy::default() };
    let (dana, lee) = (user("dana", &[Role::DataScientist]), user("lee", &[Role::Lead]));
    let asking = |user| Asking { user, policy: &policy, now: Timestamp(5) };
    let waits = change(&[proposed(1)]);
    let approved = change(&[proposed(1), approved("lee", "one")]);
    assert!(permissions::start(&waits, asking(&dana)).expect("why").contains("One approval"));
    assert_eq!(permissions::start(&approved, asking(&dana)), None);
    assert_eq!(permissions::withdraw(&waits, asking(&dana)), None);
    assert!(permissions::withdraw(&waits, asking(&lee)).expect("why").contains("Only dana"));
    assert_eq!(permissions::refuse(&waits, asking(&lee)), None);
    assert!(permissions::refuse(&waits, asking(&dana)).is_some());
}

/// The known roles of a user.
fn roles(roles: &[Role]) -> Option<BTreeSet<Role>> {
    Some(roles.iter().copied().collect())
}

#[test]
fn an_approval_counts_while_the_approver_may_approve() {
    let change = change(&[proposed(1), approved("lee", "one")]);
    let [approval] = &change.approvals[..] else { panic!("one approval") };
    let pair = ["dana@example.org".to_owned(), "lee@example.org".to_owned()];
    let policy = Policy { approvals: 1, ..Policy::default() };
    let listed = Policy { approvers: ["ada@example.org".to_owned()].into(), ..policy.clone() };
    let one_person = Policy { same_person: vec![BTreeSet::from(pair)], ..policy.clone() };
    for (policy, roles, expected) in [
        (&policy, roles(&[Role::Lead]), None),
        (&policy, None, None),
        (&policy, roles(&[Role::Viewer]), Some("roles at the latest sign-in: Viewer")),
        (&policy, roles(&[]), Some("roles at the latest sign-in: none")),
        (&listed, roles(&[Role::Lead]), Some("does not name lee as an approver any more")),
        (&one_person, None, Some("are one person")),
    ] {
        let why = permissions::lapsed(&change, approval, policy, roles.as_ref());
        match expected {
            None => assert_eq!(why, None),
            Some(part) => assert!(why.clone().expect(part).contains(part), "{why:?}"),
        }
    }
}

#[test]
fn a_scheduled_change_starts_while_its_proposer_may_start_it() {
    let by_hand = change(&[proposed(0)]);
    let scheduled = Change { start: Some(Timestamp(7)), ..by_hand.clone() };
    let viewer = roles(&[Role::Viewer]);
    assert_eq!(permissions::not_by_itself(&by_hand, viewer.as_ref()), None);
    assert_eq!(permissions::not_by_itself(&scheduled, None), None);
    assert_eq!(
        permissions::not_by_itself(&scheduled, roles(&[Role::DataScientist]).as_ref()),
        None
    );
    let why = permissions::not_by_itself(&scheduled, viewer.as_ref()).expect("a reason");
    assert!(why.contains("dana, who proposed it, may not start changes any more"), "{why}");
}

fn any_event() -> impl Strategy<Value = Event> {
    let name = prop_oneof![Just("dana"), Just("lee"), Just("ada")];
    let hash = prop_oneof![Just("one"), Just("two")];
    prop_oneof![
        (name.clone(), hash.clone()).prop_map(|(by, of)| approved(by, of)),
        hash.prop_map(replanned),
        name.clone().prop_map(lapsed),
        name.prop_map(|by| Event::Refused { by: person(by), comment: String::new() }),
        Just(Event::Expired),
        Just(superseded()),
        Just(started()),
        Just(Event::Ended(Ending::Succeeded)),
        Just(Event::Ended(Ending::Failed { message: String::new() })),
        Just(Event::Ended(Ending::RolledBack)),
    ]
}

proptest! {
    /// For all sequences of events: no change starts without enough approvals of its current hash by other people.
    #[test]
    fn nothing_starts_unapproved(needed in 0_u8..3, events in prop::collection::vec(any_event(), 0..12)) {
        let mut change = change(&[proposed(needed)]);
        for (event, at) in events.into_iter().zip(1..) {
            let before = change.clone();
            let Ok(after) = change.clone().next(&Stamped { at: Timestamp(at), event }) else { continue };
            if after.state == State::Running {
                let people: BTreeSet<_> = before.standing().map(|one| one.by.id.clone()).collect();
                prop_assert!(people.len() >= usize::from(needed));
                prop_assert!(!people.contains(&before.by.id));
                prop_assert_eq!(&before.subject, &after.subject);
            }
            prop_assert!(!before.state.is_over() || before.state == State::Failed || after.state == before.state);
            change = after;
        }
    }
}
