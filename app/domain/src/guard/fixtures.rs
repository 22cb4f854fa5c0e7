//! Helpers for tests of guards: an endpoint from a few words, and a check of one guard's verdict.

use super::context::{GuardContext, Move, Wanted};
use super::inputs::GuardInputs;
use super::{Guard, Level};
use crate::endpoint::{AuthMode, Deployment, Endpoint};
use crate::name::DeploymentName;
use crate::provisioning::ProvisioningState;
use crate::route::Route;
use crate::stage::EndpointKey;
use crate::target::Target;

pub(crate) fn name(text: &str) -> DeploymentName {
    text.parse().expect("a name")
}

pub(crate) fn route(text: &str) -> Route {
    text.parse().expect("a route")
}

pub(super) fn set_route(text: &str) -> Move {
    Move::SetRoute(route(text))
}

pub(super) fn delete(text: &str) -> Move {
    Move::Delete(name(text))
}

pub(super) fn wanted(text: &str) -> Wanted {
    Wanted {
        name: name(text),
        instance_type: Some("Standard_DS3_v2".to_owned()),
        instance_count: Some(3),
        environment: Some("env".to_owned()),
        request_timeout_ms: Some(5_000),
        assets: Vec::new(),
        unregistered: Vec::new(),
        latest: Vec::new(),
    }
}

pub(super) fn key() -> EndpointKey {
    EndpointKey {
        stage: "anet-prod".parse().expect("a stage"),
        endpoint: "anet-ep".parse().expect("an endpoint"),
    }
}

/// An endpoint with the deployments in `words` and the route `at`. `green!Failed` is a failed deployment.
pub(crate) fn endpoint(words: &str, at: &str) -> Endpoint {
    let deployment = |word: &str| {
        let (text, state) = word.split_once('!').unwrap_or((word, "Succeeded"));
        Deployment {
            name: name(text),
            state: ProvisioningState::from_azure(state),
            phase: None,
            instance_type: Some("Standard_DS3_v2".to_owned()),
            instance_count: Some(3),
            model: None,
            environment: Some("env:1".to_owned()),
            description: None,
            request_timeout_ms: Some(5_000),
            max_concurrent_requests: None,
            created: None,
            failure: None,
            settings: None,
            secrets: None,
        }
    };
    Endpoint {
        key: key(),
        state: ProvisioningState::Succeeded,
        route: route(at),
        route_problem: None,
        auth: AuthMode::Key,
        scoring_uri: None,
        description: None,
        kubernetes: false,
        deployments: words.split_whitespace().map(deployment).collect(),
    }
}

/// Asserts the level of a guard's verdict and a part of its reason; `None` for no verdict.
#[track_caller]
pub(super) fn says(
    guard: Guard,
    on: Option<&Endpoint>,
    moves: &[Move],
    facts: &GuardInputs,
    expected: Option<(Level, &str)>,
) {
    let found =
        guard.judge(&GuardContext { at: &Target::Endpoint(key()), endpoint: on, moves, facts });
    match (&found, expected) {
        (None, None) => {}
        (Some(verdict), Some((level, part)))
            if verdict.level == level && verdict.reason.contains(part) => {}
        _ => panic!("{expected:?} expected, {found:?} found"),
    }
}
