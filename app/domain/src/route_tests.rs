//! Routes: rules as tables, sliders as properties.

use super::name::DeploymentName;
use super::route::{Mirror, Part, Route, RouteError, Split};
use super::route_draft::{Blocked, RouteDraft, Seat, divide};
use super::route_form::{self, FieldProblem};
use proptest::prelude::*;

fn name(text: &str) -> DeploymentName {
    text.parse().expect("a name")
}

fn route(text: &str) -> Route {
    text.parse().expect("a route")
}

fn draft(text: &str, seats: &[&str]) -> RouteDraft {
    let seats = seats.iter().map(|seat| match seat.strip_prefix('!') {
        Some(closed) => Seat { deployment: name(closed), closed: Some("it is Failed".to_owned()) },
        None => Seat { deployment: name(seat), closed: None },
    });
    RouteDraft::new(seats.collect(), route(text))
}

#[test]
fn a_split_sums_to_0_or_100() {
    let split = |shares: &[(&str, u32)]| Split::new(shares.iter().map(|(n, s)| (name(n), *s)));
    assert!(split(&[]).expect("off").is_off());
    assert!(split(&[("blue", 0), ("green", 0)]).expect("off").is_off());
    assert_eq!(split(&[("blue", 90), ("green", 10)]).expect("split").share(&name("green")), 10);
    assert_eq!(split(&[("blue", 99)]), Err(RouteError::Sum { sum: 99 }));
    assert_eq!(split(&[("blue", 60), ("green", 50)]), Err(RouteError::Sum { sum: 110 }));
    let share = RouteError::Share { deployment: name("blue"), percent: 101 };
    assert_eq!(split(&[("blue", 101)]), Err(share));
    assert!(split(&[("blue", u32::MAX), ("green", 1)]).is_err());
    let twice = RouteError::Twice { deployment: name("blue") };
    assert_eq!(split(&[("blue", 50), ("Blue", 50)]), Err(twice.clone()));
    assert_eq!(split(&[("blue", 100), ("blue", 0)]), Err(twice.clone()));
    assert_eq!("blue=50,blue=50".parse::<Route>(), Err(twice));
}

#[test]
fn a_mirror_is_1_to_50_and_never_live() {
    for percent in [0, 51, 100, u32::MAX] {
        assert_eq!(Mirror::new(name("red"), percent), Err(RouteError::MirrorPercent { percent }));
    }
    assert_eq!(
        "blue=100;mirror=blue:20".parse::<Route>(),
        Err(RouteError::MirrorIsLive { deployment: name("blue") })
    );
    assert_eq!(route("blue=100;mirror=red:50").part(&name("red")), Part::Shadow(50));
}

#[test]
fn routes_survive_their_text_form() {
    for text in
        ["", "blue=100", "blue=90,green=10", "blue=90,green=10;mirror=red:20", ";mirror=red:5"]
    {
        assert_eq!(route(text).to_text(), text);
    }
    for text in ["blue", "blue=x", "blue=100;mirror=", "blue=100;mirror=red", "=100", "blue=100,,x"]
    {
        assert!(text.parse::<Route>().is_err(), "{text}");
    }
}

#[track_caller]
fn moved(from: &str, seats: &[&str], which: &str, to: u8, expected: &str) {
    let draft = draft(from, seats).with_live(&name(which), to).expect("it moves");
    assert_eq!(draft.route().to_text(), expected);
}

#[test]
fn moving_one_handle_moves_the_others_in_proportion() {
    moved("blue=100", &["blue", "green"], "green", 10, "blue=90,green=10");
    moved("blue=100", &["blue", "green"], "blue", 60, "blue=60,green=40");
    moved("blue=60,green=40", &["blue", "green", "red"], "red", 50, "blue=30,green=20,red=50");
    moved(
        "blue=34,green=33,red=33",
        &["blue", "green", "red"],
        "blue",
        33,
        "blue=33,green=34,red=33",
    );
    moved("blue=100", &["blue", "green"], "green", 255, "green=100");
    moved("", &["blue", "green"], "blue", 100, "blue=100");
}

#[test]
fn a_shadow_goes_live_only_by_its_own_handle_and_loses_its_mirror() {
    moved("blue=100;mirror=green:20", &["blue", "green"], "green", 10, "blue=90,green=10");
    let draft = draft("blue=100;mirror=green:20", &["blue", "green"]);
    assert_eq!(
        draft.with_live(&name("blue"), 90),
        Err(Blocked::NobodyElse { deployment: name("blue") })
    );
}

#[test]
fn a_deployment_that_is_not_ready_keeps_its_share_and_takes_no_more() {
    let closed = draft("blue=70,green=30", &["blue", "!green", "red"]);
    assert!(matches!(closed.with_live(&name("green"), 40), Err(Blocked::Closed { .. })));
    moved("blue=70,green=30", &["blue", "!green", "red"], "green", 0, "blue=100");
    moved("blue=70,green=30", &["blue", "!green", "red"], "red", 70, "green=30,red=70");
    assert_eq!(
        closed.with_live(&name("red"), 71),
        Err(Blocked::TooMuch { deployment: name("red"), max: 70 })
    );
    assert!(matches!(
        draft("blue=100", &["blue", "!green"]).with_mirror(Some((name("green"), 10))),
        Err(Blocked::Closed { .. })
    ));
}

#[test]
fn locked_handles_have_a_reason() {
    let alone = draft("blue=100", &["blue"]);
    assert!(alone.live_locked(&name("blue")).is_some());
    let two = draft("blue=100", &["blue", "!green"]);
    assert!(matches!(two.live_locked(&name("green")), Some(Blocked::Closed { .. })));
    assert!(draft("blue=100", &["blue", "green"]).live_locked(&name("green")).is_none());
    assert_eq!(two.mirror_locked(&name("blue")), Some(Blocked::MirrorIsLive(name("blue"))));
    assert_eq!(draft("", &["blue"]).mirror_locked(&name("blue")), Some(Blocked::NothingLive));
}

#[test]
fn a_form_without_shares_never_switches_live_traffic_off() {
    let field = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    for lost in [vec![], vec![field("base", "blue=100")], vec![field("live", "")]] {
        let problems = route_form::parse(&lost).expect_err("no shares");
        assert_eq!(problems[0].field, "live", "{lost:?}");
    }
    let off = route_form::of_route(&Route::default());
    assert_eq!(route_form::parse(&off), Ok(Route::default()));
    assert_eq!(route_form::parse(&[field("live.blue", "0")]), Ok(Route::default()));
    let both = [field("live", "off"), field("live.blue", "100")];
    assert_eq!(route_form::parse(&both).expect_err("a contradiction")[0].field, "live");
}

#[test]
fn a_form_becomes_a_route_or_problems_with_their_fields() {
    let parse = |fields: &[(&str, &str)]| {
        let owned: Vec<_> =
            fields.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        route_form::parse(&owned)
    };
    let good = parse(&[("live.blue", "100"), ("mirror", "red"), ("mirror_percent", " 20 ")]);
    assert_eq!(good.expect("a route").to_text(), "blue=100;mirror=red:20");
    let none = parse(&[("live.blue", "100"), ("mirror", ""), ("mirror_percent", "20")]);
    assert_eq!(none.expect("a route").to_text(), "blue=100");
    for (fields, field) in [
        (vec![("live.blue", "ninety")], "live.blue"),
        (vec![("live.blue", "-1")], "live.blue"),
        (vec![("live.blue", "101")], "live.blue"),
        (vec![("live.x", "100")], "live.x"),
        (vec![("live.blue", "99")], "live"),
        (vec![("live.blue", "100"), ("mirror", "blue"), ("mirror_percent", "5")], "mirror"),
        (vec![("live.blue", "100"), ("mirror", "red"), ("mirror_percent", "51")], "mirror_percent"),
        (vec![("live.blue", "100"), ("mirror", "red"), ("mirror", "rot")], "mirror"),
    ] {
        let problems = parse(&fields).expect_err("refused");
        assert_eq!(problems[0].field, field, "{fields:?}");
        for FieldProblem { message, .. } in &problems {
            let starts =
                message.starts_with(|c: char| c.is_uppercase() || c.is_numeric() || c == '“');
            assert!(starts && message.ends_with('.'), "a sentence: {message}");
        }
    }
}

#[test]
fn a_share_is_only_digits_and_never_clamped() {
    for (text, share, mirror) in [
        ("0", Some(0), None),
        ("1", Some(1), Some(1)),
        (" 5 ", Some(5), Some(5)),
        ("007", Some(7), Some(7)),
        ("50", Some(50), Some(50)),
        ("51", Some(51), None),
        ("100", Some(100), None),
        ("101", None, None),
        ("150", None, None),
        ("256", None, None),
        ("4294967296", None, None),
        ("-5", None, None),
        ("−5", None, None),
        ("+5", None, None),
        ("12.5", None, None),
        ("12,5", None, None),
        ("1e1", None, None),
        ("0x5", None, None),
        ("٥", None, None),
        ("５", None, None),
        ("5 %", None, None),
        ("", None, None),
        (" ", None, None),
    ] {
        assert_eq!(route_form::share(text).ok(), share, "{text}");
        assert_eq!(route_form::mirror_share(text).ok(), mirror, "{text}");
        for refused in [route_form::share(text).err(), route_form::mirror_share(text).err()] {
            assert!(refused.is_none_or(|why| why.contains("0 to 100") || why.contains("1 to 50")));
        }
    }
    let zero = [("live.blue", "100"), ("mirror", "red"), ("mirror_percent", "0")];
    let zero: Vec<_> = zero.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
    let refused = route_form::parse(&zero).expect_err("a written zero is not a mirror");
    assert_eq!(refused[0].field, "mirror_percent");
}

#[derive(Debug, Clone)]
enum Move {
    Live(usize, u8),
    Mirror(usize, u8),
    Off,
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let one = prop_oneof![
        8 => (0..6_usize, any::<u8>()).prop_map(|(who, to)| Move::Live(who, to)),
        4 => (0..6_usize, any::<u8>()).prop_map(|(who, to)| Move::Mirror(who, to)),
        1 => Just(Move::Off),
    ];
    prop::collection::vec(one, 0..40)
}

proptest! {
    /// The parts add up to `rest`, and no part shrinks when `rest` grows.
    #[test]
    fn no_part_shrinks_when_the_rest_grows(
        shares in prop::collection::vec(0_u8..=100, 1..6),
        rest in 0_u8..100,
    ) {
        let names = ["alpha", "bravo", "charlie", "delta", "echo"].map(name);
        let takers: Vec<_> = names.iter().zip(shares).collect();
        let (parts, more) = (divide(rest, &takers), divide(rest + 1, &takers));
        prop_assert_eq!(parts.iter().map(|(_, part)| *part).sum::<u8>(), rest);
        for ((name, part), (other, next)) in parts.iter().zip(&more) {
            prop_assert!(name == other && part <= next, "{name}: {part} then {next}");
        }
    }

    /// No sequence of slider moves leaves an illegal route, and a closed deployment never gains.
    #[test]
    fn the_sliders_never_leave_an_illegal_route(closed in prop::collection::vec(any::<bool>(), 5), moves in moves()) {
        let names = ["alpha", "bravo", "charlie", "delta", "echo", "nobody"].map(name);
        let seats = names[..5].iter().zip(&closed).map(|(deployment, closed)| Seat {
            deployment: deployment.clone(),
            closed: closed.then(|| "it is Failed".to_owned()),
        });
        let mut draft = RouteDraft::new(seats.collect(), route("alpha=60,bravo=40"));
        for step in moves {
            let next = match &step {
                Move::Live(who, to) => draft.with_live(&names[*who], *to),
                Move::Mirror(who, to) => draft.with_mirror(Some((names[*who].clone(), *to))),
                Move::Off => Ok(draft.with_everything_off()),
            };
            let Ok(next) = next else { continue };
            let text = next.route().to_text();
            prop_assert_eq!(&text.parse::<Route>().expect("legal"), next.route());
            let sum: u32 = next.route().split().iter().map(|(_, share)| u32::from(share)).sum();
            prop_assert!(sum == 100 || matches!(step, Move::Off | Move::Mirror(..)) && sum == 0);
            if let Move::Live(who, to) = &step {
                prop_assert_eq!(next.route().split().share(&names[*who]), (*to).min(100));
            }
            for seat in next.seats().iter().filter(|seat| seat.closed.is_some()) {
                let share = |draft: &RouteDraft| draft.route().split().share(&seat.deployment);
                prop_assert!(share(&next) <= share(&draft));
            }
            draft = next;
        }
    }
}
