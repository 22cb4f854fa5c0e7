//! A bench for the guards' tables: an endpoint from a few words, and one guard's judgement.

use super::case::{Case, Move, Wanted};
use super::facts::Facts;
use super::{Guard, Level};
use crate::domain::endpoint::{AuthMode, Deployment, Endpoint};
use crate::domain::name::DeploymentName;
use crate::domain::plan::Target;
use crate::domain::provisioning::ProvisioningState;
use crate::domain::route::Route;
use crate::domain::stage::EndpointKey;

pub(in crate::domain) fn name(text: &str) -> DeploymentName {
    text.parse().expect("a name")
}

pub(in crate::domain) fn route(text: &str) -> Route {
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

/// `green!Failed` is a deployment that failed.
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

/// Judges one change on an endpoint.
#[track_caller]
pub(super) fn says(
    guard: Guard,
    on: Option<&Endpoint>,
    moves: &[Move],
    facts: &Facts,
    expected: Option<(Level, &str)>,
) {
    let found = guard.judge(&Case { at: &Target::Endpoint(key()), endpoint: on, moves, facts });
    match (&found, expected) {
        (None, None) => {}
        (Some(verdict), Some((level, part)))
            if verdict.level == level && verdict.reason.contains(part) => {}
        _ => panic!("{expected:?} expected, {found:?} found"),
    }
}
