//! Property: in any sequence of events, no deployment gets more live traffic than in the good state without an approval
//! or broken glass, and a deployment that gets more is the approved one. The good state is the last route that was
//! approved and held. A route set by breaking glass never becomes the good state.
//!
//! Random sequences of runs, roll-backs, retries, re-creations, freezes, outside changes and promotions run against
//! a small Azure ([`world`]). The console's own rules decide: the planner, the fold of the journal, and the functions
//! in `app/domain/src/run/{roll_back,warrant}.rs`. [`witness`] judges with its own record and none of these rules.

mod witness;
mod world;

use domain::policy::promotion::Promotion;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde_json::json;
use std::panic::{AssertUnwindSafe, catch_unwind};
use world::{Answer, Op, Rule, World};

const ROUTES: [&str; 7] = [
    "blue=100",
    "green=100",
    "blue=50,green=50",
    "green=40,red=60",
    "blue=20,red=80",
    "blue=100;mirror=green:20",
    "",
];
/// Maximum number of operations in a sequence.
const OPS_MAX: usize = 60;

fn op() -> impl Strategy<Value = Op> {
    let route =
        || prop::sample::select(&ROUTES[..]).prop_map(|text| text.parse().expect("a route"));
    let name = || prop::sample::select(&world::NAMES[..]);
    let answer = prop_oneof![
        6 => Just(Answer::Taken),
        1 => Just(Answer::Lost),
        1 => Just(Answer::Throttled),
        1 => Just(Answer::Ignored),
    ];
    prop_oneof![
        6 => route().prop_map(Op::Approve),
        8 => Just(Op::Start),
        16 => (1..12_usize, answer).prop_map(|(times, answer)| Op::Carry { times, answer }),
        4 => prop::bool::weighted(0.6).prop_map(Op::Bake),
        6 => (0..4_usize).prop_map(Op::RollBack),
        2 => Just(Op::Retry),
        1 => Just(Op::Leave),
        1 => Just(Op::Cancel),
        1 => route().prop_map(Op::SetElsewhere),
        3 => name().prop_map(Op::UpdateElsewhere),
        2 => name().prop_map(Op::CreateAgainElsewhere),
        1 => any::<bool>().prop_map(Op::Freeze),
        2 => (route(), any::<bool>()).prop_map(|(to, aside)| Op::Glass(to, aside)),
        1 => Just(Op::Create),
    ]
}

fn promotion() -> impl Strategy<Value = Option<Promotion>> {
    let some =
        json!({ "steps": [10, 50, 100], "bake_minutes": 1, "conditions": { "requests_min": 1 } });
    let some: Promotion = serde_json::from_value(some).expect("a promotion");
    prop::option::of(Just(some))
}

/// Four times the usual number of cases. For a longer search, raise the factor.
fn many() -> ProptestConfig {
    let usual = ProptestConfig::default();
    ProptestConfig { cases: 4 * usual.cases, ..usual }
}

proptest! {
    #![proptest_config(many())]

    #[test]
    fn no_deployment_gets_more_than_was_good_or_differs_from_the_approved_one(
        promotion in promotion(),
        ops in prop::collection::vec(op(), 1..OPS_MAX),
    ) {
        let mut world = World::new(promotion, None);
        for op in &ops {
            world.play(op);
        }
    }
}

/// Guards against a property that passes because its sequences never go live or roll back.
#[test]
fn these_sequences_go_forward_and_back() {
    let mut runner = TestRunner::deterministic();
    let all = (promotion(), prop::collection::vec(op(), OPS_MAX));
    let mut met = world::Met::default();
    for _ in 0..200 {
        let (promotion, ops) = all.new_tree(&mut runner).expect("a case").current();
        let mut world = World::new(promotion, None);
        for op in &ops {
            world.play(op);
        }
        met.add(&world.met);
    }
    let world::Met { forward, back, by_itself, refused, stopped, held, glass } = met;
    let all = [forward, back, by_itself, refused, stopped, held, glass];
    assert!(all.iter().all(|times| *times > 10), "{met:?}");
}

/// Guards against a property that would pass without the rules under test.
#[test]
fn the_property_fails_without_any_one_of_its_rules() {
    let all = (promotion(), prop::collection::vec(op(), OPS_MAX));
    for rule in [Rule::Comparison, Rule::WayBack, Rule::Freeze] {
        let mut runner = TestRunner::deterministic();
        let is_broken = (0..500).any(|_| {
            let (promotion, ops) = all.new_tree(&mut runner).expect("a case").current();
            let mut world = World::new(promotion, Some(rule));
            let play = || ops.iter().for_each(|op| world.play(op));
            catch_unwind(AssertUnwindSafe(play)).is_err()
        });
        assert!(is_broken, "{rule:?} is not missed");
    }
}
