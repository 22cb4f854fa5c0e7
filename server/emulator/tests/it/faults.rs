//! Faults on the wire, and the write log.

use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::harness::{Stage, WORKSPACE, endpoint};

#[tokio::test]
async fn a_fault_affects_the_given_number_of_requests() {
    let stage = Stage::start().await;
    let fault = json!({ "match": { "method": "GET", "path_contains": "ONLINEENDPOINTS" },
        "times": 2, "respond": { "status": 429, "retry_after": 2 } });
    stage.switch(Method::POST, "/emulator/faults", fault).await;
    for _ in 0..2 {
        let reply = stage.get("onlineEndpoints").await;
        assert_eq!(reply.status, StatusCode::TOO_MANY_REQUESTS);
        assert_eq!((reply.header("retry-after"), reply.code()), ("2", "TooManyRequests"));
    }
    assert_eq!(stage.get("onlineEndpoints").await.status, StatusCode::OK);
}

#[tokio::test]
async fn faults_drop_connections_and_send_garbage() {
    let stage = Stage::start().await;
    for respond in ["garbage", "drop"] {
        stage.switch(Method::POST, "/emulator/faults", json!({ "respond": respond })).await;
    }
    assert!(stage.get("onlineEndpoints").await.body.is_string());
    let url = stage.url(&format!("{WORKSPACE}?api-version=1"));
    assert!(stage.http.post(url).send().await.is_err());
    stage.switch(Method::POST, "/emulator/faults", json!({ "respond": "hang" })).await;
    stage.switch(Method::DELETE, "/emulator/faults", json!({})).await;
    assert_eq!(stage.get("onlineEndpoints").await.status, StatusCode::OK);
}

#[tokio::test]
async fn every_write_is_logged_without_its_secrets() {
    let stage = Stage::start().await;
    let mut body = endpoint(json!({}), json!({}));
    body["properties"]["keys"] = json!({ "primaryKey": "secret-1", "secondaryKey": "secret-2" });
    stage.put("onlineEndpoints/logged", body).await;
    stage.put("onlineEndpoints/no_good", endpoint(json!({}), json!({}))).await;
    stage.get("onlineEndpoints").await;
    // POSTs that only read are not writes.
    for action in ["listKeys", "token", "deployments/blue/getLogs"] {
        stage.post(&format!("onlineEndpoints/logged/{action}"), json!({})).await;
    }
    let log = stage.bare(Method::GET, "/emulator/writes").await.body;
    let writes = log["value"].as_array().expect("a list");
    let statuses: Vec<_> = writes.iter().map(|write| write["status"].clone()).collect();
    assert_eq!(statuses, [json!(201), json!(400)]);
    assert!(!log.to_string().contains("secret-"));
}
