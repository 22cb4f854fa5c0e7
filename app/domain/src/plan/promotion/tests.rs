//! Intermediate routes: a table, and properties for all policies and routes.

use super::*;
use crate::route::{Mirror, Split};
use crate::route_draft::divide;
use proptest::prelude::*;
use serde_json::json;
use std::collections::BTreeMap;

fn policy(steps: &[u32]) -> Promotion {
    let written =
        json!({ "steps": steps, "bake_minutes": 30, "conditions": { "errors_percent_max": 1 } });
    serde_json::from_value(written).expect("a policy")
}

fn route(text: &str) -> Route {
    text.parse().expect("a route")
}

fn way(before: &str, after: &str, steps: &[u32]) -> Vec<String> {
    let all = stations(&route(before), &route(after), Some(&policy(steps)));
    let told = |station: Station| match station.baking {
        None => station.route.to_text(),
        Some(baking) => {
            let others: Vec<_> = baking.others.iter().map(ToString::to_string).collect();
            let when = if baking.others_before { " before" } else { "" };
            let (text, names) = (station.route.to_text(), baking.names());
            format!("{text}: {names} beside {}{when}", others.join(" and "))
        }
    };
    all.into_iter().map(told).collect()
}

#[test]
fn a_newcomer_goes_through_the_shares_between() {
    let plan = &[10, 50, 100];
    assert_eq!(
        way("blue=100", "green=100", plan),
        [
            "blue=90,green=10: green beside blue",
            "blue=50,green=50: green beside blue",
            "green=100: green beside blue before"
        ]
    );
    assert_eq!(
        way("blue=100;mirror=green:20", "blue=70,green=30", plan),
        ["blue=90,green=10: green beside blue", "blue=70,green=30: green beside blue"]
    );
    // Steps start above the current share and end at the wanted share.
    assert_eq!(
        way("blue=90,green=10", "green=100", plan),
        ["blue=50,green=50: green beside blue", "green=100: green beside blue before"]
    );
    assert_eq!(
        way("blue=98,green=2", "blue=94,green=6", plan),
        ["blue=94,green=6: green beside blue"]
    );
    assert_eq!(way("blue=100", "green=100", &[100]), ["green=100: green beside blue before"]);
    // Deployments lose shares in proportion; a deployment with an unchanged share keeps it throughout.
    assert_eq!(
        way("blue=60,red=40", "green=100", plan),
        [
            "blue=54,green=10,red=36: green beside blue and red",
            "blue=30,green=50,red=20: green beside blue and red",
            "green=100: green beside blue and red before"
        ]
    );
    assert_eq!(
        way("blue=60,red=40", "blue=60,green=40", plan),
        [
            "blue=60,green=10,red=30: green beside blue and red",
            "blue=60,green=40: green beside blue"
        ]
    );
    // By largest remainders red would have gone from 38 back to 39.
    assert_eq!(
        way("green=33,red=39,white=28", "blue=35,green=24,red=38,white=3", &[13, 22, 100]),
        [
            "blue=13,green=30,red=39,white=18: blue beside green and red and white",
            "blue=22,green=27,red=38,white=13: blue beside green and red and white",
            "blue=35,green=24,red=38,white=3: blue beside green and red and white"
        ]
    );
    // Two newcomers at once, each up to its own share.
    assert_eq!(
        way("blue=100", "blue=40,green=55,red=5", plan),
        [
            "blue=85,green=10,red=5: green and red beside blue",
            "blue=45,green=50,red=5: green and red beside blue",
            "blue=40,green=55,red=5: green and red beside blue"
        ]
    );
    // A tie has no primary.
    assert_eq!(
        way("blue=50,green=50", "green=100", &[60, 100]),
        ["blue=40,green=60: green beside blue", "green=100: green beside blue before"]
    );
}

#[test]
fn a_change_without_newcomers_is_one_step() {
    for (before, after) in [
        // Traffic back, mirrors, off and on.
        ("blue=60,green=40", "blue=100"),
        ("blue=90,green=10", "blue=100"),
        ("blue=100", "blue=100;mirror=green:20"),
        ("blue=100;mirror=green:20", "blue=100"),
        ("blue=100", ""),
        ("", "blue=50,green=50"),
    ] {
        assert_eq!(way(before, after, &[10, 50, 100]), [after], "{before} → {after}");
    }
    assert_eq!(stations(&route("blue=100"), &route("green=100"), None).len(), 1);
}

#[test]
fn a_mirror_never_targets_a_live_deployment() {
    let texts = |before, after| {
        let all = stations(&route(before), &route(after), Some(&policy(&[10, 100])));
        all.into_iter().map(|station| station.route.to_text()).collect::<Vec<_>>()
    };
    // A mirror is cleared when its target goes live, kept if unchanged, and set once its target is not live.
    assert_eq!(texts("blue=100;mirror=green:20", "green=100"), ["blue=90,green=10", "green=100"]);
    assert_eq!(
        texts("blue=100;mirror=red:20", "green=100;mirror=red:20"),
        ["blue=90,green=10;mirror=red:20", "green=100;mirror=red:20"]
    );
    assert_eq!(
        texts("blue=100", "green=100;mirror=blue:5"),
        ["blue=90,green=10", "green=100;mirror=blue:5"]
    );
}

const NAMES: [&str; 4] = ["blue", "green", "red", "white"];

fn any_route() -> impl Strategy<Value = Route> {
    let weights = prop::collection::vec(0_u32..20, NAMES.len());
    let mirror = prop::option::of((0..NAMES.len(), 1_u32..=50));
    (weights, mirror).prop_map(|(weights, mirror)| {
        let names: Vec<DeploymentName> = NAMES.map(|name| name.parse().expect("a name")).into();
        let takers: Vec<_> = names.iter().zip(&weights).map(|(name, w)| (name, *w as u8)).collect();
        let takers: Vec<_> = takers.into_iter().filter(|(_, weight)| *weight > 0).collect();
        let rest = if takers.is_empty() { 0 } else { 100 };
        let split = Split::new(divide(rest, &takers).into_iter().map(|(n, s)| (n, u32::from(s))));
        let split = split.expect("it adds up");
        let mirror =
            mirror.map(|(name, percent)| Mirror::new(names[name].clone(), percent).expect("legal"));
        let mirror = mirror.filter(|mirror| split.share(mirror.deployment()) == 0);
        Route::new(split, mirror).expect("not live")
    })
}

fn any_policy() -> impl Strategy<Value = Promotion> {
    prop::collection::btree_set(1_u32..100, 0..9).prop_map(|steps| {
        let steps: Vec<_> = steps.into_iter().chain([100]).collect();
        policy(&steps)
    })
}

proptest! {
    /// Routes are legal by construction. This test shows that intermediate routes lie strictly between, in order, and
    /// end at the wanted route.
    #[test]
    fn intermediate_routes_lie_strictly_between(
        before in any_route(),
        after in any_route(),
        policy in any_policy(),
    ) {
        let all = stations(&before, &after, Some(&policy));
        prop_assert_eq!(&all.last().expect("one at least").route, &after);
        let all_bake = all.iter().all(|station| station.baking.is_some());
        prop_assert!(all_bake || all.len() == 1);
        let mut now = before.clone();
        for station in &all[..all.len() - 1] {
            let route = &station.route;
            prop_assert!(*route != now && *route != after);
            let sum: u32 = route.split().iter().map(|(_, share)| u32::from(share)).sum();
            prop_assert_eq!(sum, 100);
            prop_assert!(route.mirror().is_none() || route.mirror() == after.mirror());
            let shares: BTreeMap<_, _> = NAMES.iter().map(|name| {
                let name: DeploymentName = name.parse().expect("a name");
                let at = |route: &Route| route.split().share(&name);
                (name.clone(), (at(&now), at(route), at(&after)))
            }).collect();
            for (name, (was, is, to)) in &shares {
                prop_assert!((*was.min(to)..=*was.max(to)).contains(is), "{name}: {was} {is} {to}");
            }
            // A newcomer has a share of the promotion, below its final share.
            let newcomers = &station.baking.as_ref().expect("it bakes").newcomers;
            let arrives = |name: &DeploymentName| {
                let (was, is, to) = shares[name];
                was < is && is < to && policy.steps.iter().any(|step| step == is)
            };
            prop_assert!(newcomers.iter().any(arrives));
            now = route.clone();
        }
    }

    #[test]
    fn baking_deployments_got_more_and_are_compared_with_others(
        before in any_route(),
        after in any_route(),
        policy in any_policy(),
    ) {
        for station in stations(&before, &after, Some(&policy)) {
            let Some(baking) = station.baking else { continue };
            prop_assert!(!baking.newcomers.is_empty() && !baking.others.is_empty());
            let compared = if baking.others_before { &before } else { &station.route };
            for other in &baking.others {
                prop_assert!(compared.split().share(other) > 0 && !baking.newcomers.contains(other));
            }
            for name in &baking.newcomers {
                prop_assert!(before.split().share(name) < station.route.split().share(name));
            }
        }
    }
}
