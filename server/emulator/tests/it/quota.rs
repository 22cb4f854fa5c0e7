//! Quota, in the shapes of Microsoft's specification (stable 2024-04-01: `Usage/list.json`,
//! `VirtualMachineSize/list.json`).

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::harness::{SUBSCRIPTION, Stage, deployment};

fn location(rest: &str) -> String {
    format!(
        "/subscriptions/{SUBSCRIPTION}/providers/Microsoft.MachineLearningServices/locations/{rest}"
    )
}

/// The used and the allowed number of a family, by its display name.
async fn usage(stage: &Stage, name: &str) -> (i64, i64) {
    let body = stage.get(&location("westeurope/usages")).await.body;
    let all = body["value"].as_array().expect("a list");
    let one = all.iter().find(|usage| usage["name"]["value"] == name).expect("the usage");
    assert_eq!(one["unit"], "Count");
    (one["currentValue"].as_i64().expect("a number"), one["limit"].as_i64().expect("a number"))
}

#[tokio::test]
async fn sizes_have_a_family_and_cores() {
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
async fn deployments_use_quota_and_fail_without_it() {
    let stage = Stage::start().await;
    let family = "Standard DSv2 Family Cluster Dedicated vCPUs";
    assert_eq!(usage(&stage, family).await, (0, 400));
    stage.endpoint("counted", &["blue"]).await;
    assert_eq!(usage(&stage, family).await, (4, 400));
    assert_eq!(usage(&stage, "Total Cluster Dedicated Regional vCPUs").await, (4, 600));
    // The size of a public sample: one fits, but eight need ten times six cores.
    let gpu = "Standard NCSv3 Family Cluster Dedicated vCPUs";
    let sized = |instances: i64| {
        let mut body: Value = deployment();
        body["properties"]["instanceType"] = json!("Standard_NC6s_v3");
        body["sku"]["capacity"] = json!(instances);
        body
    };
    stage.done(&stage.put("onlineEndpoints/counted/deployments/gpu", sized(1)).await).await;
    assert_eq!(usage(&stage, gpu).await, (6, 48));
    let begun = stage.put("onlineEndpoints/counted/deployments/gpus", sized(8)).await;
    assert_eq!(begun.status, StatusCode::CREATED, "{begun:?}");
    let ended = stage.ended(&begun).await;
    assert_eq!(ended["error"]["code"], "OutOfQuota", "{ended}");
}
