//! What callers may do, and the refusal of what was taken away.

use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::harness::{Stage, WORKSPACE};
use crate::registry::{REGISTRY, order, schedule};

const SCHEDULE: &str = "Microsoft.ContainerRegistry/registries/scheduleRun/action";

async fn take_away(stage: &Stage, actions: &[&str]) {
    let body = json!({ "without": actions });
    let reply = stage.switch(Method::PUT, "/emulator/permissions", body).await;
    assert_eq!(reply.status, StatusCode::NO_CONTENT, "{reply:?}");
}

async fn not_actions(stage: &Stage, scope: &str) -> serde_json::Value {
    let path = format!("{scope}/providers/Microsoft.Authorization/permissions");
    let reply = stage.get(&path).await;
    assert_eq!(reply.status, StatusCode::OK, "{scope}: {reply:?}");
    assert_eq!(reply.body["value"][0]["actions"], json!(["*"]));
    reply.body["value"][0]["notActions"].clone()
}

#[tokio::test]
async fn an_action_that_was_taken_away_is_listed_and_refused() {
    let stage = Stage::start().await;
    let group = WORKSPACE.split("/providers").next().expect("a group");
    let subscription = group.split("/resourceGroups").next().expect("a subscription");
    for scope in [subscription, group, WORKSPACE, REGISTRY] {
        assert_eq!(not_actions(&stage, scope).await, json!([]), "{scope}");
    }
    let elsewhere = format!("{REGISTRY}x/providers/Microsoft.Authorization/permissions");
    assert_eq!(stage.get(&elsewhere).await.status, StatusCode::NOT_FOUND);

    take_away(&stage, &[SCHEDULE]).await;
    assert_eq!(not_actions(&stage, REGISTRY).await, json!([SCHEDULE]));
    let refused = schedule(&stage, order("none", "app:1")).await;
    assert_eq!((refused.status, refused.code()), (StatusCode::FORBIDDEN, "AuthorizationFailed"));
    assert!(refused.message().contains(&format!("perform action '{SCHEDULE}'")), "{refused:?}");
    assert_eq!(stage.get(REGISTRY).await.status, StatusCode::OK, "other actions are not affected");

    take_away(&stage, &["microsoft.containerregistry/*"]).await;
    assert_eq!(stage.get(REGISTRY).await.code(), "AuthorizationFailed");
    take_away(&stage, &[]).await;
    assert_eq!(stage.get(REGISTRY).await.status, StatusCode::OK);
    let many =
        stage.switch(Method::PUT, "/emulator/permissions", json!({ "without": vec!["*"; 1_000] }));
    assert_eq!(many.await.status, StatusCode::BAD_REQUEST);
}
