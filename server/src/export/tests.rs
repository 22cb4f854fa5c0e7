//! Tests of the exact exports.

use super::*;
use crate::azure::arm::Workspace;
use crate::planner::observed::{Live, Observed};
use crate::planner::pinned::{Pinned, PinnedDeployment};
use crate::planner::{Planned, plan};
use domain::endpoint::{AuthMode, Deployment, Endpoint};
use domain::guard::inputs::GuardInputs;
use domain::provisioning::ProvisioningState;
use domain::release::input::{Given, Inputs};
use domain::stage::EndpointKey;
use domain::timestamp::Timestamp;
use insta::assert_snapshot;
use serde_json::json;
use std::sync::Arc;

fn workspace() -> Workspace {
    Workspace {
        subscription: "11111111-1111-1111-1111-111111111111".to_owned(),
        resource_group: "anet-0001".to_owned(),
        name: "mlw-anet-0001prod".to_owned(),
    }
}

fn deployment_body() -> serde_json::Value {
    let asset = |kind: &str| format!("{}/{kind}/nbq/versions/2", workspace().id());
    json!({"location": "westeurope", "tags": {"team": "it's us"}, "sku": {"name": "Default", "capacity": 3},
        "properties": {"endpointComputeType": "Managed", "instanceType": "Standard_DS3_v2",
            "model": asset("models"), "environmentId": "azureml://registries/r/environments/e/versions/1",
            "codeConfiguration": {"codeId": "/subscriptions/other/codes/c/versions/1", "scoringScript": "score.py"},
            "environmentVariables": {"API_KEY": "s3cret", "DEPTH": 3},
            "requestSettings": {"requestTimeout": "PT1M30S", "maxConcurrentRequestsPerInstance": 4,
                "maxQueueWait": "PT0S"},
            "livenessProbe": {"initialDelay": "PT10M", "period": "PT10S", "failureThreshold": 30},
            "scaleSettings": {"scaleType": "Default"}, "egressPublicNetworkAccess": "Disabled",
            "dataCollector": {"collections": {"model_inputs": {"dataCollectionMode": "Enabled",
                "samplingRate": 0.5}}, "rollingRate": "Hour",
                "requestLogging": {"captureHeaders": ["user-agent"]}}}})
}

fn endpoint(route: &str) -> Endpoint {
    Endpoint {
        key: EndpointKey {
            stage: "anet-prod".parse().expect("a stage"),
            endpoint: "anet-ep-prod".parse().expect("an endpoint"),
        },
        state: ProvisioningState::Succeeded,
        route: route.parse().expect("a route"),
        route_problem: None,
        auth: AuthMode::Key,
        scoring_uri: None,
        description: None,
        kubernetes: false,
        deployments: Vec::new(),
    }
}

fn creation() -> Pinned {
    let (name, body) = ("anet-red".parse().expect("name"), deployment_body());
    let deployment = PinnedDeployment { name, body };
    Pinned::CreateDeployment { at: endpoint("").key, deployment }
}

fn planned(intent: &Pinned, route: &str) -> Planned {
    let observed = Observed::of(Live::of(Arc::new(endpoint(route))));
    plan(intent, &observed, &GuardInputs::default()).expect("a plan")
}

#[test]
fn a_deployment_becomes_cli_yaml() {
    let (at, name) = ("anet-ep-prod".parse().expect("name"), "anet-green".parse().expect("name"));
    let yaml = text(&deployment::yaml(&at, &name, &deployment_body(), Some(&workspace().id())));
    assert_snapshot!(yaml, @r"
    $schema: https://azuremlschemas.azureedge.net/latest/managedOnlineDeployment.schema.json
    name: anet-green
    endpoint_name: anet-ep-prod
    model: azureml:nbq:2
    environment: azureml://registries/r/environments/e/versions/1
    code_configuration:
      code: azureml:/subscriptions/other/codes/c/versions/1
      scoring_script: score.py
    environment_variables:
      API_KEY: (hidden)
      DEPTH: 3
    instance_type: Standard_DS3_v2
    instance_count: 3
    egress_public_network_access: disabled
    scale_settings:
      type: default
    request_settings:
      request_timeout_ms: 90000
      max_concurrent_requests_per_instance: 4
    liveness_probe:
      initial_delay: 600
      period: 10
      failure_threshold: 30
    data_collector:
      collections:
        model_inputs:
          enabled: 'True'
      sampling_rate: 0.5
      rolling_rate: hour
      request_logging:
        capture_headers:
        - user-agent
    tags:
      team: it's us
    ");
}

#[test]
fn an_endpoint_becomes_cli_yaml() {
    let body = json!({"tags": {"team": "data-science"},
        "identity": {"type": "UserAssigned", "userAssignedIdentities": {"/subscriptions/s/u": {"clientId": "c"}}},
        "properties": {"authMode": "AMLToken", "publicNetworkAccess": "Disabled",
            "traffic": {"blue": 100}, "mirrorTraffic": {}}});
    let yaml = text(&endpoint::yaml(&"anet-ep".parse().expect("name"), &body));
    assert_snapshot!(yaml, @r"
    $schema: https://azuremlschemas.azureedge.net/latest/managedOnlineEndpoint.schema.json
    name: anet-ep
    auth_mode: aml_token
    public_network_access: disabled
    identity:
      type: user_assigned
      user_assigned_identities:
      - resource_id: /subscriptions/s/u
    traffic:
      blue: 100
    tags:
      team: data-science
    ");
}

#[test]
fn a_plan_becomes_commands() {
    let at = endpoint("").key;
    let route = "anet-green=100".parse().expect("a route");
    let intent = Pinned::SetRoute { at, route };
    let script =
        commands::script(&planned(&intent, "anet-eedi=100;mirror=anet-green:20"), &workspace());
    assert_snapshot!(script, @r#"
    #!/bin/sh
    # Plan 12a2f00752b5ddac3bcaa8d3094c4e5b652a11cfdf17a8aa23a14516b32fa634
    set -eu
    # This plan must not be carried out:
    #   There is no deployment anet-green on this endpoint.
    exit 1

    # Read anet-ep-prod again and compare its route with the one shown here
    same=$(az ml online-endpoint show --name anet-ep-prod --query 'traffic."anet-eedi" == `100` && sum(values(traffic || `{}`)) == `100` && mirror_traffic."anet-green" == `20` && sum(values(mirror_traffic || `{}`)) == `20`' --output json --subscription 11111111-1111-1111-1111-111111111111 --resource-group anet-0001 --workspace-name mlw-anet-0001prod)
    [ "$same" = true ] || { echo 'The route of anet-ep-prod is not the one of this plan: anet-eedi 100 %, mirror 20 % to anet-green. Nothing was changed. Make a new plan.' >&2; exit 1; }

    # PUT anet-ep-prod with traffic and mirrorTraffic together, clearing the mirror in the same PUT: anet-green 100 %
    az ml online-endpoint update --name anet-ep-prod --traffic 'anet-green=100 anet-eedi=0' --mirror-traffic anet-green=0 --subscription 11111111-1111-1111-1111-111111111111 --resource-group anet-0001 --workspace-name mlw-anet-0001prod

    # Wait until Azure says Succeeded, then read the route back and compare
    # az waits by itself.
    "#);
    let create = planned(&creation(), "anet-eedi=100");
    let script = commands::script(&create, &workspace());
    assert!(script.contains("az ml online-deployment create --file anet-ep-prod-anet-red.yml"));
    assert!(script.contains("team: it's us"), "{script}");
    assert!(!script.contains("s3cret"), "{script}");
    let stop = "if grep -qF '(hidden)' anet-ep-prod-anet-red.yml";
    assert!(script.contains(stop), "{script}");
}

#[test]
fn a_plans_document_hides_secrets() {
    let create = planned(&creation(), "anet-eedi=100");
    let document = json::document(&create).to_string();
    assert!(!document.contains("s3cret"));
    assert!(document.contains("(hidden)") && document.contains("\"kind\":\"put_deployment\""));
}

#[test]
fn words_are_quoted_for_a_shell() {
    for (given, quoted) in [
        ("plain-1.yml", "plain-1.yml"),
        ("", "''"),
        ("two words", "'two words'"),
        ("it's $(rm) `x`", "'it'\\''s $(rm) `x`'"),
        ("a;b", "'a;b'"),
    ] {
        assert_eq!(shell::word(given), quoted);
    }
    assert_eq!(shell::file("a.yml", "x\nYAML\n"), "cat > a.yml <<'YAML_'\nx\nYAML\nYAML_\n");
}

#[test]
fn inputs_become_a_with_block_and_are_cleaned_up() {
    let inputs: Inputs = [
        ("shadow_deployment_name", Given::text("anet-green")),
        ("shadow_deployment_mirror_percentage", Given::Integer(20)),
        ("deployment_name", Given::text("anet-eedi")),
        ("deployment_config", Given::text("eedi.yml")),
        ("deploy", Given::text("${{ inputs.deploy }}")),
        ("run_load_test", Given::Bool(false)),
        ("environment", Given::text("0001")),
    ]
    .into_iter()
    .map(|(key, given)| (key.to_owned(), given))
    .collect();
    assert_snapshot!(text(&workflow::call("", &inputs)), @r"
    with:
      environment: '0001'
      deploy: ${{ inputs.deploy }}
      run_load_test: false
      deployment_name: anet-eedi
      deployment_config: eedi.yml
      shadow_deployment_name: anet-green
      shadow_deployment_mirror_percentage: 20
    ");
    let route = |text: &str| text.parse().expect("a route");
    assert!(workflow::cleaned_up(&inputs, &route("anet-eedi=50,anet-green=50"), "g.yml").is_none());
    let cleaned = workflow::cleaned_up(&inputs, &route("anet-green=100"), "green.yml");
    assert_snapshot!(text(&workflow::call("", &cleaned.expect("promoted"))), @r"
    with:
      environment: '0001'
      deploy: ${{ inputs.deploy }}
      run_load_test: false
      deployment_name: anet-green
      deployment_config: green.yml
    ");
}

#[test]
fn a_script_of_a_promotion_waits_for_somebody_at_each_share() {
    let written = json!({ "steps": [10, 100], "bake_minutes": 30, "conditions": { "errors_percent_max": 1 } });
    let promotion = serde_json::from_value(written).expect("a promotion");
    let facts = GuardInputs { promotion: Some(promotion), ..GuardInputs::default() };
    let observed = Observed::of(Live::of(Arc::new(endpoint("anet-eedi=100"))));
    let (at, route) = (endpoint("").key, "anet-green=100".parse().expect("a route"));
    let planned = plan(&Pinned::SetRoute { at, route }, &observed, &facts);
    let script = commands::script(&planned.expect("a plan"), &workspace());
    let lines: Vec<_> = script
        .lines()
        .filter_map(|line| {
            let is_update = line.starts_with("az ml online-endpoint update");
            let is_question = line.starts_with("echo") || line.starts_with("read");
            is_update.then_some("update").or(is_question.then_some(line))
        })
        .collect();
    let wait = "echo 'Wait 30 minutes, and about five minutes more, because Azure Monitor is late. Then press Enter.' >&2";
    let shown = [
        "echo 'anet-green: requests'",
        "echo 'anet-green: requests with a status of 400 or above'",
    ];
    let question = "echo 'Did anet-green have at most 1 % errors? Then press Enter. Otherwise press Ctrl-C.' >&2";
    let read = "read -r _";
    let bake = [wait, read, shown[0], shown[1], question, read];
    assert_eq!(lines, [&["update"][..], &bake, &["update"], &bake].concat(), "{script}");
    let id = format!("{}/onlineEndpoints/anet-ep-prod/deployments/anet-green", workspace().id());
    for part in [
        "# Conditions for anet-green: at most 1 % errors.\n",
        "#   errors: 100 × the requests with a status of 400 or above, divided by all requests\n",
        "start=$(date -u +%Y-%m-%dT%H:%M:00Z)\n",
        &format!(
            "--resource {id} --metrics RequestsPerMinute --filter \"envoy_response_code eq '*'\""
        ),
        "--start-time \"$start\" --end-time \"$end\"",
    ] {
        assert!(script.contains(part), "{part}: {script}");
    }
}

#[test]
fn a_script_of_a_promotion_shows_what_the_conditions_compare() {
    let written = json!({ "steps": [10, 100], "bake_minutes": 30,
        "conditions": { "requests_min": 100, "p99_ratio_max": 1.5 } });
    let promotion = serde_json::from_value(written).expect("a promotion");
    let facts = GuardInputs { promotion: Some(promotion), ..GuardInputs::default() };
    let observed = Observed::of(Live::of(Arc::new(endpoint("anet-eedi=100"))));
    let (at, route) = (endpoint("").key, "anet-green=100".parse().expect("a route"));
    let planned = plan(&Pinned::SetRoute { at, route }, &observed, &facts);
    let script = commands::script(&planned.expect("a plan"), &workspace());
    for name in ["anet-green", "anet-eedi"] {
        assert!(script.contains(&format!("echo '{name}: p99 of each minute'")), "{name}: {script}");
    }
    assert!(script.contains("compare with its p99 of the 30 minutes before"), "{script}");
}

#[test]
fn a_script_deletes_only_the_deployment_of_the_plan() {
    let deployment = Deployment {
        name: "anet-green".parse().expect("a name"),
        state: ProvisioningState::Succeeded,
        phase: None,
        instance_type: Some("Standard_DS3_v2".to_owned()),
        instance_count: Some(1),
        model: Some("nbq:2".to_owned()),
        environment: None,
        description: None,
        request_timeout_ms: None,
        max_concurrent_requests: None,
        created: Timestamp::parse_utc("2026-11-23T09:47:12"),
        failure: None,
        settings: Some("s".to_owned()),
        secrets: None,
    };
    let name = deployment.name.clone();
    let on = Endpoint { deployments: vec![deployment], ..endpoint("anet-eedi=100") };
    let observed = Observed::of(Live::of(Arc::new(on)));
    let deletion = Pinned::DeleteDeployment { at: endpoint("").key, name };
    let planned = plan(&deletion, &observed, &GuardInputs::default()).expect("a plan");
    let script = commands::script(&planned, &workspace());
    let id = format!("{}/onlineEndpoints/anet-ep-prod/deployments/anet-green", workspace().id());
    let is = shell::word(
        "ends_with(to_string(properties.model), '/nbq/versions/2') && properties.environmentId == `null` && \
         properties.instanceType == 'Standard_DS3_v2' && \
         starts_with(to_string(systemData.createdAt), '2026-11-23T09:47:12')",
    );
    let other = "{ echo 'anet-green is not the deployment of this plan: nbq:2, Standard_DS3_v2, created at \
                 2026-11-23 09:47:12 UTC. Nothing was deleted. Make a new plan.' >&2; exit 1; }";
    let delete = "az ml online-deployment delete --endpoint-name anet-ep-prod --name anet-green";
    let parts =
        [&format!("same=$(az rest --method get --url '{id}?api-version="), &is, other, delete];
    let places: Vec<_> = parts.iter().map(|part| script.find(*part)).collect();
    assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{places:?}: {script}");
    assert!(script.contains("# az cannot compare the settings"), "{script}");
}
