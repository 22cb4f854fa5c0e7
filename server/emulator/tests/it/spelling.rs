//! Names are not case-sensitive, even in scoring requests.

use reqwest::StatusCode;
use serde_json::json;

use crate::harness::{Stage, endpoint};

#[tokio::test]
async fn scoring_finds_names_in_any_case() {
    let stage = Stage::start().await;
    stage.endpoint("Dep-Ep", &["Green"]).await;
    let body = endpoint(json!({ "green": 100 }), json!({}));
    stage.done(&stage.put("onlineEndpoints/dep-ep", body).await).await;
    let keys = stage.post("onlineEndpoints/DEP-EP/listKeys", json!({})).await.body;
    let key = keys["primaryKey"].as_str().expect("a key");
    let check = async |endpoint: &str, deployment: &str, status: StatusCode| {
        let request = stage.http.post(stage.url(&format!("/endpoints/{endpoint}/score")));
        let request = request.bearer_auth(key).header("azureml-model-deployment", deployment);
        let sent = request.body(dataplane::model::EXAMPLE_REQUEST).send().await;
        let answer = sent.expect("an answer");
        assert_eq!(answer.status(), status, "{endpoint} {deployment}");
        let by = answer.headers().get("azureml-model-deployment").cloned();
        by.map(|by| by.to_str().expect("text").to_owned())
    };
    for (endpoint, deployment) in [("Dep-Ep", "Green"), ("dep-ep", "green"), ("DEP-EP", "GREEN")] {
        let by = check(endpoint, deployment, StatusCode::OK).await;
        assert_eq!(by.as_deref(), Some("Green"), "answers bear the name as it was first written");
    }
    check("dep-ep", "greene", StatusCode::NOT_FOUND).await;
    check("dep-epp", "green", StatusCode::NOT_FOUND).await;
}
