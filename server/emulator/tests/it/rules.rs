//! Azure's rules on the wire: which requests are refused, and with which error.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::harness::{Reply, Stage, WORKSPACE, deployment, endpoint};

fn assert_user_error(reply: &Reply) {
    assert_eq!((reply.status, reply.code()), (StatusCode::BAD_REQUEST, "UserError"), "{reply:?}");
    let info = reply.body["error"]["additionalInfo"].as_array().expect("additionalInfo");
    let types: Vec<&str> = info.iter().filter_map(|entry| entry["type"].as_str()).collect();
    assert_eq!(
        types,
        ["ComponentName", "Correlation", "Environment", "Location", "Time", "InnerError"]
    );
}

#[tokio::test]
async fn routes_that_break_a_rule_change_nothing() {
    let stage = Stage::start().await;
    stage.endpoint("rules", &["blue", "green"]).await;
    let failed = stage.put("onlineEndpoints/rules/deployments/fail-quota", deployment()).await;
    assert_eq!(stage.ended(&failed).await["status"], "Failed");
    for (traffic, mirror) in [
        (json!({ "blue": 60 }), json!({})),
        (json!({ "blue": 60, "green": 60 }), json!({})),
        (json!({ "blue": 99.5, "green": 0.5 }), json!({})),
        (json!({ "nobody": 100 }), json!({})),
        (json!({ "fail-quota": 100 }), json!({})),
        (json!({ "blue": 100 }), json!({ "green": 51 })),
        (json!({ "blue": 100 }), json!({ "green": -1 })),
        (json!({ "blue": 100 }), json!({ "green": 5, "fail-quota": 5 })),
        (json!({ "blue": 100 }), json!({ "blue": 5 })),
        (json!({ "blue": 100 }), json!({ "nobody": 5 })),
    ] {
        let reply = stage.put("onlineEndpoints/rules", endpoint(traffic, mirror)).await;
        assert_user_error(&reply);
    }
    let got = stage.get("onlineEndpoints/rules").await.body;
    assert_eq!(got["properties"]["provisioningState"], "Succeeded");
    assert_eq!(got["properties"]["traffic"], json!({}));
}

#[tokio::test]
async fn deployment_bodies_that_break_a_rule_are_refused() {
    let stage = Stage::start().await;
    stage.endpoint("bodies", &["blue"]).await;
    let check = async |name: &str, pointer: &str, value: Value, status: u16| {
        let mut body = deployment();
        let (parent, field) = pointer.rsplit_once('/').expect("a pointer");
        body.pointer_mut(parent).expect("a parent")[field] = value;
        let reply = stage.put(&format!("onlineEndpoints/bodies/deployments/{name}"), body).await;
        assert_eq!(reply.status.as_u16(), status, "{pointer}: {reply:?}");
        assert_eq!(reply.code(), "UserError");
    };
    check("green", "/sku/capacity", json!(0), 400).await;
    check("green", "/sku/capacity", json!(51), 400).await;
    check("green", "/location", json!("eastus"), 400).await;
    check("green", "/properties/instanceType", Value::Null, 400).await;
    check("blue", "/properties/instanceType", json!("Standard_F4s_v2"), 400).await;
    let timeout = json!({ "requestTimeout": "PT3M1S" });
    check("green", "/properties/requestSettings", timeout, 400).await;
    let model = json!(format!("{WORKSPACE}/models/nobody/versions/1"));
    check("green", "/properties/model", model, 404).await;
    let environment = json!(format!("{WORKSPACE}/environments/nobody/versions/1"));
    check("green", "/properties/environmentId", environment, 404).await;
    let code = json!({ "codeId": format!("{WORKSPACE}/codes/x/versions/1"), "scoringScript": "a" });
    check("green", "/properties/codeConfiguration", code, 404).await;
    check("under_score", "/sku/capacity", json!(1), 400).await;
}

#[tokio::test]
async fn deployments_with_traffic_cannot_be_deleted_and_changes_do_not_overlap() {
    let stage = Stage::start().await;
    stage.endpoint("busy", &["blue", "green"]).await;
    let body = endpoint(json!({ "blue": 100 }), json!({ "green": 10 }));
    let accepted = stage.put("onlineEndpoints/busy", body.clone()).await;
    let second = stage.put("onlineEndpoints/busy", body).await;
    assert_eq!((second.status, second.code()), (StatusCode::CONFLICT, "Conflict"));
    assert_eq!(second.header("retry-after"), "", "a final refusal is not to be retried");
    stage.done(&accepted).await;
    for name in ["blue", "green"] {
        let reply = stage.delete(&format!("onlineEndpoints/busy/deployments/{name}")).await;
        assert_eq!((reply.status, reply.code()), (StatusCode::CONFLICT, "Conflict"));
    }
}

#[tokio::test]
async fn a_stuck_deployment_can_only_be_deleted() {
    let stage = Stage::start().await;
    stage.endpoint("stuck", &[]).await;
    let path = "onlineEndpoints/stuck/deployments/stuck-updating";
    let made = stage.put(path, deployment()).await;
    stage.advance(600).await;
    assert_eq!(stage.status_of(&made).await["status"], "Updating");
    assert_eq!(stage.put(path, deployment()).await.status, StatusCode::CONFLICT);
    stage.done(&stage.delete(path).await).await;
    assert_eq!(stage.status_of(&made).await["status"], "Canceled");
}

#[tokio::test]
async fn a_deployments_name_selects_its_failure() {
    let stage = Stage::start().await;
    stage.endpoint("failing", &[]).await;
    for (name, code) in [
        ("fail-quota", "OutOfQuota"),
        ("fail-image-pull", "BadArgument"),
        ("fail-model-download", "BadArgument"),
        ("fail-model-download1", "BadArgument"),
        ("fail-crash", "ResourceNotReady"),
    ] {
        let path = format!("onlineEndpoints/failing/deployments/{name}");
        let mut body = deployment();
        if name != "fail-model-download1" {
            let model = json!("azureml://registries/eedi/models/nbq/versions/1");
            body["properties"]["model"] = model;
        }
        let status = stage.ended(&stage.put(&path, body).await).await;
        assert_eq!((&status["status"], &status["error"]["code"]), (&json!("Failed"), &json!(code)));
        let got = stage.get(&path).await.body;
        assert_eq!(got["properties"]["provisioningState"], "Failed");
        let again = stage.put(&path, deployment()).await;
        assert!(again.message().contains("Delete and re-create"), "{again:?}");
    }
}

#[tokio::test]
async fn arm_checks_the_request_before_the_resource() {
    let stage = Stage::start().await;
    let bare = stage.bare(Method::GET, &format!("{WORKSPACE}?api-version=1")).await;
    assert_eq!((bare.status, bare.code()), (StatusCode::UNAUTHORIZED, "AuthenticationFailed"));
    assert!(bare.header("www-authenticate").starts_with("Bearer authorization_uri="));
    let request = stage.http.get(stage.url(WORKSPACE)).bearer_auth("x");
    assert_eq!(request.send().await.expect("an answer").status(), StatusCode::BAD_REQUEST);
    let check = async |method: Method, path: &str, status: u16, code: &str| {
        let reply = stage.arm(method, path, None).await;
        assert_eq!((reply.status.as_u16(), reply.code()), (status, code), "{path}");
    };
    check(Method::GET, "/subscriptions/other/resourceGroups/x", 404, "SubscriptionNotFound").await;
    let group = WORKSPACE.replace("rg-it", "rg-other");
    check(Method::GET, &group, 404, "ResourceGroupNotFound").await;
    let workspace = WORKSPACE.replace("mlw-it-dev", "mlw-other");
    check(Method::GET, &workspace, 404, "ResourceNotFound").await;
    check(Method::GET, "nothing/here", 404, "ResourceNotFound").await;
    check(Method::GET, "onlineEndpoints/nobody", 404, "UserError").await;
    check(Method::POST, "onlineEndpoints/nobody", 405, "MethodNotAllowed").await;
    check(Method::PUT, "onlineEndpoints/empty", 400, "InvalidRequestContent").await;
}
