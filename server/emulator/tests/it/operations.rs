//! The wire format of long-running operations.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::harness::{Stage, WORKSPACE, deployment, endpoint};

#[tokio::test]
async fn a_put_is_201_and_ends_by_the_clock() {
    let stage = Stage::start().await;
    let made = stage.put("onlineEndpoints/shadow-1", endpoint(json!({}), json!({}))).await;
    assert_eq!(made.status, StatusCode::CREATED);
    let operation = made.header("azure-asyncoperation");
    assert!(operation.contains("/locations/westeurope/mfeOperationsStatus/oe:"), "{operation}");
    assert!(made.header("location").contains("/onlineEndpoints/shadow-1?api-version="));
    assert_eq!(made.header("x-ms-async-operation-timeout"), "PT30M");
    assert!(!made.header("x-ms-request-id").is_empty());
    let properties = &made.body["properties"];
    assert_eq!(properties["provisioningState"], "Creating");
    assert_eq!(properties["scoringUri"], Value::Null);
    assert_eq!(properties["publicNetworkAccess"], "Enabled");
    assert_eq!(
        properties["properties"]["azureml.onlineendpointid"],
        format!("{WORKSPACE}/onlineEndpoints/shadow-1").to_lowercase()
    );
    let status = stage.status_of(&made).await;
    assert_eq!((&status["status"], &status["percentComplete"]), (&json!("Updating"), &json!(0.0)));
    assert_eq!(status["endTime"], Value::Null);
    stage.done(&made).await;
    let got = stage.get("onlineEndpoints/shadow-1").await.body;
    let uri = got["properties"]["scoringUri"].as_str().expect("a scoring URI");
    assert!(uri.ends_with("/endpoints/shadow-1/score"), "{uri}");
}

#[tokio::test]
async fn a_traffic_change_shows_only_once_it_has_succeeded() {
    let stage = Stage::start().await;
    stage.endpoint("split", &["blue", "green"]).await;
    let both = endpoint(json!({ "blue": 100 }), json!({ "green": 20 }));
    let accepted = stage.put("onlineEndpoints/split", both).await;
    assert_eq!(accepted.body["properties"]["provisioningState"], "Updating");
    assert_eq!(accepted.body["properties"]["traffic"], json!({}));
    stage.done(&accepted).await;
    let got = stage.get("onlineEndpoints/split").await.body;
    assert_eq!(got["properties"]["traffic"], json!({ "blue": 100 }));
    assert_eq!(got["properties"]["mirrorTraffic"], json!({ "green": 20 }));
    // A PUT replaces everything, so an omitted mirror is removed.
    let body = json!({ "location": "westeurope",
        "properties": { "authMode": "Key", "traffic": { "blue": 100 } } });
    stage.done(&stage.put("onlineEndpoints/split", body).await).await;
    let got = stage.get("onlineEndpoints/split").await.body;
    assert_eq!(got["properties"]["mirrorTraffic"], json!({}));
}

#[tokio::test]
async fn a_delete_is_202_with_null_and_then_204() {
    let stage = Stage::start().await;
    stage.endpoint("gone", &["blue"]).await;
    let accepted = stage.delete("onlineEndpoints/gone/deployments/blue").await;
    assert_eq!((accepted.status, &accepted.body), (StatusCode::ACCEPTED, &Value::Null));
    assert!(accepted.header("location").contains("/mfeOperationResults/od:"));
    assert_eq!(accepted.header("retry-after"), "1");
    stage.done(&accepted).await;
    let missing = stage.get("onlineEndpoints/gone/deployments/blue").await;
    assert_eq!((missing.status, missing.code()), (StatusCode::NOT_FOUND, "UserError"));
    let accepted = stage.delete("onlineEndpoints/gone").await;
    let result = accepted.header("location").to_owned();
    let ask = async || {
        let request = stage.http.get(&result).bearer_auth("x");
        request.send().await.expect("an answer").status()
    };
    assert_eq!(ask().await, StatusCode::ACCEPTED);
    stage.done(&accepted).await;
    assert_eq!(ask().await, StatusCode::NO_CONTENT);
    assert_eq!(stage.delete("onlineEndpoints/gone").await.status, StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn defaults_appear_once_a_deployment_has_succeeded() {
    let stage = Stage::start().await;
    stage.endpoint("filled", &[]).await;
    let made = stage.put("onlineEndpoints/filled/deployments/blue", deployment()).await;
    assert_eq!(made.body["properties"]["provisioningState"], "Updating");
    assert_eq!(made.body["properties"]["livenessProbe"], Value::Null);
    let logs = stage.post("onlineEndpoints/filled/deployments/blue/getLogs", json!({ "tail": 5 }));
    assert!(logs.await.body["content"].is_string());
    stage.done(&made).await;
    let got = stage.get("onlineEndpoints/filled/deployments/blue").await.body;
    assert_eq!(got["properties"]["livenessProbe"]["period"], "PT10S");
    assert_eq!(got["sku"], json!({ "name": "Default", "tier": "Standard", "capacity": 1 }));
}

#[tokio::test]
async fn a_patch_scales_and_tags() {
    let stage = Stage::start().await;
    stage.endpoint("patched", &["blue"]).await;
    let body = json!({ "tags": { "a": 1 }, "sku": { "name": "Default", "capacity": 2 } });
    let path = "onlineEndpoints/patched/deployments/blue";
    let accepted = stage.arm(Method::PATCH, path, Some(body)).await;
    assert_eq!(accepted.status, StatusCode::ACCEPTED);
    assert_eq!(accepted.body["properties"]["provisioningState"], "Scaling");
    stage.done(&accepted).await;
    let got = stage.get(path).await.body;
    assert_eq!((&got["sku"]["capacity"], &got["tags"]["a"]), (&json!(2), &json!("1")));
    let refused = stage
        .arm(Method::PATCH, "onlineEndpoints/patched", Some(json!({ "properties": {} })))
        .await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_regenerated_key_is_new_even_if_the_current_one_is_sent() {
    let stage = Stage::start().await;
    stage.endpoint("keyed", &[]).await;
    let keys = stage.post("onlineEndpoints/keyed/listKeys", json!({})).await.body;
    let body = json!({ "keyType": "Primary", "keyValue": keys["primaryKey"] });
    stage.done(&stage.post("onlineEndpoints/keyed/regenerateKeys", body).await).await;
    let after = stage.post("onlineEndpoints/keyed/listKeys", json!({})).await.body;
    assert_ne!(after["primaryKey"], keys["primaryKey"]);
    assert_eq!(after["secondaryKey"], keys["secondaryKey"]);
    let body = json!({ "keyType": "Secondary", "keyValue": "chosen" });
    stage.done(&stage.post("onlineEndpoints/keyed/regenerateKeys", body).await).await;
    let after = stage.post("onlineEndpoints/keyed/listKeys", json!({})).await.body;
    assert_eq!(after["secondaryKey"], "chosen");
}

#[tokio::test]
async fn scoring_goes_to_the_live_deployment_with_the_key() {
    let stage = Stage::start().await;
    stage.endpoint("scored", &["blue"]).await;
    let body = endpoint(json!({ "blue": 100 }), json!({}));
    stage.done(&stage.put("onlineEndpoints/scored", body).await).await;
    let keys = stage.post("onlineEndpoints/scored/listKeys", json!({})).await.body;
    let key = keys["primaryKey"].as_str().expect("a key");
    let score = |key: String| {
        let url = stage.url("/endpoints/scored/score");
        let request = stage.http.post(url).bearer_auth(key);
        request.body(dataplane::model::EXAMPLE_REQUEST).header("content-type", "application/json")
    };
    let answer = score(key.to_owned()).send().await.expect("an answer");
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(answer.headers()["azureml-model-deployment"], "blue");
    let refused = score("wrong".to_owned()).send().await.expect("an answer");
    assert_eq!(refused.status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn paths_ignore_case_and_accept_any_api_version() {
    let stage = Stage::start().await;
    let path = format!("{}?API-Version=whatever", WORKSPACE.to_uppercase());
    let request = stage.http.get(stage.url(&path)).bearer_auth("x");
    let answer = request.send().await.expect("an answer");
    assert_eq!(answer.status(), StatusCode::OK);
}

#[tokio::test]
async fn a_user_assigned_identity_survives_a_get_and_put() {
    let stage = Stage::start().await;
    let id = "/subscriptions/s/resourceGroups/g/providers/Microsoft.ManagedIdentity/userAssignedIdentities/i";
    let mut body = endpoint(json!({}), json!({}));
    body["identity"] = json!({ "type": "UserAssigned", "userAssignedIdentities": { id: {} } });
    stage.done(&stage.put("onlineEndpoints/assigned", body).await).await;
    let read = stage.get("onlineEndpoints/assigned").await.body;
    let shown = &read["identity"]["userAssignedIdentities"][id];
    assert!(shown["principalId"].is_string() && shown["clientId"] != shown["principalId"]);
    // The SDK sends back what it read, including ids.
    stage.done(&stage.put("onlineEndpoints/assigned", read.clone()).await).await;
    let again = stage.get("onlineEndpoints/assigned").await.body;
    assert_eq!(again["identity"], read["identity"]);
}
