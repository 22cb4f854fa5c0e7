//! Which events cause messages.

use super::*;
use domain::change::Stamped;
use domain::change::event::SubjectHash;
use domain::user::Person;

fn person(name: &str) -> Person {
    Person { id: name.to_owned(), name: name.to_owned(), username: format!("{name}@x") }
}

fn hash(text: &str) -> SubjectHash {
    SubjectHash(text.to_owned())
}

fn proposed(approvals: u8) -> Event {
    Event::Proposed {
        by: person("Dana"),
        reason: "Better".to_owned(),
        subject: hash("a"),
        approvals,
        expires: Timestamp(1_000),
        start: None,
        evidence: Vec::new(),
        job: None,
    }
}

fn approved(by: &str, subject: &str) -> Event {
    Event::Approved { by: person(by), subject: hash(subject), comment: "Go ahead".to_owned() }
}

/// The occasions and words of the messages that these events cause.
fn told(events: Vec<Event>) -> Vec<(&'static str, Option<String>)> {
    let (id, target) = (ChangeId("c".to_owned()), on().into());
    let mut change: Option<Change> = None;
    let mut told = Vec::new();
    for event in events {
        let stamped = Stamped { at: Timestamp(7), event };
        let next = match &change {
            None => Change::fold([&stamped]),
            Some(change) => change.clone().next(&stamped),
        };
        let next = next.expect("a legal event");
        let of = Subject { id: &id, target: &target, title: "Set the route" };
        let news = News::of_event(of, change.as_ref(), &stamped.event, &next, stamped.at);
        told.extend(news.map(|news| (news.occasion.word(), news.words)));
        change = Some(next);
    }
    told
}

fn on() -> EndpointKey {
    EndpointKey {
        stage: "anet-prod".parse().expect("a stage"),
        endpoint: "anet-ep".parse().expect("an endpoint"),
    }
}

fn said(text: &str) -> Option<String> {
    Some(text.to_owned())
}

#[test]
fn comments_and_starts_cause_no_message() {
    let started = Event::Started { by: None, run: RunId("r".to_owned()) };
    let failed = Event::Ended(Ending::Failed { message: "No quota.".to_owned() });
    let life = vec![
        proposed(2),
        Event::Commented { by: person("Vera"), text: "Nice".to_owned() },
        approved("Leo", "a"),
        approved("Lee", "a"),
        approved("Ann", "a"),
        started,
        failed,
        Event::Ended(Ending::RolledBack),
    ];
    let expected = [
        ("waiting", said("Better")),
        ("approved", said("Go ahead")),
        ("failed", said("No quota.")),
        ("rolled_back", None),
    ];
    assert_eq!(told(life), expected);
}

#[test]
fn a_revoked_approval_is_announced_but_not_a_new_plan_that_nobody_had_approved() {
    let replanned = |to: &str| Event::Replanned {
        subject: hash(to),
        why: "The route changed.".to_owned(),
        evidence: Vec::new(),
    };
    let life = vec![proposed(1), replanned("b"), approved("Leo", "b"), replanned("c")];
    let expected = [
        ("waiting", said("Better")),
        ("approved", said("Go ahead")),
        ("waiting", said("The route changed.")),
    ];
    assert_eq!(told(life), expected);
    // The approver lost the role.
    let lapsed = Event::Lapsed { of: person("Leo"), why: "Leo may not approve.".to_owned() };
    let life = vec![proposed(1), approved("Leo", "a"), lapsed];
    let expected = [
        ("waiting", said("Better")),
        ("approved", said("Go ahead")),
        ("waiting", said("Leo may not approve.")),
    ];
    assert_eq!(told(life), expected);
    // No approval is required.
    assert_eq!(told(vec![proposed(0)]), []);
}

#[test]
fn long_words_are_cut() {
    let words = clipped(&"ü".repeat(WORDS_MAX + 1)).expect("words");
    assert_eq!(words.chars().count(), WORDS_MAX + 1);
    assert!(words.ends_with('…'));
    assert_eq!(clipped(&"ü".repeat(WORDS_MAX)).expect("words").chars().count(), WORDS_MAX);
    assert_eq!(clipped(" \n"), None);
}
