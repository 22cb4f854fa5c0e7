//! A new route: its differences, and the preview under the sliders.

use super::step::PlannedStep;
use super::way::{Outline, way};
use super::{Difference, Plan, Subject, Target};
use crate::domain::endpoint::Endpoint;
use crate::domain::guard;
use crate::domain::guard::facts::Facts;
use crate::domain::name::{DeploymentName, EndpointName};
use crate::domain::route::Route;
use std::collections::{BTreeMap, BTreeSet};

/// Who gets what, before and after, for everybody that either route names.
#[must_use]
pub fn differences(before: &Route, after: &Route) -> Vec<Difference> {
    // Extended, not collected: that would bring a sort to the browser.
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

/// What is done, in words: the same that the server plans.
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
    /// A preview of a new route, by the guards that the browser can judge with; `outline` is what the stage's
    /// policy says about how it moves, `facts` what the page knows beside the endpoint.
    #[must_use]
    pub fn route(
        endpoint: &Endpoint,
        after: &Route,
        outline: Option<&Outline>,
        facts: &Facts,
    ) -> Self {
        let before = &endpoint.route;
        let name = &endpoint.key.endpoint;
        Self {
            target: Target::Endpoint(endpoint.key.clone()),
            base: before.clone(),
            made_of: BTreeMap::new(),
            steps: steps(name, before, after, outline),
            differences: differences(before, after),
            verdicts: guard::over_route(endpoint, after, facts),
            questions: Vec::new(),
            hash: None,
        }
    }
}
