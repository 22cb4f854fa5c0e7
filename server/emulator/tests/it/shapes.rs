//! Bodies with fields of the wrong type or with undocumented values are refused, and the error names the
//! field. Requests of the SDK and the specification's examples are accepted.

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::harness::{Reply, Stage, deployment, endpoint};

#[track_caller]
fn assert_names(reply: &Reply, field: &str) {
    let got = (reply.status, reply.code());
    assert_eq!(got, (StatusCode::BAD_REQUEST, "UserError"), "{field}: {reply:?}");
    assert!(reply.message().contains(field), "{field}: {reply:?}");
    assert!(reply.body["error"]["additionalInfo"].is_array(), "{reply:?}");
}

/// A deployment with one additional property.
fn with(name: &str, value: Value) -> Value {
    let mut body = deployment();
    body["properties"][name] = value;
    body
}

fn collector(more: Value) -> Value {
    let mut one = json!({ "dataCollectionMode": "enabled" });
    if let (Some(one), Value::Object(more)) = (one.as_object_mut(), more) {
        one.extend(more);
    }
    json!({ "collections": { "model_inputs": one } })
}

#[tokio::test]
async fn invalid_deployment_fields_are_named() {
    let stage = Stage::start().await;
    stage.endpoint("shapes", &[]).await;
    let check = async |property: &str, value: Value, field: &str| {
        let body = with(property, value);
        let reply = stage.put("onlineEndpoints/shapes/deployments/green", body).await;
        assert_names(&reply, field);
    };
    check("scaleSettings", json!("Default"), "scaleSettings").await;
    check("scaleSettings", json!({ "scaleType": "Foo" }), "scaleSettings.scaleType").await;
    check("scaleSettings", json!({}), "scaleSettings.scaleType").await;
    let scaled = json!({ "scaleType": "TargetUtilization", "minInstances": 1, "maxInstances": 2 });
    check("scaleSettings", scaled, "scaleSettings.scaleType").await;
    check("model", json!(5), "model").await;
    check("environmentId", json!(["a"]), "environmentId").await;
    check("modelMountPath", json!(true), "modelMountPath").await;
    check("appInsightsEnabled", json!("maybe"), "appInsightsEnabled").await;
    check("description", json!({ "a": 1 }), "description").await;
    check("codeConfiguration", json!("score.py"), "codeConfiguration").await;
    let code = json!({ "codeId": 5, "scoringScript": "score.py" });
    check("codeConfiguration", code, "codeConfiguration.codeId").await;
    for value in [Value::Null, json!([1]), json!({ "a": 1 })] {
        check("environmentVariables", json!({ "A": value }), "environmentVariables.A").await;
    }
    check("egressPublicNetworkAccess", json!("foo"), "egressPublicNetworkAccess").await;
    check("egressPublicNetworkAccess", json!(true), "egressPublicNetworkAccess").await;
    for probe in ["livenessProbe", "readinessProbe", "startupProbe"] {
        check(probe, json!(5), probe).await;
        for (name, value) in [
            ("failureThreshold", json!(0)),
            ("successThreshold", json!(-1)),
            ("successThreshold", json!("1")),
            ("failureThreshold", json!(1.5)),
            ("initialDelay", json!("PT0S")),
            ("period", json!("10s")),
            ("timeout", json!(2)),
        ] {
            check(probe, json!({ name: value }), &format!("{probe}.{name}")).await;
        }
    }
    let queue = json!({ "maxQueueWait": 5 });
    check("requestSettings", queue, "requestSettings.maxQueueWait").await;
}

#[tokio::test]
async fn invalid_data_collectors_are_named() {
    let stage = Stage::start().await;
    stage.endpoint("collects", &[]).await;
    let check = async |value: Value, field: &str| {
        let body = with("dataCollector", value);
        let reply = stage.put("onlineEndpoints/collects/deployments/green", body).await;
        assert_names(&reply, &format!("dataCollector{field}"));
    };
    let inputs = ".collections.model_inputs";
    check(json!([]), "").await;
    check(json!({}), ".collections").await;
    check(json!({ "collections": { "model_inputs": 1 } }), inputs).await;
    let mode = json!({ "dataCollectionMode": "sometimes" });
    check(collector(mode), &format!("{inputs}.dataCollectionMode")).await;
    for rate in [json!(-0.1), json!(1.1), json!("half")] {
        let sampled = collector(json!({ "samplingRate": rate }));
        check(sampled, &format!("{inputs}.samplingRate")).await;
    }
    check(collector(json!({ "dataId": 7 })), &format!("{inputs}.dataId")).await;
    let mut value = collector(json!({}));
    value["rollingRate"] = json!("fortnight");
    check(value.clone(), ".rollingRate").await;
    value["rollingRate"] = json!("hour");
    value["requestLogging"] = json!({ "captureHeaders": [1] });
    check(value, ".requestLogging.captureHeaders").await;
}

#[tokio::test]
async fn requests_of_the_sdk_and_the_examples_are_accepted() {
    let stage = Stage::start().await;
    stage.endpoint("taken", &[]).await;
    let mut body = deployment();
    body["tags"] = json!({ "release": 5, "is_live": false, "owner": "Dana" });
    let properties = body["properties"].as_object_mut().expect("properties");
    let Value::Object(more) = json!({
        "description": "As the SDK writes it", "appInsightsEnabled": false,
        "environmentVariables": { "THREADS": 4, "DEBUG": false, "NAME": "x" },
        "requestSettings": { "requestTimeout": "PT1M30S", "maxConcurrentRequestsPerInstance": 4,
            "maxQueueWait": "PT0S" },
        "livenessProbe": { "initialDelay": "PT10M", "period": "PT10S", "timeout": "PT2S",
            "successThreshold": 1, "failureThreshold": 30 },
        "readinessProbe": {}, "startupProbe": null,
        "scaleSettings": { "scaleType": "default" }, "modelMountPath": "/var/models",
        "egressPublicNetworkAccess": "disabled", "model": null, "codeConfiguration": null,
        "dataCollector": {
            "collections": {
                "model_inputs": { "dataCollectionMode": "enabled", "samplingRate": 0.5 },
                "model_outputs": { "dataCollectionMode": "Disabled", "samplingRate": 1,
                    "dataId": null, "clientId": "c" },
            },
            "rollingRate": "hour", "requestLogging": { "captureHeaders": ["user-agent"] },
        },
    }) else {
        panic!("an object")
    };
    properties.extend(more);
    let path = "onlineEndpoints/taken/deployments/green";
    stage.done(&stage.put(path, body).await).await;
    // A PUT accepts what a GET returned. Tags and variables are strings there (OnlineDeployment.tsp).
    let got = stage.get(path).await.body;
    assert_eq!(got["tags"], json!({ "release": "5", "is_live": "false", "owner": "Dana" }));
    let variables = json!({ "THREADS": "4", "DEBUG": "false", "NAME": "x" });
    assert_eq!(got["properties"]["environmentVariables"], variables);
    assert_eq!(got["properties"]["egressPublicNetworkAccess"], "Disabled");
    stage.done(&stage.put(path, got).await).await;
}

#[tokio::test]
async fn target_utilization_is_for_kubernetes() {
    let stage = Stage::start().await;
    let mut body = endpoint(json!({}), json!({}));
    body["properties"]["compute"] = json!("/subscriptions/s/x/computes/k8s");
    stage.done(&stage.put("onlineEndpoints/kube", body).await).await;
    let scaled = |more: Value| {
        let mut body = with("scaleSettings", json!({ "scaleType": "TargetUtilization" }));
        body["properties"]["endpointComputeType"] = json!("Kubernetes");
        let settings = body["properties"]["scaleSettings"].as_object_mut().expect("an object");
        settings.extend(more.as_object().expect("an object").clone());
        body
    };
    let path = "onlineEndpoints/kube/deployments/blue";
    for (name, value) in [
        ("minInstances", json!("one")),
        ("maxInstances", json!(0)),
        ("pollingInterval", json!("10 s")),
        ("targetUtilizationPercentage", json!(101)),
    ] {
        let reply = stage.put(path, scaled(json!({ name: value }))).await;
        assert_names(&reply, &format!("scaleSettings.{name}"));
    }
    let settings = json!({ "minInstances": 1, "maxInstances": 3, "pollingInterval": "PT10S",
        "targetUtilizationPercentage": 70 });
    stage.done(&stage.put(path, scaled(settings)).await).await;
}

#[tokio::test]
async fn invalid_endpoint_fields_are_named() {
    let stage = Stage::start().await;
    let check = async |pointer: &str, value: Value, field: &str| {
        let mut body = endpoint(json!({}), json!({}));
        let (parent, name) = pointer.rsplit_once('/').expect("a pointer");
        body.pointer_mut(parent).expect("a parent")[name] = value;
        assert_names(&stage.put("onlineEndpoints/shapely", body).await, field);
    };
    check("/properties/description", json!({ "a": 1 }), "description").await;
    check("/properties/authMode", json!(5), "authMode").await;
    check("/properties/compute", json!(5), "compute").await;
    check("/properties/keys", json!({ "primaryKey": 5 }), "keys.primaryKey").await;
    check("/tags/team", Value::Null, "team").await;
    check("/identity/type", json!(5), "identity.type").await;
    for id in [
        "me",
        "/subscriptions/s",
        "/subscriptions/s/resourceGroups/g/providers/Microsoft.Web/sites/i",
    ] {
        let identity = json!({ "type": "UserAssigned", "userAssignedIdentities": { id: {} } });
        check("/identity", identity, "userAssignedIdentities").await;
    }
    let many = json!({ "type": "UserAssigned", "userAssignedIdentities": ["me"] });
    check("/identity", many, "userAssignedIdentities").await;
    assert_eq!(stage.get("onlineEndpoints/shapely").await.status, StatusCode::NOT_FOUND);
    let mut body = endpoint(json!({}), json!({}));
    let id = "/subscriptions/s/resourcegroups/g/providers/microsoft.managedidentity/\
              userassignedidentities/i";
    body["identity"] = json!({ "type": "UserAssigned", "userAssignedIdentities": { id: {} } });
    stage.done(&stage.put("onlineEndpoints/shapely", body).await).await;
}

#[tokio::test]
async fn a_new_key_is_a_string() {
    let stage = Stage::start().await;
    stage.endpoint("keyed", &[]).await;
    let path = "onlineEndpoints/keyed/regenerateKeys";
    for value in [json!(5), json!({ "a": 1 }), json!(["x"])] {
        let reply = stage.post(path, json!({ "keyType": "Primary", "keyValue": value })).await;
        assert_names(&reply, "keyValue");
    }
    let absent = stage.post(path, json!({ "keyType": "Primary", "keyValue": null })).await;
    stage.done(&absent).await;
}
