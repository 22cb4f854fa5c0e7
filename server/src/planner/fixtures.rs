//! Helpers for the planner's tests: stages and releases from a few words, and plans as text.

use super::file::{Files, Rendered};
use super::observed::{Live, Observed};
use super::pinned::{Pinned, PinnedRelease};
use super::{NoPlan, Planned, plan};
use domain::endpoint::{AuthMode, Deployment, Endpoint};
use domain::guard::Level;
use domain::guard::inputs::GuardInputs;
use domain::provisioning::ProvisioningState;
use domain::release::input::{Given, Inputs};
use domain::release::origin::Origin;
use domain::release::path::RepoPath;
use domain::release::{Release, Template};
use domain::repository::ReleaseId;
use domain::stage::EndpointKey;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

/// Names of deployments. The last one is invalid for a new deployment.
pub(super) const NAMES: [&str; 4] = ["anet-eedi", "anet-green", "anet-red", "anet-shadow"];
pub(super) const SIZE: &str = "Standard_DS3_v2";

/// A deployment's body as a file renders it.
pub(super) fn body(version: u32, size: &str) -> Value {
    json!({"tags": {}, "sku": {"name": "Default", "capacity": 1}, "properties": {
        "endpointComputeType": "Managed", "instanceType": size, "appInsightsEnabled": false,
        "model": format!("/subscriptions/s/models/nbq/versions/{version}"),
        "environmentId": "/subscriptions/s/environments/ml-azua-litserve-env/versions/1",
        "environmentVariables": {}, "properties": {}}})
}

pub(super) fn endpoint_body() -> Value {
    json!({"tags": {"team": "data-science"}, "identity": {"type": "SystemAssigned"},
        "properties": {"authMode": "Key", "description": "", "properties": {}}})
}

/// An endpoint with deployments such as `anet-eedi:1` or `anet-green:2!Failed`: name, model version and state.
pub(super) fn live(key: &str, words: &str, route: &str) -> Live {
    let (stage, endpoint) = key.split_once('/').expect("stage/endpoint");
    let key = EndpointKey {
        stage: stage.parse().expect("a stage"),
        endpoint: endpoint.parse().expect("an endpoint"),
    };
    let mut deployments = Vec::new();
    let mut bodies = BTreeMap::new();
    for word in words.split_whitespace() {
        let (word, state) = word.split_once('!').unwrap_or((word, "Succeeded"));
        let (name, version) = word.split_once(':').expect("name:version");
        let version = version.parse().expect("a number");
        let mut live = body(version, SIZE);
        live["properties"]["provisioningState"] = json!(state);
        live["location"] = json!("westeurope");
        bodies.insert(name.parse().expect("a name"), Arc::new(live));
        deployments.push(Deployment {
            name: name.parse().expect("a name"),
            state: ProvisioningState::from_azure(state),
            phase: None,
            instance_type: Some(SIZE.to_owned()),
            instance_count: Some(1),
            model: Some(format!("nbq:{version}")),
            environment: Some("ml-azua-litserve-env:1".to_owned()),
            description: None,
            request_timeout_ms: Some(5_000),
            max_concurrent_requests: None,
            created: None,
            failure: None,
            settings: None,
            secrets: None,
        });
    }
    let mut own = endpoint_body();
    own["location"] = json!("westeurope");
    let endpoint = Endpoint {
        key,
        state: ProvisioningState::Succeeded,
        route: route.parse().expect("a route"),
        route_problem: None,
        auth: AuthMode::Key,
        scoring_uri: None,
        description: None,
        kubernetes: false,
        deployments,
    };
    Live { endpoint: Arc::new(endpoint), body: Some(Arc::new(own)), deployments: bodies }
}

/// The README's deploy block with changed inputs.
pub(super) fn release(extra: &[(&str, Given)]) -> Release {
    let folder = "./mlops/azureml/configs/project_prime";
    let text = |text: &str| Given::text(text);
    let mut inputs: Inputs = [
        ("environment", text("anet-dev")),
        ("environment_config_file", text("config-infra-anet-dev.yml")),
        ("deploy", Given::Bool(false)),
        ("run_load_test", Given::Bool(false)),
        ("load_test_config", text(&format!("{folder}/load_test_nbq.yml"))),
        ("load_test_name", text("nbq-allcandidates_alltargets_10x")),
        ("endpoint_name", text("anet-ep-dev")),
        ("deployment_name", text("anet-eedi")),
        ("endpoint_config", text(&format!("{folder}/endpoint_dev.yml"))),
        ("deployment_config", text(&format!("{folder}/deployment_dev.yml"))),
    ]
    .into_iter()
    .map(|(key, given)| (key.to_owned(), given))
    .collect();
    for (key, given) in extra {
        match given {
            // `Null` removes an input.
            Given::Null => inputs.remove(key),
            given => inputs.insert(*key, given.clone(), None),
        };
    }
    let origin = Origin {
        repository: "Eedi/ml-azua".to_owned(),
        commit: Some("0123456789abcdef0123456789abcdef01234567".to_owned()),
        ..Origin::default()
    };
    Release::read(origin, Template::DeployRealtime, inputs)
}

/// The files of [`release`]: version 1 for the primary, version 2 in `green.yml`, a larger size in `big.yml`, and a
/// long timeout in `slow.yml`.
pub(super) fn files() -> Files {
    let folder = "mlops/azureml/configs/project_prime";
    let file = |path: &str, body: Value| {
        (path.parse().expect("a path"), Rendered { body, ..Rendered::default() })
    };
    let mut slow = body(3, SIZE);
    slow["properties"]["requestSettings"] = json!({"requestTimeout": "PT1M30S"});
    Files::from([
        file(&format!("{folder}/endpoint_dev.yml"), endpoint_body()),
        file(&format!("{folder}/deployment_dev.yml"), body(1, SIZE)),
        file("green.yml", body(2, SIZE)),
        file("big.yml", body(2, "Standard_F8s_v2")),
        file("slow.yml", slow),
    ])
}

/// The inputs of a blue/green release with blue live and green being deployed.
pub(super) fn blue_green(extra: &[(&'static str, Given)]) -> Vec<(&'static str, Given)> {
    let mut all = vec![
        ("deploy", Given::Null),
        ("deployment_name", Given::Null),
        ("deployment_config", Given::Null),
        ("templates_repo_ref", text("v2.2.4")),
        ("deploy_blue", Given::Bool(false)),
        ("deploy_green", Given::Bool(true)),
        ("blue_deployment_name", text("anet-eedi")),
        ("green_deployment_name", text("anet-green")),
        ("green_deployment_config", text("green.yml")),
        ("blue_traffic_percentage", Given::Integer(100)),
        ("ml_env_name", text("ml-azua-litserve-env")),
    ];
    for (key, given) in extra {
        all.retain(|(one, _)| one != key);
        all.push((key, given.clone()));
    }
    all
}

/// Plans a release with more files.
pub(super) fn with_files(
    extra: &[(&str, Given)],
    observed: Observed,
    more: &[(&RepoPath, &Rendered)],
) -> Planned {
    let mut all = files();
    all.extend(more.iter().map(|(path, file)| ((*path).clone(), (*file).clone())));
    let intent = carrying_out(&release(extra), all);
    plan(&intent, &observed, &GuardInputs::default()).expect("a plan")
}

/// The intent to carry out a release.
pub(super) fn carrying_out(release: &Release, files: Files) -> Pinned {
    let release = PinnedRelease::new(ReleaseId::default(), release.clone(), files);
    Pinned::Release { release: Box::new(release) }
}

pub(super) fn planned(
    release: &Release,
    live: Option<Live>,
    facts: &GuardInputs,
) -> Result<Planned, NoPlan> {
    let observed = live.map_or_else(Observed::default, Observed::of);
    plan(&carrying_out(release, files()), &observed, facts)
}

/// Steps, changed fields, and verdicts other than passed, one per line.
pub(super) fn lines(planned: &Planned) -> String {
    let mut text = String::new();
    for step in &planned.plan.steps {
        writeln!(text, "{}: {}", step.kind.label(), step.text).expect("text");
    }
    for found in planned.plan.differences.iter().filter(|found| found.is_change()) {
        let side = |value: &Option<String>| value.clone().unwrap_or_else(|| "–".to_owned());
        let (before, after) = (side(&found.before), side(&found.after));
        writeln!(text, "~ {} {}: {before} → {after}", found.subject, found.field).expect("text");
    }
    for verdict in planned.plan.verdicts.iter().filter(|found| found.level != Level::Passes) {
        writeln!(text, "! {:?} {}: {}", verdict.level, verdict.guard, verdict.reason)
            .expect("text");
    }
    text
}

/// The text of a release's plan for an endpoint with deployments and a route.
pub(super) fn plans(extra: &[(&str, Given)], deployments: &str, route: &str) -> String {
    let live = live("anet-dev/anet-ep-dev", deployments, route);
    lines(&planned(&release(extra), Some(live), &GuardInputs::default()).expect("a plan"))
}

pub(super) fn text(text: &str) -> Given {
    Given::text(text)
}

pub(super) const DEPLOY: (&str, Given) = ("deploy", Given::Bool(true));

pub(super) fn shadow(extra: &[(&'static str, Given)]) -> Vec<(&'static str, Given)> {
    let mut all = vec![DEPLOY, ("shadow_deployment_name", text("anet-green"))];
    all.extend_from_slice(extra);
    all
}

pub(super) fn mirrored(config: &str) -> Vec<(&'static str, Given)> {
    shadow(&[
        ("shadow_deployment_config", text(config)),
        ("shadow_deploment_mirror_percentage", Given::Integer(20)),
    ])
}
