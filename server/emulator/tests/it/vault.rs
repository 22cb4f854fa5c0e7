//! Key Vault: vaults, secrets, soft deletion.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::harness::{Reply, Stage, config};

pub const VAULT: &str = "/vaults/kv-it-dev";
const ARM: &str = "/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/rg-it/providers/Microsoft.KeyVault/vaults";

async fn set(stage: &Stage, name: &str, value: &str) -> Reply {
    stage.put(&format!("{VAULT}/secrets/{name}"), json!({ "value": value })).await
}

async fn read(stage: &Stage, path: &str) -> Reply {
    stage.get(&format!("{VAULT}/{path}")).await
}

fn inner(reply: &Reply) -> &Value {
    &reply.body["error"]["innererror"]["code"]
}

#[tokio::test]
async fn a_request_without_a_token_gets_the_challenge() {
    let stage = Stage::start().await;
    let reply = stage.bare(Method::PUT, &format!("{VAULT}/secrets/key?api-version=7.5")).await;
    assert_eq!(reply.status, StatusCode::UNAUTHORIZED);
    let challenge = reply.header("www-authenticate").to_owned();
    let tenant = crate::harness::TENANT;
    assert!(challenge.starts_with("Bearer authorization=\"http://127.0.0.1:"), "{challenge}");
    assert!(challenge.contains(&format!("/{tenant}\", resource=\"https://vault.azure.net\"")));
    let reply =
        stage.http.get(stage.url(&format!("{VAULT}/secrets"))).bearer_auth("x").send().await;
    let reply = Reply::read(reply.expect("an answer")).await;
    assert_eq!((reply.status, reply.code()), (StatusCode::BAD_REQUEST, "BadParameter"));
}

#[tokio::test]
async fn each_put_makes_a_version_and_the_newest_one_is_read() {
    let stage = Stage::start().await;
    let first = set(&stage, "api-key-anet", "one").await;
    assert_eq!(first.status, StatusCode::OK, "{first:?}");
    let second = set(&stage, "API-key-anet", "two").await;
    let id = second.body["id"].as_str().expect("an id");
    assert!(
        id.starts_with("http://127.0.0.1:")
            && id.contains("/vaults/kv-it-dev/secrets/api-key-anet/")
    );
    assert_eq!(read(&stage, "secrets/api-key-anet").await.body["value"], "two");
    let old = first.body["id"].as_str().expect("an id").rsplit('/').next().expect("a version");
    assert_eq!(read(&stage, &format!("secrets/api-key-anet/{old}")).await.body["value"], "one");
    let versions = read(&stage, "secrets/api-key-anet/versions").await.body;
    assert_eq!(versions["value"].as_array().map(Vec::len), Some(2));
    assert!(!versions.to_string().contains("\"value\":\"one\""));
    let missing = read(&stage, "secrets/api-key-anet/0123456789abcdef0123456789abcdef").await;
    assert_eq!((missing.status, missing.code()), (StatusCode::NOT_FOUND, "SecretNotFound"));
}

#[tokio::test]
async fn attributes_change_without_the_value_and_a_disabled_secret_is_not_read() {
    let stage = Stage::start().await;
    let body = json!({ "value": "one", "contentType": "text/plain", "tags": { "a": "b" },
        "attributes": { "exp": 1_900_000_000 } });
    let made = stage.put(&format!("{VAULT}/secrets/key"), body).await.body;
    assert_eq!(
        (&made["attributes"]["exp"], &made["tags"]["a"]),
        (&json!(1_900_000_000), &json!("b"))
    );
    assert_eq!(made["attributes"]["recoveryLevel"], "Recoverable+Purgeable");
    let path = format!("{VAULT}/secrets/key");
    let off = json!({ "attributes": { "enabled": false } });
    let changed = stage.arm(Method::PATCH, &path, Some(off)).await;
    assert_eq!(changed.status, StatusCode::OK);
    assert!(changed.body["value"].is_null() && changed.body["contentType"] == "text/plain");
    let refused = stage.get(&path).await;
    assert_eq!(
        (refused.status, inner(&refused)),
        (StatusCode::FORBIDDEN, &json!("SecretDisabled"))
    );
}

#[tokio::test]
async fn lists_have_pages_and_no_values() {
    let stage = Stage::start().await;
    for number in 10..37 {
        set(&stage, &format!("key-{number}"), "hunter2").await;
    }
    let first = read(&stage, "secrets").await.body;
    assert_eq!(first["value"].as_array().map(Vec::len), Some(25));
    assert!(!first.to_string().contains("hunter2"));
    let next = first["nextLink"].as_str().expect("more");
    let reply = stage.http.get(next).bearer_auth("x").send().await.expect("an answer");
    let second = Reply::read(reply).await.body;
    let ids: Vec<_> =
        second["value"].as_array().expect("items").iter().map(|item| &item["id"]).collect();
    assert_eq!(ids.len(), 2);
    assert!(ids[1].as_str().is_some_and(|id| id.ends_with("/secrets/key-36")));
    assert!(second["nextLink"].is_null());
}

#[tokio::test]
async fn a_deleted_secret_keeps_its_name_until_it_is_purged() {
    let stage = Stage::start().await;
    set(&stage, "key", "one").await;
    let deleted = stage.delete(&format!("{VAULT}/secrets/key")).await;
    assert_eq!(deleted.status, StatusCode::OK);
    assert!(
        deleted.body["recoveryId"].as_str().is_some_and(|id| id.ends_with("/deletedsecrets/key"))
    );
    let days =
        deleted.body["scheduledPurgeDate"].as_i64().zip(deleted.body["deletedDate"].as_i64());
    assert_eq!(days.map(|(end, start)| (end - start) / 86_400), Some(90));
    assert_eq!(read(&stage, "secrets/key").await.code(), "SecretNotFound");
    assert_eq!(read(&stage, "secrets").await.body["value"], json!([]));
    let taken = set(&stage, "key", "two").await;
    assert_eq!((taken.status, taken.code()), (StatusCode::CONFLICT, "Conflict"));
    assert_eq!(inner(&taken), "ObjectIsDeletedButRecoverable");

    stage.post(&format!("{VAULT}/deletedsecrets/key/recover"), json!({})).await;
    assert_eq!(read(&stage, "secrets/key").await.body["value"], "one");
    stage.delete(&format!("{VAULT}/secrets/key")).await;
    assert_eq!(
        read(&stage, "deletedsecrets").await.body["value"].as_array().map(Vec::len),
        Some(1)
    );
    let purged = stage.delete(&format!("{VAULT}/deletedsecrets/key")).await;
    assert_eq!(purged.status, StatusCode::NO_CONTENT);
    assert_eq!(set(&stage, "key", "three").await.status, StatusCode::OK);

    stage.delete(&format!("{VAULT}/secrets/key")).await;
    stage.advance(90 * 86_400).await;
    assert_eq!(read(&stage, "deletedsecrets/key").await.status, StatusCode::NOT_FOUND);
    let again = set(&stage, "key", "four").await;
    assert_eq!(again.status, StatusCode::OK, "its time of recovery has ended");
    let versions = read(&stage, "secrets/key/versions").await.body;
    assert_eq!(
        versions["value"].as_array().map(Vec::len),
        Some(1),
        "nothing of the old one is left"
    );
}

#[tokio::test]
async fn invalid_names_and_values_are_refused() {
    let stage = Stage::start().await;
    for name in ["a_b", "a.b", &"a".repeat(128)] {
        let refused = set(&stage, name, "one").await;
        assert_eq!(
            (refused.status, refused.code()),
            (StatusCode::BAD_REQUEST, "BadParameter"),
            "{name}"
        );
    }
    assert_eq!(set(&stage, "key", &"a".repeat(25 * 1024)).await.status, StatusCode::OK);
    assert_eq!(set(&stage, "key", &"a".repeat(25 * 1024 + 1)).await.code(), "BadParameter");
    let refused = stage.put(&format!("{VAULT}/secrets/key"), json!({ "value": 7 })).await;
    assert_eq!(refused.code(), "BadParameter");
    assert_eq!(stage.get("/vaults/kv-other/secrets").await.code(), "VaultNotFound");
    assert_eq!(read(&stage, "keys").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_vault_refuses_when_it_is_asked_to() {
    let stage = Stage::start().await;
    set(&stage, "key", "one").await;
    for (why, code) in [
        ("rbac", "ForbiddenByRbac"),
        ("policy", "ForbiddenByPolicy"),
        ("firewall", "ForbiddenByFirewall"),
    ] {
        let switch =
            stage.switch(Method::PUT, "/emulator/vaults/kv-it-dev", json!({ "refuse": why })).await;
        assert_eq!(switch.status, StatusCode::NO_CONTENT);
        let refused = read(&stage, "secrets/key").await;
        assert_eq!((refused.status, inner(&refused)), (StatusCode::FORBIDDEN, &json!(code)));
    }
    stage.switch(Method::PUT, "/emulator/vaults/kv-it-dev", json!({ "refuse": null })).await;
    assert_eq!(read(&stage, "secrets/key").await.body["value"], "one");
    let other =
        stage.switch(Method::PUT, "/emulator/vaults/kv-other", json!({ "refuse": null })).await;
    assert_eq!(other.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn values_are_in_no_file_and_no_log_and_survive_a_restart() {
    let dir = tempfile::tempdir().expect("a folder");
    let state = Some(dir.path().to_owned());
    let stage = Stage::start_with(config(state.clone())).await;
    set(&stage, "key", "hunter2-in-clear").await;
    let writes = stage.bare(Method::GET, "/emulator/writes").await.body.to_string();
    assert!(
        writes.contains("/vaults/kv-it-dev/secrets/key") && !writes.contains("hunter2"),
        "{writes}"
    );
    stage.emulator.stop().await;
    let kept = std::fs::read_to_string(dir.path().join("state.json")).expect("a state");
    assert!(kept.contains("kv-it-dev") && !kept.contains("hunter2"));
    let stage = Stage::start_with(config(state)).await;
    assert_eq!(read(&stage, "secrets/key").await.body["value"], "hunter2-in-clear");
}

#[tokio::test]
async fn a_host_names_the_vault_and_ids_follow_it() {
    let stage = Stage::start().await;
    set(&stage, "key", "one").await;
    let url = stage.url("/secrets/key?api-version=7.5");
    let request = stage.http.get(url).header("host", "kv-it-dev.vault.azure.net").bearer_auth("x");
    let body = Reply::read(request.send().await.expect("an answer")).await.body;
    assert_eq!(body["value"], "one");
    let id = body["id"].as_str().expect("an id");
    assert!(id.starts_with("https://kv-it-dev.vault.azure.net/secrets/key/"), "{id}");
}

#[tokio::test]
async fn vaults_are_found_and_created_through_arm() {
    let stage = Stage::start().await;
    let linked = stage.get("").await.body["properties"]["keyVault"].clone();
    let linked = stage.get(linked.as_str().expect("an id")).await.body;
    let uri = linked["properties"]["vaultUri"].as_str().expect("a URL");
    assert!(uri.starts_with("http://127.0.0.1:") && uri.ends_with("/vaults/kv-it-dev/"), "{uri}");
    let body = json!({ "location": "westeurope", "tags": { "a": "b" },
        "properties": { "softDeleteRetentionInDays": 7, "enablePurgeProtection": true } });
    let made = stage.put(&format!("{ARM}/kv-new"), body.clone()).await;
    assert_eq!(made.status, StatusCode::CREATED, "{made:?}");
    assert_eq!(stage.put(&format!("{ARM}/kv-new"), body.clone()).await.status, StatusCode::OK);
    assert_eq!(stage.get(ARM).await.body["value"].as_array().map(Vec::len), Some(2));
    let refused = stage.put(&format!("{ARM}/1-bad"), body).await;
    assert_eq!(refused.code(), "VaultNameNotValid");

    stage.put("/vaults/kv-new/secrets/key", json!({ "value": "one" })).await;
    stage.delete("/vaults/kv-new/secrets/key").await;
    let purge = stage.delete("/vaults/kv-new/deletedsecrets/key").await;
    assert_eq!(purge.status, StatusCode::FORBIDDEN, "the vault is protected");
    assert_eq!(stage.delete(&format!("{ARM}/kv-new")).await.status, StatusCode::OK);
    assert_eq!(stage.get("/vaults/kv-new/secrets").await.code(), "VaultNotFound");
}
