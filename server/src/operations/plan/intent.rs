//! Direct intents of a person: one movement each.

use super::Planned;
use super::deployment::wanted;
use super::draft::Draft;
use super::observed::Observed;
use app::domain::guard::facts::Facts;
use app::domain::name::DeploymentName;
use app::domain::route::Route;
use app::domain::stage::EndpointKey;
use serde_json::Value;

pub(super) fn set_route(
    at: &EndpointKey,
    route: &Route,
    observed: &Observed,
    facts: &Facts,
) -> Planned {
    let mut draft = Draft::new(at, observed);
    draft.set_route(route);
    draft.finish(facts, Vec::new())
}

pub(super) fn create(
    at: &EndpointKey,
    name: &DeploymentName,
    body: &Value,
    observed: &Observed,
    facts: &Facts,
) -> Planned {
    let mut draft = Draft::new(at, observed);
    draft.create(name, body, wanted(name, body, &[]));
    draft.finish(facts, Vec::new())
}

pub(super) fn update(
    at: &EndpointKey,
    name: &DeploymentName,
    body: &Value,
    observed: &Observed,
    facts: &Facts,
) -> Planned {
    let mut draft = Draft::new(at, observed);
    draft.update(name, body, wanted(name, body, &[]));
    draft.finish(facts, Vec::new())
}

pub(super) fn delete(
    at: &EndpointKey,
    name: &DeploymentName,
    observed: &Observed,
    facts: &Facts,
) -> Planned {
    let mut draft = Draft::new(at, observed);
    draft.delete(name);
    draft.finish(facts, Vec::new())
}

pub(super) fn endpoint(
    at: &EndpointKey,
    body: &Value,
    observed: &Observed,
    facts: &Facts,
) -> Planned {
    let mut draft = Draft::new(at, observed);
    draft.put_endpoint(body);
    draft.finish(facts, Vec::new())
}
