//! The rules of roll-backs, case by case. The server's property tests cover sequences.

use super::*;
use crate::endpoint::MadeOf;
use crate::guard::fixtures::{endpoint, name, route};
use crate::run::{Event, Output, Recorded};
use crate::stage::EndpointKey;
use crate::timestamp::Timestamp;

/// An endpoint with these deployments. `blue:2` was created at second 2.
fn at(words: &str, on: &str) -> Endpoint {
    let names: Vec<_> = words.split_whitespace().map(|word| word.split(':').next()).collect();
    let names: Vec<_> = names.into_iter().flatten().collect();
    let mut endpoint = endpoint(&names.join(" "), on);
    for (deployment, word) in endpoint.deployments.iter_mut().zip(words.split_whitespace()) {
        let created = word.split_once(':').map_or("1", |(_, created)| created);
        deployment.created = Some(Timestamp(created.parse().expect("a number")));
        deployment.settings = Some("0".repeat(64));
        deployment.model = Some("nbq:2".to_owned());
    }
    endpoint
}

fn made(on: &Endpoint) -> Made {
    on.deployments.iter().map(|one| (one.name.clone(), MadeOf::from(one))).collect()
}

fn id(text: &str) -> RunId {
    RunId(text.to_owned())
}

/// A run whose route held.
fn past(before: &str, after: &str) -> Past {
    let on = at("blue green red", before);
    Past {
        run: id("this"),
        takes_back: None,
        warrant: Some(Warrant::new(Consent::Approved, made(&on))),
        is_at_rest: true,
        before: Some(route(before)),
        found: Some(made(&on)),
        sent: vec![route(after)],
        held: Some(route(after)),
    }
}

fn newest(run: &str, takes_back: Option<&str>) -> Newest {
    Newest { run: id(run), takes_back: takes_back.map(id) }
}

fn good(on: &str, made_of: Option<Made>) -> GoodState {
    GoodState { route: route(on), made_of }
}

#[test]
fn the_newest_route_change_can_be_rolled_back() {
    let (past, now) = (past("blue=100", "green=100"), at("blue green red", "green=100"));
    assert_eq!(way_back(&past, Some(&newest("this", None)), &now), Ok(route("blue=100")));
    // Also halfway through its shares.
    let past = Past { sent: vec![route("blue=50,green=50"), route("green=100")], ..past };
    let half = at("blue green red", "blue=50,green=50");
    assert_eq!(way_back(&past, Some(&newest("this", None)), &half), Ok(route("blue=100")));
}

#[test]
fn nothing_else_can_be_rolled_back_without_approval() {
    let this = newest("this", None);
    let (all, now) = (past("blue=100", "green=100"), at("blue green red", "green=100"));
    let warrant = all.warrant.clone().expect("it has one");
    let cases: Vec<(&str, Past, Newest, Endpoint, &str)> = vec![
        (
            "a run that goes on",
            Past { is_at_rest: false, ..all.clone() },
            this.clone(),
            now.clone(),
            "Stop it first",
        ),
        (
            "a roll-back",
            Past { takes_back: Some(id("other")), ..all.clone() },
            this.clone(),
            now.clone(),
            "is a roll-back",
        ),
        (
            "a creation, a deletion",
            Past { sent: Vec::new(), ..all.clone() },
            this.clone(),
            now.clone(),
            "did not change the route",
        ),
        (
            "once",
            all.clone(),
            newest("back", Some("this")),
            now.clone(),
            "already been rolled back",
        ),
        ("an older one", all.clone(), newest("later", None), now.clone(), "A later run"),
        (
            "changed elsewhere",
            all.clone(),
            this.clone(),
            at("blue green red", "red=100"),
            "outside the console",
        ),
        (
            "nothing to do",
            all.clone(),
            this.clone(),
            at("blue green red", "blue=100"),
            "The route is the same as before this run: blue 100 %.",
        ),
        (
            "before it was one that nobody approved",
            Past {
                warrant: Some(Warrant { good: Some(good("red=100", None)), ..warrant.clone() }),
                ..all.clone()
            },
            this.clone(),
            now.clone(),
            "blue would get 100 % of the live traffic. In the last route that was approved and held it had 0 %",
        ),
        ("created again", all.clone(), this.clone(), at("blue:2 green", "green=100"), "creation"),
        ("deleted", all.clone(), this.clone(), at("green", "green=100"), "no longer exists"),
        (
            "carried out by an earlier version",
            Past { warrant: None, found: None, ..all.clone() },
            this.clone(),
            now.clone(),
            "did not record",
        ),
        (
            "not read",
            Past { before: None, ..all.clone() },
            this.clone(),
            now.clone(),
            "before it read the route",
        ),
    ];
    for (what, past, newest, now, says) in cases {
        let why = way_back(&past, Some(&newest), &now).expect_err(what).to_string();
        assert!(why.contains(says), "{what}: {why}");
    }
    // A run from an earlier version can be rolled back if no deployment gets more live traffic.
    let mirror = past("blue=100", "blue=100;mirror=green:20");
    let old = Past { warrant: None, found: None, ..mirror };
    let now = at("blue green", "blue=100;mirror=green:20");
    assert_eq!(way_back(&old, Some(&this), &now), Ok(route("blue=100")));
}

#[test]
fn the_good_state_passes_from_change_to_change() {
    let first = past("blue=100", "blue=50,green=50");
    assert_eq!(first.good_before().expect("known").route, route("blue=100"));
    let after = first.good_after().expect("known");
    assert_eq!(after.route, route("blue=50,green=50"));
    assert_eq!(after.made_of.expect("known").len(), 2);
    // A route that did not hold is not good, and a roll-back does not extend the good state.
    let failed = Past { held: None, ..first.clone() };
    assert_eq!(failed.good_after(), failed.good_before());
    let back = Past {
        takes_back: Some(id("first")),
        warrant: Some(Warrant {
            good: Some(good("blue=100", Some(Made::new()))),
            ..Warrant::new(Consent::WayBack, Made::new())
        }),
        ..past("green=100", "blue=100")
    };
    assert_eq!(back.good_after().expect("known").route, route("blue=100"));
    // For a run from an earlier version, only the route is known.
    let old = Past { warrant: None, found: None, ..first };
    assert_eq!(old.good_after(), Some(good("blue=50,green=50", None)));
    assert_eq!(Past { warrant: None, ..back }.good_after(), None);
}

#[test]
fn parts_come_from_the_consent_for_more_traffic_and_from_the_good_state_otherwise() {
    let mut run = past("blue=60,green=40", "blue=50,green=50");
    let mut other = made(&at("blue:7 green:8", "blue=60,green=40"));
    run.warrant = Some(Warrant {
        consent: Consent::Approved,
        made_of: [(name("green"), other.remove(&name("green")).expect("there"))].into(),
        good: Some(good("blue=100", Some(other.clone()))),
    });
    let made_of = run.good_after().and_then(|good| good.made_of).expect("known");
    assert_eq!(made_of.get(&name("green")).and_then(|made| made.created), Some(Timestamp(8)));
    assert_eq!(made_of.get(&name("blue")), other.get(&name("blue")));
}

#[test]
fn live_traffic_by_broken_glass_is_not_approved_by_the_next_change() {
    let mut run = past("blue=20,red=80", "green=40,red=60");
    run.warrant = Some(Warrant {
        consent: Consent::Approved,
        made_of: made(&at("green:1", "green=100")),
        good: Some(good("blue=100", Some(made(&at("blue:1", "blue=100"))))),
    });
    let left = run.good_after();
    let made_of = left.clone().and_then(|good| good.made_of).expect("known");
    assert!(made_of.contains_key(&name("green")) && !made_of.contains_key(&name("red")));
    let mut next = past("green=40,red=60", "blue=100");
    next.warrant = Some(Warrant { good: left, ..Warrant::new(Consent::Approved, Made::new()) });
    let now = at("blue:1 green:1 red:1", "blue=100");
    let newest = Newest { run: next.run.clone(), takes_back: None };
    let refused = way_back(&next, Some(&newest), &now);
    assert_eq!(refused, Err(NoWayBack::NeverApproved(name("red"))));
}

#[test]
fn a_share_holds_after_read_back_and_bake() {
    let kinds = [
        StepKind::Check,
        StepKind::SetRoute,
        StepKind::Wait,
        StepKind::Bake,
        StepKind::SetRoute,
        StepKind::Wait,
    ];
    let done = |step: u32, on: Option<&str>| {
        let output = Output { route: on.map(route), ..Output::default() };
        [Event::StepStarted { step }, Event::StepSucceeded { step, output }]
    };
    let half = "blue=50,green=50";
    let mut events = vec![Event::Requested];
    events.extend(done(0, Some("blue=100")));
    events.push(Event::StepStarted { step: 1 });
    events.push(Event::StepSending { step: 1 });
    events.push(Event::StepSucceeded { step: 1, output: Output::default() });
    events.extend(done(2, Some(half)));
    let fold = |events: &[Event]| {
        let all: Vec<_> = events
            .iter()
            .map(|event| Recorded { at: Timestamp(7), event: event.clone() })
            .collect();
        State::fold(kinds, &all).expect("legal")
    };
    let (first, last) = (route(half), route("green=100"));
    let sets = [None, Some(&first), None, None, Some(&last), None];
    let at = EndpointKey {
        stage: "prod".parse().expect("a stage"),
        endpoint: "anet-ep".parse().expect("an endpoint"),
    };
    let intent = Named::SetRoute { at, route: last.clone() };
    let of = |events: &[Event]| Past::of(&id("this"), &intent, None, &fold(events), &sets);
    let baking = of(&events);
    assert_eq!((baking.held, &baking.sent), (None, &vec![first.clone()]));
    assert_eq!(baking.before, Some(route("blue=100")));
    events.extend(done(3, None));
    assert_eq!(of(&events).held, Some(first.clone()));
    // The next share was sent, and its result is not known yet.
    events.extend([Event::StepStarted { step: 4 }, Event::StepSending { step: 4 }]);
    let sent = of(&events);
    assert_eq!((sent.held, sent.sent), (Some(first.clone()), vec![first.clone(), last.clone()]));
}
