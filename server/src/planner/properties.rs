//! Property: for any state, release and policy, a plan that no guard blocks breaks no rule of Azure or of a guard at
//! any step. [`super::small_azure`] implements these rules independently.

use super::fixtures::{NAMES, SIZE, body, live, planned, release};
use super::observed::{Live, Observed};
use super::pinned::PinnedDeployment;
use super::random_release::{Inputs, blue_and_green, primary_and_shadow};
use super::small_azure::Azure;
use super::written_tests::every_write_has_a_row;
use super::{Planned, plan};
use domain::evidence::fact::Evidence;
use domain::evidence::fact::EvidenceState;
use domain::guard::inputs::{Bandwidth, Gate, GuardInputs, Image, Quota};
use domain::ids::RunId;
use domain::intent::Intent;
use domain::name::DeploymentName;
use domain::plan::Plan;
use domain::plan::rollout_path::Outline;
use domain::policy::promotion::Promotion;
use domain::route::Route;
use domain::timestamp::Timestamp;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde_json::json;
use std::collections::BTreeSet;

const STATES: [&str; 5] = ["Succeeded", "Failed", "Updating", "Deleting", "Canceled"];
const BIG: &str = "Standard_F8s_v2";

type There = Vec<(usize, usize, u32)>;

fn deployments() -> impl Strategy<Value = There> {
    // Name, state (mostly good), version.
    let one = (0..NAMES.len(), prop_oneof![4 => Just(0_usize), 1 => 0..STATES.len()], 1_u32..3);
    prop::collection::vec(one, 0..4)
}

fn route() -> impl Strategy<Value = String> {
    let names = || prop::sample::select(&NAMES[..3]);
    (names(), names(), names(), 0_u32..=100, prop::option::of(1_u32..=50)).prop_map(
        |(blue, green, shadow, share, mirror)| {
            let live = if blue == green || share == 0 || share == 100 {
                format!("{blue}=100")
            } else {
                format!("{blue}={share},{green}={}", 100 - share)
            };
            match mirror {
                Some(percent) if !live.contains(shadow) => {
                    format!("{live};mirror={shadow}:{percent}")
                }
                _ => live,
            }
        },
    )
}

/// Mostly `None`, so that not too many guards block a plan at once.
fn seldom<T: std::fmt::Debug + Clone + 'static>(
    strategy: impl Strategy<Value = T> + 'static,
) -> impl Strategy<Value = Option<T>> {
    prop::option::weighted(0.15, strategy)
}

fn quota() -> impl Strategy<Value = Vec<Quota>> {
    (0_u32..60, 0_u32..60).prop_map(|(small, big)| {
        let quota = |size: &str, family: &str, cores, free_cores| Quota {
            instance_type: size.to_owned(),
            family: family.to_owned(),
            cores,
            free_cores,
        };
        vec![quota(SIZE, "dsv2", 4, small), quota(BIG, "fsv2", 8, big)]
    })
}

fn facts() -> impl Strategy<Value = GuardInputs> {
    let gate = prop_oneof![
        Just(Gate::Open),
        Just(Gate::Frozen { by: "Leo".to_owned(), reason: "audit".to_owned() }),
        Just(Gate::Outside { opens: "tomorrow".to_owned() }),
    ];
    let image = prop_oneof![
        Just(Image::Missing),
        prop::sample::select(&["1f", "2a"][..])
            .prop_map(|from| Image::BuiltFrom { from: from.to_owned(), commit: "1f".to_owned() }),
        (0_i64..3, 0_i64..3).prop_map(|(at, commit)| Image::Built {
            at: Timestamp(at),
            commit_at: Timestamp(commit)
        }),
    ];
    let environment = prop::sample::select(&["ml-azua-litserve-env", "another-env"][..]);
    let bandwidth = (0_u64..6_000_000)
        .prop_map(|live_bytes_per_s| Bandwidth { live_bytes_per_s, limit_bytes_per_s: 5_000_000 });
    use EvidenceState::{Failed, Good, Missing, Stale, Superseded};
    let bad = prop::sample::select(&[Missing, Failed, Stale, Superseded][..]);
    let state = prop_oneof![3 => Just(Good), 1 => bad];
    let of = |(name, state): (&&str, EvidenceState)| Evidence {
        what: format!("replay diff of {name}"),
        deployment: name.parse().expect("a name"),
        state,
    };
    let evidence = prop::collection::vec(state, NAMES.len())
        .prop_map(move |states| NAMES.iter().zip(states).map(of).collect::<Vec<_>>());
    let promotion = prop::collection::btree_set(1_u32..100, 0..4).prop_map(|steps| {
        let steps: Vec<_> = steps.into_iter().chain([100]).collect();
        let written =
            json!({ "steps": steps, "bake_minutes": 1, "conditions": { "requests_min": 1 } });
        serde_json::from_value::<Promotion>(written).expect("a promotion")
    });
    (
        (any::<bool>(), seldom(gate), seldom(evidence)),
        (seldom(quota()), seldom(image), seldom(environment), seldom(0_u32..12_000)),
        (seldom(bandwidth), prop::option::of(promotion)),
    )
        .prop_map(
            |(
                (protected, gate, evidence),
                (quota, image, environment, minute_p99_ms),
                (bandwidth, promotion),
            )| {
                GuardInputs {
                    protected,
                    gate,
                    evidence,
                    quota,
                    image,
                    release_environment: environment.map(str::to_owned),
                    minute_p99_ms,
                    bandwidth,
                    promotion,
                    ..GuardInputs::default()
                }
            },
        )
}

/// The state as the planner sees it; `None` without an endpoint. Mostly has the deployments of the route.
fn state(there: Option<There>, route: &str) -> Option<Live> {
    let mut words = String::new();
    let mut seen = BTreeSet::new();
    let mut there = there?;
    // In half of the cases, by the first deployment's version, add the deployments of the route, as Azure requires.
    if there.first().is_none_or(|first| first.2 == 1) {
        let named = (0..NAMES.len()).filter(|name| route.contains(NAMES[*name]));
        there.extend(named.map(|name| (name, 0, 1)));
    }
    for (name, state, version) in there {
        if seen.insert(name) {
            words.push_str(&format!(" {}:{version}!{}", NAMES[name], STATES[state]));
        }
    }
    Some(live("anet-dev/anet-ep-dev", &words, route))
}

/// Carries out a plan that is not blocked. Returns what it changed.
fn carry_out(planned: &Planned, azure: &mut Azure) -> (bool, bool) {
    if planned.plan.blocked().is_none() {
        assert!(planned.plan.hash.is_some());
        every_write_has_a_row(planned);
        for step in &planned.steps {
            azure.apply(step);
        }
    }
    azure.was_changed()
}

/// Plans a release and carries it out.
fn play(there: Option<There>, route: &str, inputs: &Inputs, facts: &GuardInputs) -> (bool, bool) {
    let live = state(there, route);
    let mut azure = Azure::of(live.as_ref(), facts);
    let planned = planned(&release(inputs), live, facts);
    planned.map_or((false, false), |planned| carry_out(&planned, &mut azure))
}

/// Eight times the usual number of cases.
fn many() -> ProptestConfig {
    let usual = ProptestConfig::default();
    ProptestConfig { cases: 8 * usual.cases, ..usual }
}

proptest! {
    #![proptest_config(many())]

    #[test]
    fn no_primary_and_shadow_breaks_a_rule(
        there in prop::option::weighted(0.9, deployments()),
        route in route(),
        inputs in primary_and_shadow(),
        facts in facts(),
    ) {
        play(there, &route, &inputs, &facts);
    }

    #[test]
    fn no_blue_and_green_breaks_a_rule(
        there in prop::option::weighted(0.9, deployments()),
        route in route(),
        inputs in blue_and_green(),
        facts in facts(),
    ) {
        play(there, &route, &inputs, &facts);
    }

    #[test]
    fn no_intent_breaks_a_rule(
        there in deployments(),
        before in route(),
        after in route(),
        which in 0..5_usize,
        name in prop::sample::select(&NAMES[..]),
        size in prop::sample::select(&[SIZE, BIG][..]),
        facts in facts(),
    ) {
        let live = state(Some(there), &before).expect("an endpoint");
        let mut azure = Azure::of(Some(&live), &facts);
        let at = &live.endpoint.key.clone();
        let observed = Observed::of(live);
        let (at, name) = (at.clone(), name.parse::<DeploymentName>().expect("a name"));
        let route: Route = after.parse().expect("a route");
        let deployment = PinnedDeployment { name: name.clone(), body: body(7, size) };
        let intent = match which {
            0 => Intent::SetRoute { at, route },
            1 => Intent::CreateDeployment { at, deployment },
            2 => Intent::UpdateDeployment { at, deployment },
            3 => Intent::DeleteDeployment { at, name },
            _ => Intent::RollBack { at, run: RunId("r".to_owned()), route },
        };
        carry_out(&plan(&intent, &observed, &facts).expect("a plan"), &mut azure);
    }
}

proptest! {
    /// The browser's preview below the sliders must equal the server's plan, word by word.
    #[test]
    fn the_preview_shows_the_plans_own_steps(
        there in deployments(),
        before in route(),
        after in route(),
        facts in facts(),
    ) {
        let live = state(Some(there), &before).expect("an endpoint");
        let at = &live.endpoint.key.clone();
        let route = &after.parse().expect("a route");
        let outline = facts.promotion.as_ref().map(Outline::from);
        let preview = Plan::route(&live.endpoint, route, outline.as_ref(), &facts);
        let intent = Intent::SetRoute { at: at.clone(), route: route.clone() };
        let planned = plan(&intent, &Observed::of(live), &facts);
        let planned = planned.expect("a plan").plan;
        prop_assert_eq!(preview.steps, planned.steps);
        prop_assert_eq!(preview.differences, planned.differences);
        // The browser runs fewer guards, with the same verdicts.
        for verdict in preview.verdicts {
            prop_assert!(planned.verdicts.contains(&verdict), "{verdict:?}");
        }
    }
}

/// Guards against a property that passes because all plans are blocked.
#[test]
fn many_of_these_plans_are_carried_out() {
    let mut runner = TestRunner::deterministic();
    for inputs in [primary_and_shadow().boxed(), blue_and_green().boxed()] {
        let all = (prop::option::weighted(0.9, deployments()), route(), inputs, facts());
        let (mut wrote, mut moved) = (0, 0);
        for _ in 0..4_000 {
            let (there, route, inputs, facts) =
                all.new_tree(&mut runner).expect("a case").current();
            let changed = play(there, &route, &inputs, &facts);
            wrote += u32::from(changed.0);
            moved += u32::from(changed.1);
        }
        assert!(wrote > 50 && moved > 50, "{wrote} wrote a deployment, {moved} moved the route");
    }
}
