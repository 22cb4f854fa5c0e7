//! Tokens with permissions, and the GitHub App.

use jsonwebtoken::{Algorithm, EncodingKey, Header};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::harness::{Reply, Stage};
use crate::hub::{API, Hub};

#[expect(clippy::disallowed_methods, reason = "tokens of apps follow the machine's clock")]
fn now() -> i64 {
    time::OffsetDateTime::now_utc().unix_timestamp()
}

/// The app's facts, and a client whose token the app has signed.
async fn app(stage: &Stage, claims: Value) -> (Value, Hub<'_>) {
    let facts = stage.bare(Method::GET, "/emulator/github/app").await.body;
    let pem = facts["private_key"].as_str().expect("a key").to_owned();
    assert!(pem.starts_with("-----BEGIN RSA PRIVATE KEY-----"));
    let key = EncodingKey::from_rsa_pem(pem.as_bytes()).expect("a key");
    let mut all = json!({ "iss": facts["app_id"], "iat": now() - 60, "exp": now() + 540 });
    for (name, value) in claims.as_object().expect("a map") {
        all[name] = value.clone();
    }
    let token = jsonwebtoken::encode(&Header::new(Algorithm::RS256), &all, &key).expect("a token");
    (facts, Hub { stage, token })
}

async fn exchange(hub: &Hub<'_>, facts: &Value, body: Value) -> Reply {
    let path = format!("{API}/app/installations/{}/access_tokens", facts["installation_id"]);
    hub.post(&path, body).await
}

#[tokio::test]
async fn an_app_exchanges_its_token_for_one_of_its_installation() {
    let stage = Stage::start().await;
    let (facts, hub) = app(&stage, json!({})).await;
    let itself = hub.get(&format!("{API}/app")).await;
    assert_eq!((itself.status, &itself.body["id"]), (StatusCode::OK, &facts["app_id"]));
    let installation = hub.get("installation").await;
    assert_eq!(
        (installation.status, &installation.body["id"]),
        (StatusCode::OK, &facts["installation_id"])
    );
    let made = exchange(&hub, &facts, json!({})).await;
    assert_eq!(made.status, StatusCode::CREATED, "{made:?}");
    let token = made.body["token"].as_str().expect("a token").to_owned();
    assert!(token.starts_with("ghs_"));
    assert_eq!(made.body["permissions"]["actions"], "write");
    // PyGithub sends an empty object when it wants all permissions.
    let all = exchange(&hub, &facts, json!({ "permissions": {} })).await;
    assert_eq!(all.body["permissions"], made.body["permissions"]);
    let installed = Hub { stage: &stage, token };
    assert_eq!(installed.get("contents/README.md").await.status, StatusCode::OK);
    installed.workflow("  a: {steps: [], environment: anet-prod}\n").await;
    let run = installed.dispatch().await;
    assert_eq!(installed.run(run).await["actor"]["type"], "Bot");
    installed.reaches(run, "waiting").await;
    // An app approves nothing, whatever its permissions are.
    let path = format!("actions/runs/{run}/pending_deployments");
    let refused = installed
        .post(&path, json!({ "environment_ids": [1], "state": "approved", "comment": "" }))
        .await;
    assert_eq!(
        (refused.status, refused.message()),
        (StatusCode::FORBIDDEN, "Resource not accessible by integration")
    );
    assert_eq!(installed.get(&format!("{API}/user")).await.status, StatusCode::FORBIDDEN);
    let all = installed.get(&format!("{API}/installation/repositories")).await.body;
    assert_eq!(all["repositories"][0]["full_name"], "anet/ml-azua");
    let written = json!({ "message": "x", "content": "" });
    let refused = installed.send(Method::PUT, "contents/new", Some(written)).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert_eq!(refused.header("x-accepted-github-permissions"), "contents=write");
    stage.bare(Method::DELETE, "/emulator/github/tokens").await;
    assert_eq!(installed.get("").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn an_installations_token_can_be_narrower_and_not_wider() {
    let stage = Stage::start().await;
    let (facts, hub) = app(&stage, json!({})).await;
    let narrow = exchange(&hub, &facts, json!({ "permissions": { "actions": "read" } })).await;
    let token = narrow.body["token"].as_str().expect("a token").to_owned();
    let narrow = Hub { stage: &stage, token };
    assert_eq!(narrow.get("actions/workflows").await.status, StatusCode::OK);
    assert_eq!(narrow.get("contents/README.md").await.status, StatusCode::NOT_FOUND);
    for body in [
        json!({ "permissions": { "contents": "write" } }),
        json!({ "permissions": { "actions": "all" } }),
        json!({ "repositories": ["other"] }),
    ] {
        assert_eq!(exchange(&hub, &facts, body).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
}

#[tokio::test]
async fn an_apps_own_token_must_be_fresh_short_and_its_own() {
    let stage = Stage::start().await;
    for (claims, status, part) in [
        (json!({ "exp": now() + 3_600 }), StatusCode::UNAUTHORIZED, "too far in the future"),
        (json!({ "exp": now() - 120 }), StatusCode::UNAUTHORIZED, "('exp') must be"),
        (json!({ "exp": "soon" }), StatusCode::UNAUTHORIZED, "('exp') must be"),
        (json!({ "iat": now() + 300 }), StatusCode::UNAUTHORIZED, "('iat') must be"),
        (json!({ "iat": now() - 3_600 }), StatusCode::UNAUTHORIZED, "too far in the future"),
        (json!({ "iss": 7 }), StatusCode::NOT_FOUND, "Integration not found"),
    ] {
        let (_, hub) = app(&stage, claims).await;
        let refused = hub.get(&format!("{API}/app")).await;
        assert_eq!(refused.status, status, "{refused:?}");
        assert!(refused.message().contains(part), "{refused:?}");
    }
    let (facts, mut hub) = app(&stage, json!({ "iss": "Iv23liUnderstudyApp0" })).await;
    assert_eq!(hub.get(&format!("{API}/app")).await.status, StatusCode::OK);
    // Neither a person's token nor a changed one is the app's.
    let person = Hub::new(&stage);
    assert_eq!(exchange(&person, &facts, json!({})).await.status, StatusCode::UNAUTHORIZED);
    hub.token.insert(hub.token.len() - 3, 'A');
    assert_eq!(hub.get(&format!("{API}/app")).await.status, StatusCode::UNAUTHORIZED);
    // And the app's own token reads no repository.
    let (_, hub) = app(&stage, json!({})).await;
    assert_eq!(hub.get("").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_token_does_what_its_permissions_allow() {
    let stage = Stage::start().await;
    let reader =
        Hub::with(&stage, "dana-scott", json!({ "actions": "read", "contents": "read" })).await;
    assert!(reader.token.starts_with("github_pat_"));
    assert_eq!(reader.get(&format!("{API}/user")).await.body["login"], "dana-scott");
    for path in ["", "contents/README.md", "actions/runs", "environments", "branches"] {
        assert_eq!(reader.get(path).await.status, StatusCode::OK, "{path}");
    }
    let message = "Resource not accessible by personal access token";
    let refused =
        reader.post("actions/workflows/route.yml/dispatches", json!({ "ref": "main" })).await;
    assert_eq!((refused.status, refused.message()), (StatusCode::FORBIDDEN, message));
    assert_eq!(refused.header("x-accepted-github-permissions"), "actions=write");
    let written = reader
        .send(Method::PUT, "contents/x", Some(json!({ "message": "x", "content": "" })))
        .await;
    assert_eq!(written.status, StatusCode::FORBIDDEN);
    let nothing = Hub::with(&stage, "dana-scott", json!({})).await;
    assert_eq!(nothing.get("").await.status, StatusCode::OK, "metadata is always visible");
    assert_eq!(nothing.get("actions/runs").await.status, StatusCode::FORBIDDEN);
    assert_eq!(nothing.get("contents/README.md").await.status, StatusCode::NOT_FOUND);
    for wanted in [
        json!({ "permissions": { "everything": "read" } }),
        json!({ "permissions": {}, "login": "nobody" }),
    ] {
        let refused = stage.switch(Method::POST, "/emulator/github/tokens", wanted).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{refused:?}");
    }
    let short = json!({ "permissions": {}, "expires_in": -1 });
    let made = stage.switch(Method::POST, "/emulator/github/tokens", short).await;
    let token = made.body["token"].as_str().expect("a token").to_owned();
    assert_eq!(Hub { stage: &stage, token }.get("").await.status, StatusCode::UNAUTHORIZED);
}
