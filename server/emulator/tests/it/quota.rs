//! Quota, in the shapes of Microsoft's specification (stable 2024-04-01: `Usage/list.json`,
//! `VirtualMachineSize/list.json`).

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::harness::{SUBSCRIPTION, Stage, deployment};

fn location(rest: &str) -> String {
    format!(
        "/subscriptions/{SUBSCRIPTION}/providers/Microsoft.MachineLearningServices/locations/{rest}"
    )
}

/// Used and allowed, of a family by its name for people.
async fn usage(stage: &Stage, name: &str) -> (i64, i64) {
    let body = stage.get(&location("westeurope/usages")).await.body;
    let all = body["value"].as_array().expect("a list");
    let one = all.iter().find(|usage| usage["name"]["value"] == name).expect("the usage");
    assert_eq!(one["unit"], "Count");
    (one["currentValue"].as_i64().expect("a number"), one["limit"].as_i64().expect("a number"))
}

#[tokio::test]
async fn sizes_tell_their_family_and_cores() {
    let stage = Stage::start().await;
    let body = stage.get(&location("WestEurope/vmSizes")).await.body;
    let all = body["value"].as_array().expect("a list");
    let one = all.iter().find(|size| size["name"] == "Standard_DS3_v2").expect("the size");
    assert_eq!((&one["family"], &one["vCPUs"]), (&json!("standardDSv2Family"), &json!(4)));
    assert!(one["supportedComputeTypes"].as_array().expect("types").contains(&json!("MIR")));
    let nowhere = stage.get(&location("mars/usages")).await;
    let expected = (StatusCode::BAD_REQUEST, "NoRegisteredProviderFound");
    assert_eq!((nowhere.status, nowhere.code()), expected);
}

#[tokio::test]
async fn what_is_deployed_is_in_use_and_what_does_not_fit_fails() {
    let stage = Stage::start().await;
    let family = "Standard DSv2 Family Cluster Dedicated vCPUs";
    assert_eq!(usage(&stage, family).await, (0, 400));
    stage.endpoint("counted", &["blue"]).await;
    assert_eq!(usage(&stage, family).await, (4, 400));
    assert_eq!(usage(&stage, "Total Cluster Dedicated Regional vCPUs").await, (4, 450));
    let mut body: Value = deployment();
    body["properties"]["instanceType"] = json!("Standard_NC6s_v3");
    let path = "onlineEndpoints/counted/deployments/gpu";
    let begun = stage.arm(Method::PUT, path, Some(body)).await;
    assert_eq!(begun.status, StatusCode::CREATED, "{begun:?}");
    let ended = stage.ended(&begun).await;
    assert_eq!(ended["error"]["code"], "OutOfQuota", "{ended}");
}
