//! Generates endpoints and deployments as Azure may report them, for the exports' tests.

use crate::azure::arm::Workspace;
use domain::endpoint::{AuthMode, Deployment, Endpoint};
use domain::provisioning::ProvisioningState;
use domain::route::Route;
use domain::stage::EndpointKey;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

/// Strings that YAML readers would read as another type without quotes.
const TRICKY: [&str; 40] = [
    "on",
    "Off",
    "yes",
    "NO",
    "true",
    "null",
    "~",
    "",
    " ",
    "3",
    "0001",
    "1e3",
    "0x1F",
    "0o17",
    "1_000",
    "1:30",
    "12:30:45",
    "2020-01-01",
    "2020-01-01T10:00:00Z",
    ".5",
    ".inf",
    ".NaN",
    "=",
    "<<",
    "-",
    "- a",
    "a: b",
    "a #b",
    "# c",
    "'",
    "\"",
    "{a}",
    "[b]",
    "!t",
    "&a",
    "*a",
    "%x",
    "@x",
    "two\nlines\n",
    "é\t\u{a0}",
];

pub(super) fn workspace() -> Workspace {
    Workspace {
        subscription: "11111111-1111-1111-1111-111111111111".to_owned(),
        resource_group: "anet-0001".to_owned(),
        name: "mlw-anet-0001prod".to_owned(),
    }
}

pub(super) fn key() -> EndpointKey {
    let (stage, endpoint) = ("anet-prod".parse(), "anet-ep-prod".parse());
    EndpointKey { stage: stage.expect("a stage"), endpoint: endpoint.expect("an endpoint") }
}

fn words() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => prop::sample::select(&TRICKY[..]).prop_map(str::to_owned),
        1 => "[ -~]{0,12}",
        1 => any::<String>().prop_map(|text| {
            text.chars().filter(|c| !c.is_control() || *c == '\n').take(20).collect()
        }),
    ]
}

/// Words that are not secrets: a hidden secret could not be compared.
fn plain_words() -> impl Strategy<Value = String> {
    words().prop_filter("not a secret", |text| !crate::redact::is_secret_value(text))
}

fn texts() -> impl Strategy<Value = Value> {
    let name = prop::sample::select(&["LEVEL", "on", "3", "a b", "Ünder", "x-y.z", "null"][..]);
    prop::collection::btree_map(name, plain_words(), 0..4).prop_map(|map| json!(map))
}

fn asset(kind: &'static str) -> impl Strategy<Value = Value> {
    let own = format!("{}/{kind}/nbq/versions/2", workspace().id());
    let other = own.replace("mlw-anet", "mlw-other");
    let lower = own.replace("resourceGroups", "resourcegroups");
    let registry = format!("azureml://registries/r/{kind}/e/versions/1");
    let all = [json!(own), json!(other), json!(lower), json!(registry)];
    prop::sample::select(all.to_vec())
}

fn duration(unit_ms: u64) -> impl Strategy<Value = Value> {
    (1_u64..4_000).prop_map(move |n| {
        let ms = n * unit_ms;
        let (seconds, rest) = (ms / 1000, ms % 1000);
        let dot = if rest > 0 { format!(".{rest:03}") } else { String::new() };
        json!(format!("PT{}M{}{dot}S", seconds / 60, seconds % 60))
    })
}

fn probe() -> impl Strategy<Value = Value> {
    (duration(1000), duration(1000), duration(1000), 1_u32..60, 1_u32..9).prop_map(
        |(delay, period, timeout, failures, successes)| {
            json!({"initialDelay": delay, "period": period, "timeout": timeout,
                "failureThreshold": failures, "successThreshold": successes})
        },
    )
}

fn collector() -> impl Strategy<Value = Value> {
    let rate = prop::option::of((0_u32..=100).prop_map(|n| f64::from(n) / 100.0));
    let names = prop::sample::subsequence(vec!["model_inputs", "model_outputs", "mine"], 1..=3);
    let rolling = prop::option::of(prop::sample::select(&["Minute", "Hour", "Day"][..]));
    let headers = prop::option::of(prop::collection::vec("[a-z-]{1,9}", 0..3));
    (rate, names, rolling, headers, any::<bool>()).prop_map(
        |(rate, names, rolling, headers, on)| {
            let id = |name: &str| format!("{}/data/ep-{name}/versions/1", workspace().id());
            let mode = if on { "Enabled" } else { "Disabled" };
            let one = |name: &str| {
                (
                    name.to_owned(),
                    json!({"dataCollectionMode": mode, "dataId": id(name),
                "samplingRate": rate, "clientId": null}),
                )
            };
            let all: Map<_, _> = names.into_iter().map(one).collect();
            json!({"collections": all, "rollingRate": rolling,
            "requestLogging": headers.map(|headers| json!({"captureHeaders": headers}))})
        },
    )
}

/// A deployment as a GET returns it.
pub(super) fn deployment_body() -> impl Strategy<Value = Value> {
    let assets = (prop::option::of(asset("models")), prop::option::of(asset("environments")));
    let probes = (probe(), probe(), duration(500), duration(1), 1_u32..99);
    let flags = (any::<bool>(), any::<bool>(), any::<bool>());
    let code = prop::option::of(asset("codes"));
    (assets, probes, flags, code, texts(), texts(), plain_words(), prop::option::of(collector()), 1_u32..20)
        .prop_map(|(assets, probes, flags, code, variables, tags, description, collector, count)| {
            let (model, environment) = assets;
            let (liveness, readiness, timeout, wait, at_once) = probes;
            let (insights, is_open, has_mount) = flags;
            let code = code.map(|id| json!({"codeId": id, "scoringScript": "score.py"}));
            json!({
                "id": "/x", "name": "anet-eedi", "location": "westeurope", "kind": "Managed", "tags": tags,
                "sku": {"name": "Default", "tier": "Standard", "capacity": count},
                "systemData": {"createdAt": "2026-01-01T00:00:00Z"},
                "properties": {
                    "endpointComputeType": "Managed", "instanceType": "Standard_DS3_v2",
                    "description": description, "model": model, "environmentId": environment,
                    "modelMountPath": has_mount.then_some("/var/model"), "codeConfiguration": code,
                    "environmentVariables": variables, "appInsightsEnabled": insights,
                    "egressPublicNetworkAccess": if is_open { "Enabled" } else { "Disabled" },
                    "privateNetworkConnection": false, "scaleSettings": {"scaleType": "Default"},
                    "requestSettings": {"requestTimeout": timeout, "maxQueueWait": wait,
                        "maxConcurrentRequestsPerInstance": at_once},
                    "livenessProbe": liveness, "readinessProbe": readiness, "dataCollector": collector,
                    "properties": {"AzureAsyncOperationUri": "https://x", "mine": "on"},
                    "provisioningState": "Succeeded",
                },
            })
        })
}

pub(super) fn endpoint_body() -> impl Strategy<Value = Value> {
    let identity = json!({"/subscriptions/s/u": {"clientId": "c", "principalId": "p"}});
    let identities = vec![
        json!({"type": "SystemAssigned", "principalId": "p", "tenantId": "t"}),
        json!({"type": "UserAssigned", "userAssignedIdentities": identity}),
        json!({"type": "None"}),
    ];
    let auth = prop::sample::select(&["Key", "AMLToken", "AADToken"][..]);
    (prop::sample::select(identities), auth, any::<bool>(), texts(), plain_words(), any::<bool>())
        .prop_map(|(identity, auth, is_open, tags, description, kubernetes)| {
            let compute = format!("{}/computes/k8s", workspace().id());
            json!({"id": "/x", "name": "anet-ep-prod", "location": "westeurope", "tags": tags,
                "identity": identity, "properties": {"authMode": auth, "description": description,
                    "publicNetworkAccess": if is_open || kubernetes { "Enabled" } else { "Disabled" },
                    "compute": kubernetes.then_some(compute), "traffic": {"anet-eedi": 100},
                    "mirrorTraffic": {}, "provisioningState": "Succeeded",
                    "properties": {"azureml.onlineendpointid": "/x", "mine": "3"}}})
        })
}

pub(super) fn endpoint(route: &Route) -> Endpoint {
    let deployment = |name: &str| Deployment {
        name: name.parse().expect("a name"),
        state: ProvisioningState::Succeeded,
        phase: None,
        instance_type: None,
        instance_count: None,
        model: None,
        environment: None,
        description: None,
        request_timeout_ms: None,
        max_concurrent_requests: None,
        created: None,
        failure: None,
        settings: None,
        secrets: None,
    };
    Endpoint {
        key: key(),
        state: ProvisioningState::Succeeded,
        route: route.clone(),
        route_problem: None,
        auth: AuthMode::Key,
        scoring_uri: None,
        description: None,
        kubernetes: false,
        deployments: ["anet-eedi", "anet-green"].map(deployment).to_vec(),
    }
}
