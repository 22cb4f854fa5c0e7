//! A new route: its differences, and the preview under the sliders.

use super::rollout_path::{Outline, way};
use super::step::PlannedStep;
use super::{Difference, Plan, Subject, Target};
use crate::endpoint::Endpoint;
use crate::guard;
use crate::guard::inputs::GuardInputs;
use crate::name::{DeploymentName, EndpointName};
use crate::route::Route;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// The shares before and after, for each deployment that either route names.
#[must_use]
pub fn differences(before: &Route, after: &Route) -> Vec<Difference> {
    // `extend`, not `collect`, which would add a sort to the browser's code.
    let mut names = BTreeSet::new();
    names.extend(before.named().chain(after.named()));
    let percent = |share: u8| (share > 0).then(|| format!("{share} %"));
    let mirrored = |route: &Route, name: &DeploymentName| {
        let mirror = route.mirror().filter(|mirror| mirror.deployment() == name)?;
        percent(mirror.percent())
    };
    let mut differences = Vec::new();
    let mut add = |field: String, before: Option<String>, after: Option<String>| {
        if before.is_some() || after.is_some() {
            differences.push(Difference { subject: Subject::Endpoint, field, before, after });
        }
    };
    for name in &names {
        let (from, to) = (before.split().share(name), after.split().share(name));
        add(format!("/properties/traffic/{name}"), percent(from), percent(to));
    }
    for name in &names {
        let field = format!("/properties/mirrorTraffic/{name}");
        add(field, mirrored(before, name), mirrored(after, name));
    }
    differences
}

/// The steps in words, equal to those that the server plans.
fn steps(
    name: &EndpointName,
    before: &Route,
    after: &Route,
    outline: Option<&Outline>,
) -> Vec<PlannedStep> {
    let mut steps = vec![PlannedStep::check_route(name)];
    let mut now = before.clone();
    for leg in way(before, after, outline.map(|outline| &*outline.shares)) {
        steps.push(PlannedStep::set_route(name, &now, &leg.route));
        steps.push(PlannedStep::wait_for_route());
        if let Some(Outline { bakes, conditions, .. }) = outline
            && !leg.newcomers.is_empty()
        {
            steps.push(PlannedStep::bake(&leg.newcomers, bakes, conditions));
        }
        now = leg.route;
    }
    steps
}

impl Plan {
    /// A preview of a new route, with the guards that can run in the browser. `outline`: the stage's promotion.
    /// `facts`: the facts on the page beside the endpoint.
    #[must_use]
    pub fn route(
        endpoint: &Endpoint,
        after: &Route,
        outline: Option<&Outline>,
        facts: &GuardInputs,
    ) -> Self {
        let before = &endpoint.route;
        let name = &endpoint.key.endpoint;
        Self {
            target: Target::Endpoint(endpoint.key.clone()),
            base: before.clone(),
            made_of: BTreeMap::new(),
            images: BTreeMap::new(),
            steps: steps(name, before, after, outline),
            differences: differences(before, after),
            verdicts: guard::over_route(endpoint, after, facts),
            questions: Vec::new(),
            hash: None,
        }
    }
}

/// `properties.traffic` and `properties.mirrorTraffic` of an endpoint with this route. The hash of a plan, its download
/// and the PUT all use this function.
#[must_use]
pub fn maps(route: &Route) -> (Value, Value) {
    let traffic: Map<_, _> =
        route.split().iter().map(|(name, share)| (name.to_string(), json!(share))).collect();
    let mirror: Map<_, _> = route
        .mirror()
        .map(|mirror| (mirror.deployment().to_string(), json!(mirror.percent())))
        .into_iter()
        .collect();
    (Value::Object(traffic), Value::Object(mirror))
}
