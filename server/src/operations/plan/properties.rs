//! Whatever the state, the release and the policy: a plan that no guard blocks breaks no rule of Azure at
//! any of its steps. The rules are written down a second time here, on a small Azure of maps.

use super::step::{Step, Until};
use super::trial::{live, planned, release};
use app::domain::guard::facts::{Facts, Gate};
use app::domain::provisioning::ProvisioningState;
use app::domain::release::input::Given;
use proptest::prelude::*;
use serde_json::Value;
use std::collections::BTreeMap;

const NAMES: [&str; 4] = ["anet-eedi", "anet-green", "anet-red", "anet-shadow"];
const STATES: [&str; 5] = ["Succeeded", "Failed", "Updating", "Deleting", "Canceled"];

/// Azure, as far as its rules about routes and deployments go.
#[derive(Debug)]
struct Azure {
    deployments: BTreeMap<String, ProvisioningState>,
    sizes: BTreeMap<String, Value>,
    traffic: BTreeMap<String, u64>,
    mirror: BTreeMap<String, u64>,
    /// What this plan wrote.
    written: Vec<String>,
    live_first: BTreeMap<String, u64>,
}

fn shares(value: &Value) -> BTreeMap<String, u64> {
    let map = value.as_object().expect("a map");
    map.iter().map(|(name, share)| (name.clone(), share.as_u64().expect("whole"))).collect()
}

impl Azure {
    fn apply(&mut self, step: &Step) {
        match step {
            Step::PutDeployment { name, body, .. } => self.put(name.as_str(), body),
            Step::DeleteDeployment { name, .. } => self.delete(name.as_str()),
            Step::SetRoute { traffic, mirror_traffic, .. } => self.route(traffic, mirror_traffic),
            Step::PutEndpoint { body, .. } => {
                let at = |pointer: &str| body.pointer(pointer).expect("a route is sent");
                self.route(at("/properties/traffic"), at("/properties/mirrorTraffic"));
            }
            Step::Wait { until: Until::DeploymentSucceeded { name } } => {
                self.deployments.insert(name.to_string(), ProvisioningState::Succeeded);
            }
            Step::Wait { until: Until::DeploymentGone { name } } => {
                assert!(!self.deployments.contains_key(name.as_str()), "it is gone");
            }
            _ => {}
        }
    }

    fn put(&mut self, name: &str, body: &Value) {
        let size = body.pointer("/properties/instanceType").cloned().unwrap_or_default();
        assert_eq!(self.traffic.get(name), None, "nothing live is written in place");
        if let Some(state) = self.deployments.get(name) {
            assert!(!state.is_busy(), "{name} is busy");
            assert_eq!(self.sizes.get(name), Some(&size), "the machine size is create-only");
        }
        assert!(self.deployments.len() < 20 || self.deployments.contains_key(name));
        assert!(!name.ends_with("shadow"), "a name to keep");
        self.deployments.insert(name.to_owned(), ProvisioningState::Updating);
        self.sizes.insert(name.to_owned(), size);
        self.written.push(name.to_owned());
    }

    fn delete(&mut self, name: &str) {
        let state = self.deployments.remove(name).expect("it was there");
        assert!(!state.is_busy(), "{name} is changing");
        assert_eq!(self.traffic.get(name), None, "nothing live is deleted");
        assert_eq!(self.mirror.get(name), None, "nothing mirrored is deleted");
        self.sizes.remove(name);
    }

    fn route(&mut self, traffic: &Value, mirror: &Value) {
        let (traffic, mirror) = (shares(traffic), shares(mirror));
        let sum: u64 = traffic.values().sum();
        assert!(sum == 0 || sum == 100, "live adds up to {sum}");
        assert!(mirror.len() <= 1, "one mirror");
        for (name, percent) in &mirror {
            assert!((1..=50).contains(percent) && !traffic.contains_key(name), "{name}");
        }
        for (name, share) in &traffic {
            let grows = self.traffic.get(name).is_none_or(|now| now < share);
            let state = self.deployments.get(name);
            let ready = state == Some(&ProvisioningState::Succeeded);
            assert!(ready || !grows, "{name} takes more and is {state:?}");
            let more = self.live_first.get(name).is_none_or(|first| first < share);
            assert!(!(more && self.written.contains(name)), "{name} is created and goes live");
        }
        (self.traffic, self.mirror) = (traffic, mirror);
    }
}

fn deployments() -> impl Strategy<Value = Vec<(usize, usize, u32)>> {
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

fn inputs() -> impl Strategy<Value = Vec<(&'static str, Given)>> {
    let name = || prop::sample::select(&NAMES[..]).prop_map(Given::text);
    let percent = || prop_oneof![(0_i64..=100).prop_map(Given::Integer), Just(Given::Null)];
    let file = prop_oneof![
        Just(Given::Null),
        Just(Given::text("green.yml")),
        Just(Given::text("big.yml"))
    ];
    let shadow = prop_oneof![1 => Just(Given::Null), 3 => name()];
    let flags = (any::<bool>(), any::<bool>());
    (flags, name(), shadow, file, percent(), percent()).prop_map(
        |((deploy, test), primary, shadow, file, mirror, traffic)| {
            vec![
                ("deploy", Given::Bool(deploy)),
                ("run_load_test", Given::Bool(test)),
                ("deployment_name", primary),
                ("shadow_deployment_name", shadow),
                ("shadow_deployment_config", file),
                ("shadow_deployment_mirror_percentage", mirror),
                ("shadow_deployment_traffic_percentage", traffic),
            ]
        },
    )
}

fn facts() -> impl Strategy<Value = Facts> {
    (any::<bool>(), any::<bool>(), prop::option::of(Just(Gate::Open))).prop_map(
        |(protected, load_tests_allowed, gate)| Facts {
            protected,
            load_tests_allowed,
            gate,
            ..Facts::default()
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn no_plan_breaks_a_rule_of_azure(
        there in deployments(),
        route in route(),
        inputs in inputs(),
        facts in facts(),
    ) {
        let mut words = String::new();
        let mut states = BTreeMap::new();
        let mut sizes = BTreeMap::new();
        for (name, state, version) in there {
            let (name, state) = (NAMES[name], STATES[state]);
            if states.insert(name.to_owned(), ProvisioningState::from_azure(state)).is_none() {
                words.push_str(&format!(" {name}:{version}!{state}"));
            } else {
                continue;
            }
            sizes.insert(name.to_owned(), Value::from(super::trial::SIZE));
        }
        // `live` reads the first of equal names; so does this.
        let live = live("anet-dev/anet-ep-dev", &words, &route);
        for deployment in &live.endpoint.deployments {
            states.insert(deployment.name.to_string(), deployment.state);
        }
        let (traffic, mirror) = super::step::maps(&live.endpoint.route);
        let mut azure = Azure {
            deployments: states,
            sizes,
            traffic: shares(&traffic),
            mirror: shares(&mirror),
            written: Vec::new(),
            live_first: shares(&traffic),
        };
        if let Ok(planned) = planned(&release(&inputs), Some(live), &facts)
            && planned.plan.blocked().is_none()
        {
            prop_assert!(planned.plan.hash.is_some());
            for step in &planned.steps {
                azure.apply(step);
            }
        }
    }
}
