//! An independent implementation of Azure's rules for endpoints, routes and deployments, and of the guards' rules. A
//! plan that no guard blocks must not break any of them.

use super::observed::Live;
use super::step::{Step, Until};
use domain::evidence::fact::EvidenceState;
use domain::guard::inputs::{Gate, GuardInputs, Image};
use domain::plan::route_maps;
use domain::provisioning::ProvisioningState;
use serde_json::Value;
use std::collections::BTreeMap;

/// A stage with one endpoint.
#[derive(Debug)]
pub(super) struct Azure {
    exists: bool,
    deployments: BTreeMap<String, ProvisioningState>,
    sizes: BTreeMap<String, Value>,
    traffic: BTreeMap<String, u64>,
    mirror: BTreeMap<String, u64>,
    facts: GuardInputs,
    written: Vec<String>,
    live_first: BTreeMap<String, u64>,
    mirror_first: u64,
    /// Cores that this plan asks for, by family.
    asked: BTreeMap<String, u64>,
}

fn shares(value: &Value) -> BTreeMap<String, u64> {
    let map = value.as_object().expect("a map");
    map.iter().map(|(name, share)| (name.clone(), share.as_u64().expect("whole"))).collect()
}

impl Azure {
    /// The same state that the planner sees.
    pub(super) fn of(live: Option<&Live>, facts: &GuardInputs) -> Self {
        let route = live.map(|live| live.endpoint.route.clone()).unwrap_or_default();
        let (traffic, mirror) = route_maps(&route);
        let (traffic, mirror) = (shares(&traffic), shares(&mirror));
        let all = || live.into_iter().flat_map(|live| &live.endpoint.deployments);
        let size = |text: &Option<String>| Value::from(text.clone().expect("a size"));
        Self {
            exists: live.is_some(),
            deployments: all().map(|d| (d.name.to_string(), d.state)).collect(),
            sizes: all().map(|d| (d.name.to_string(), size(&d.instance_type))).collect(),
            live_first: traffic.clone(),
            mirror_first: mirror.values().sum(),
            traffic,
            mirror,
            facts: facts.clone(),
            written: Vec::new(),
            asked: BTreeMap::new(),
        }
    }

    pub(super) fn apply(&mut self, step: &Step) {
        let is_open = matches!(self.facts.gate, None | Some(Gate::Open));
        assert!(is_open, "the stage takes no changes");
        let needs_endpoint = !matches!(step, Step::PutEndpoint { .. } | Step::Check { .. });
        assert!(self.exists || !needs_endpoint, "there is no endpoint yet: {step:?}");
        match step {
            Step::PutDeployment { name, body, .. } => self.put(name.as_str(), body),
            Step::DeleteDeployment { name, .. } => self.delete(name.as_str()),
            Step::SetRoute { after, .. } => {
                let (traffic, mirror) = route_maps(after);
                self.route(&traffic, &mirror);
            }
            Step::PutEndpoint { body, .. } => {
                let at = |pointer: &str| body.pointer(pointer).expect("a route is sent");
                self.route(at("/properties/traffic"), at("/properties/mirrorTraffic"));
                self.exists = true;
            }
            Step::RunLoadTest { .. } => {
                assert!(!self.facts.protected, "load tests belong on dev");
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
        // Azure cannot rename a deployment, so the rule applies only to new ones.
        let is_new = !self.deployments.contains_key(name);
        assert!(!(is_new && name.ends_with("shadow")), "a name to keep");
        if is_new {
            self.take_quota(&size, body);
        }
        self.fits_facts(body);
        self.deployments.insert(name.to_owned(), ProvisioningState::Updating);
        self.sizes.insert(name.to_owned(), size);
        self.written.push(name.to_owned());
    }

    fn take_quota(&mut self, size: &Value, body: &Value) {
        let all = self.facts.quota.as_deref().unwrap_or_default();
        let Some(quota) = all.iter().find(|quota| quota.instance_type == *size) else { return };
        let count = body.pointer("/sku/capacity").and_then(Value::as_u64).unwrap_or(1);
        let asked = self.asked.entry(quota.family.clone()).or_default();
        *asked += (count as f64 * 1.2).ceil() as u64 * u64::from(quota.cores);
        assert!(*asked <= u64::from(quota.free_cores), "{asked} cores of {quota:?}");
    }

    fn fits_facts(&self, body: &Value) {
        let text = |pointer: &str| body.pointer(pointer).and_then(Value::as_str);
        if let Some(built) = &self.facts.release_environment {
            let named = text("/properties/environmentId").unwrap_or_default();
            assert!(named.contains(&format!("/{built}/")), "{named} was not built as {built}");
            match &self.facts.image {
                Some(Image::Missing) => panic!("there is no image"),
                Some(Image::Built { at, commit_at }) => assert!(at >= commit_at, "an old image"),
                // The guard only warns of another commit.
                Some(Image::BuiltFrom { .. }) | None => {}
            }
        }
        // Azure's default (azure-wire.md §4).
        let timeout = match text("/properties/requestSettings/requestTimeout") {
            None => 5_000,
            Some("PT1M30S") => 90_000,
            Some(other) => panic!("{other}: not one of the bench's"),
        };
        if let Some(p99) = self.facts.minute_p99_ms {
            assert!(p99 < timeout, "requests of {p99} ms in {timeout} ms");
        }
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
            self.has_bandwidth(*percent);
        }
        for (name, share) in &traffic {
            let grows = self.traffic.get(name).is_none_or(|now| now < share);
            let state = self.deployments.get(name);
            let ready = state == Some(&ProvisioningState::Succeeded);
            assert!(ready || !grows, "{name} takes more and is {state:?}");
            let more = self.live_first.get(name).is_none_or(|first| first < share);
            assert!(!(more && self.written.contains(name)), "{name} is created and goes live");
            let evidence = self.facts.evidence.as_deref().unwrap_or_default();
            let mut of_it = evidence.iter().filter(|one| one.deployment.as_str() == name);
            let is_proved = of_it.all(|one| one.state == EvidenceState::Good);
            assert!(is_proved || !more, "{name} takes more without evidence");
        }
        (self.traffic, self.mirror) = (traffic, mirror);
    }

    fn has_bandwidth(&self, percent: u64) {
        if let Some(bandwidth) = self.facts.bandwidth.filter(|_| percent > self.mirror_first) {
            let copies = bandwidth.live_bytes_per_s * percent / 100;
            let all = bandwidth.live_bytes_per_s + copies;
            assert!(all <= bandwidth.limit_bytes_per_s, "{all} bytes in a second");
        }
    }

    /// Whether the plan wrote a deployment, and whether it moved the route.
    pub(super) fn was_changed(&self) -> (bool, bool) {
        let mirrored: u64 = self.mirror.values().sum();
        let moved = self.traffic != self.live_first || mirrored != self.mirror_first;
        (!self.written.is_empty(), moved)
    }
}
