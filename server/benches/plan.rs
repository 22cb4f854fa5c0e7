//! Planning a release: on a stage of 1,000 endpoints, and for each of 1,000 endpoints in turn; and the
//! list's part: comparing 1,000 releases with what runs, from the texts that the observer keeps.

use criterion::{Criterion, criterion_group, criterion_main};
use domain::endpoint::{AuthMode, Deployment, Endpoint};
use domain::guard::inputs::{Bandwidth, GuardInputs, Quota};
use domain::name::{DeploymentName, EndpointName};
use domain::provisioning::ProvisioningState;
use domain::release::input::{Given, Inputs};
use domain::release::origin::Origin;
use domain::release::{Release, Template};
use domain::repository::ReleaseId;
use domain::stage::EndpointKey;
use serde_json::{Value, json};
use server::planner::bodies::{Bodies, Body};
use server::planner::drift::drift;
use server::planner::file::{Files, Rendered};
use server::planner::observed::{Live, Observed, Presence, Watch};
use server::planner::pinned::{Pinned, PinnedRelease};
use server::planner::plan;
use std::collections::BTreeMap;
use std::hint::black_box;
use std::sync::Arc;

const ENDPOINTS: usize = 1_000;

fn body(version: u32) -> Value {
    let variables: BTreeMap<_, _> = (0..20).map(|n| (format!("NAME_{n}"), json!(n))).collect();
    json!({"location": "westeurope", "tags": {"team": "data-science"},
        "sku": {"name": "Default", "capacity": 3},
        "properties": {"endpointComputeType": "Managed", "instanceType": "Standard_DS3_v2",
            "model": format!("/subscriptions/s/models/nbq/versions/{version}"),
            "environmentId": "/subscriptions/s/environments/env/versions/1",
            "environmentVariables": variables, "appInsightsEnabled": false, "properties": {},
            "requestSettings": {"requestTimeout": "PT1M30S", "maxConcurrentRequestsPerInstance": 4},
            "provisioningState": "Succeeded"}})
}

fn endpoint_body() -> Value {
    json!({"location": "westeurope", "tags": {}, "identity": {"type": "SystemAssigned"},
        "properties": {"authMode": "Key", "description": "", "properties": {}}})
}

fn endpoint_name(number: usize) -> EndpointName {
    format!("anet-ep-{number}").parse().expect("a name")
}

fn live(number: usize) -> Live {
    let names: [DeploymentName; 2] =
        ["anet-eedi", "anet-green"].map(|n| n.parse().expect("a name"));
    let deployment = |name: &DeploymentName| Deployment {
        name: name.clone(),
        state: ProvisioningState::Succeeded,
        phase: None,
        instance_type: Some("Standard_DS3_v2".to_owned()),
        instance_count: Some(3),
        model: None,
        environment: None,
        description: None,
        request_timeout_ms: Some(90_000),
        max_concurrent_requests: Some(4),
        created: None,
        failure: None,
        settings: None,
        secrets: None,
    };
    let endpoint = Endpoint {
        key: EndpointKey {
            stage: "anet-prod".parse().expect("a stage"),
            endpoint: endpoint_name(number),
        },
        state: ProvisioningState::Succeeded,
        route: "anet-eedi=100;mirror=anet-green:10".parse().expect("a route"),
        route_problem: None,
        auth: AuthMode::Key,
        scoring_uri: None,
        description: None,
        kubernetes: false,
        deployments: names.iter().map(deployment).collect(),
    };
    Live {
        endpoint: Arc::new(endpoint),
        body: Some(Arc::new(endpoint_body())),
        deployments: names.into_iter().map(|name| (name, Arc::new(body(1)))).collect(),
    }
}

fn watch() -> Watch {
    Watch {
        diagnostics: Presence::Present(Arc::new(json!({"properties": {"logs": []}}))),
        alert: Presence::Absent,
    }
}

fn release(number: usize) -> Release {
    let text = |text: &str| Given::text(text);
    let name = endpoint_name(number);
    let inputs: Inputs = [
        ("environment", text("anet-prod")),
        ("environment_config_file", text("config.yml")),
        ("deploy", Given::Bool(true)),
        ("run_load_test", Given::Bool(false)),
        ("endpoint_name", text(name.as_str())),
        ("endpoint_config", text("endpoint.yml")),
        ("deployment_name", text("anet-eedi")),
        ("deployment_config", text("eedi.yml")),
        ("shadow_deployment_name", text("anet-green")),
        ("shadow_deployment_config", text("green.yml")),
        ("shadow_deployment_mirror_percentage", Given::Integer(20)),
    ]
    .into_iter()
    .map(|(key, given)| (key.to_owned(), given))
    .collect();
    Release::read(Origin::default(), Template::DeployRealtime, inputs)
}

fn files() -> Files {
    let file = |path: &str, body: Value| {
        (path.parse().expect("a path"), Rendered { body, ..Rendered::default() })
    };
    Files::from([
        file("endpoint.yml", endpoint_body()),
        file("eedi.yml", body(1)),
        file("green.yml", body(2)),
    ])
}

/// What guards judge by: a region has a few hundred machine sizes.
fn facts() -> GuardInputs {
    let quota = |number: u32| Quota {
        instance_type: format!("Standard_X{number}_v2"),
        family: format!("x{}", number % 40),
        cores: number % 64,
        free_cores: 500,
    };
    let mut quotas: Vec<_> = (0..300).map(quota).collect();
    quotas.push(Quota { instance_type: "Standard_DS3_v2".to_owned(), ..quota(4) });
    GuardInputs {
        quota: Some(quotas),
        minute_p99_ms: Some(120),
        bandwidth: Some(Bandwidth { live_bytes_per_s: 90_000, limit_bytes_per_s: 5_000_000 }),
        nowhere: Some(Vec::new()),
        ..GuardInputs::default()
    }
}

fn bodies() -> Bodies {
    let deployments = [("anet-eedi", body(1)), ("anet-green", body(1))];
    let kept = |(name, body): (&str, Value)| (name.parse().expect("a name"), Body::new(&body));
    Bodies {
        endpoint: Body::new(&endpoint_body()),
        deployments: deployments.into_iter().map(kept).collect(),
    }
}

fn benches(criterion: &mut Criterion) {
    let endpoints: BTreeMap<EndpointName, Live> =
        (0..ENDPOINTS).map(|number| (endpoint_name(number), live(number))).collect();
    let watched = endpoints.keys().map(|name: &EndpointName| (name.clone(), watch())).collect();
    let observed = Observed { endpoints, watched, ..Observed::default() };
    let (files, facts) = (files(), facts());
    let pinned = |number| {
        let release = PinnedRelease::new(ReleaseId::default(), release(number), files.clone());
        Pinned::Release { release: Box::new(release) }
    };
    let one = pinned(ENDPOINTS / 2);
    let run = |intent: &Pinned| plan(intent, &observed, &facts).expect("a plan");
    criterion.bench_function("plan a release on a stage of 1,000 endpoints", |bencher| {
        bencher.iter(|| run(black_box(&one)));
    });
    let all: Vec<_> = (0..ENDPOINTS).map(pinned).collect();
    criterion.bench_function("plan 1,000 releases, one for each endpoint", |bencher| {
        bencher.iter(|| {
            for release in &all {
                black_box(run(black_box(release)));
            }
        });
    });
}

fn compare(criterion: &mut Criterion) {
    let files = files();
    let endpoints: Vec<_> =
        (0..ENDPOINTS).map(|number| (live(number).endpoint, bodies())).collect();
    let releases: Vec<_> = (0..ENDPOINTS).map(release).collect();
    criterion.bench_function("compare 1,000 releases with what runs", |bencher| {
        bencher.iter(|| {
            for (release, (endpoint, bodies)) in releases.iter().zip(&endpoints) {
                let observed = Observed::of(Live::with(Arc::clone(endpoint), bodies));
                black_box(drift(black_box(release), &endpoint.key, &files, &observed));
            }
        });
    });
}

criterion_group!(group, benches, compare);
criterion_main!(group);
