//! GitHub's REST API.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::harness::{Reply, Stage};

const REPO: &str = "/api/v3/repos/anet/ml-azua";
const DEPLOY: &str = "contents/.github/workflows/deploy.yml";

async fn send(
    stage: &Stage,
    method: Method,
    path: &str,
    headers: &[(&str, &str)],
    body: Option<Value>,
) -> Reply {
    let mut request = stage
        .http
        .request(method, stage.url(&format!("{REPO}{path}")))
        .header("user-agent", "a-test")
        .bearer_auth(stage.emulator.github_token());
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    if let Some(body) = body {
        request = request.json(&body);
    }
    Reply::read(request.send().await.expect("an answer")).await
}

async fn get(stage: &Stage, path: &str) -> Reply {
    send(stage, Method::GET, path, &[], None).await
}

fn decoded(reply: &Reply) -> Vec<u8> {
    let text: String = reply.body["content"].as_str().expect("text").split_whitespace().collect();
    STANDARD.decode(text).expect("Base64")
}

#[tokio::test]
async fn only_the_token_sees_the_repository() {
    let stage = Stage::start().await;
    let ask = async |token: Option<&str>| {
        let mut request = stage.http.get(stage.url(REPO)).header("user-agent", "a-test");
        if let Some(token) = token {
            request = request.header("authorization", format!("token {token}"));
        }
        Reply::read(request.send().await.expect("an answer")).await
    };
    let wrong = ask(Some("ghp_wrong")).await;
    assert_eq!(wrong.status, StatusCode::UNAUTHORIZED);
    assert_eq!(
        wrong.body,
        json!({ "message": "Bad credentials", "documentation_url": "https://docs.github.com/rest",
            "status": "401" })
    );
    assert_eq!(ask(None).await.status, StatusCode::NOT_FOUND);
    let seen = ask(Some(stage.emulator.github_token())).await;
    assert_eq!((seen.status, &seen.body["default_branch"]), (StatusCode::OK, &json!("main")));
    let bare = stage.http.get(stage.url(REPO)).bearer_auth(stage.emulator.github_token());
    let bare = Reply::read(bare.send().await.expect("an answer")).await;
    assert_eq!(bare.status, StatusCode::FORBIDDEN, "a User-Agent is required");
}

#[tokio::test]
async fn a_file_is_returned_as_base64_or_raw() {
    let stage = Stage::start().await;
    let main = get(&stage, &format!("/{DEPLOY}")).await;
    assert_eq!((main.status, &main.body["encoding"]), (StatusCode::OK, &json!("base64")));
    let text = String::from_utf8(decoded(&main)).expect("text");
    assert!(text.contains("deploy_realtime.yml@main") && !text.contains("shadow_"));
    let branch = get(&stage, &format!("/{DEPLOY}?ref=shadow-nbq-2")).await;
    assert!(String::from_utf8(decoded(&branch)).expect("text").contains("shadow_deployment_name"));
    let raw = [("accept", "application/vnd.github.raw+json")];
    let raw = send(&stage, Method::GET, &format!("/{DEPLOY}"), &raw, None).await;
    assert_eq!(raw.body, Value::String(text));
    for (path, message) in [
        ("/contents/nowhere.yml", "Not Found"),
        ("/contents/README.md?ref=nowhere", "No commit found for the ref nowhere"),
        ("/contents/README.md/below", "Not Found"),
    ] {
        let reply = get(&stage, path).await;
        assert_eq!(reply.status, StatusCode::NOT_FOUND, "{path}");
        assert_eq!(reply.body["message"], message);
    }
}

#[tokio::test]
async fn over_one_megabyte_only_the_raw_type_has_the_content() {
    let stage = Stage::start().await;
    let large = vec![b'#'; 1024 * 1024 + 1];
    let body = json!({ "message": "Grow", "content": STANDARD.encode(&large), "branch": "main" });
    let made = send(&stage, Method::PUT, "/contents/large.yml", &[], Some(body)).await;
    assert_eq!(made.status, StatusCode::CREATED);
    let described = get(&stage, "/contents/large.yml").await;
    assert_eq!(
        (&described.body["encoding"], &described.body["content"], &described.body["size"]),
        (&json!("none"), &json!(""), &json!(large.len()))
    );
    let raw = [("accept", "application/vnd.github.raw+json")];
    let raw = send(&stage, Method::GET, "/contents/large.yml", &raw, None).await;
    assert_eq!(raw.body.as_str().map(str::len), Some(large.len()));
}

#[tokio::test]
async fn a_folder_is_a_list_or_an_object() {
    let stage = Stage::start().await;
    let list = get(&stage, "/contents/.github/workflows").await;
    let names: Vec<_> = list.body.as_array().expect("a list").iter().map(|e| &e["name"]).collect();
    assert_eq!(names, ["build-by-hand.yml", "checks.yml", "deploy.yml", "route.yml"]);
    assert!(list.body[0]["content"].is_null());
    let object = [("accept", "application/vnd.github.object+json")];
    let object = send(&stage, Method::GET, "/contents/mlops", &object, None).await;
    assert_eq!(
        (&object.body["type"], &object.body["entries"][0]["type"]),
        (&json!("dir"), &json!("dir"))
    );
}

#[tokio::test]
async fn a_304_has_no_body_and_is_free() {
    let stage = Stage::start().await;
    let first = get(&stage, "/commits/main").await;
    let tag = first.header("etag").to_owned();
    assert!(tag.starts_with("W/\""));
    let left = first.header("x-ratelimit-remaining").to_owned();
    let known = [("if-none-match", tag.as_str())];
    let second = send(&stage, Method::GET, "/commits/main", &known, None).await;
    assert_eq!((second.status, second.header("etag")), (StatusCode::NOT_MODIFIED, tag.as_str()));
    assert_eq!(second.header("x-ratelimit-remaining"), left);
    let other = send(&stage, Method::GET, "/commits/shadow-nbq-2", &known, None).await;
    assert_eq!(other.status, StatusCode::OK);
}

#[tokio::test]
async fn the_rate_limit_is_five_thousand_requests_an_hour() {
    let stage = Stage::start().await;
    let first = get(&stage, "").await;
    assert_eq!(first.header("x-ratelimit-limit"), "5000");
    assert_eq!(first.header("x-ratelimit-remaining"), "4999");
    let reset: u64 = first.header("x-ratelimit-reset").parse().expect("a number");
    for _ in 0..4999 {
        get(&stage, "/git/ref/heads/main").await;
    }
    let refused = get(&stage, "").await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(refused.body["message"].as_str().expect("text").starts_with("API rate limit exceeded"));
    assert_eq!(refused.header("x-ratelimit-remaining"), "0");
    stage.advance(3_600).await;
    let again = get(&stage, "").await;
    assert_eq!(again.status, StatusCode::OK);
    let later: u64 = again.header("x-ratelimit-reset").parse().expect("a number");
    assert_eq!(later, reset + 3_600);
}

#[tokio::test]
async fn long_lists_have_pages() {
    let stage = Stage::start().await;
    let first = get(&stage, "/branches?per_page=1").await;
    assert_eq!(first.body.as_array().map(Vec::len), Some(1));
    let link = first.header("link");
    assert!(link.contains("/branches?per_page=1&page=2>; rel=\"next\""), "{link}");
    assert!(link.contains("rel=\"last\"") && !link.contains("rel=\"prev\""), "{link}");
    let second = get(&stage, "/branches?per_page=1&page=2").await;
    assert_eq!(second.body[0]["name"], "shadow-nbq-2");
    assert!(!second.header("link").contains("next"));
    assert_eq!(get(&stage, "/tags").await.header("link"), "");
}

#[tokio::test]
async fn replacing_a_file_requires_its_hash() {
    let stage = Stage::start().await;
    let put = async |sha: Option<&str>| {
        let mut body = json!({ "message": "Change", "content": STANDARD.encode("new") });
        if let Some(sha) = sha {
            body["sha"] = json!(sha);
        }
        send(&stage, Method::PUT, "/contents/README.md", &[], Some(body)).await
    };
    let before = get(&stage, "/contents/README.md").await;
    let head = get(&stage, "/commits/main").await.body["sha"].clone();
    assert_eq!(put(None).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(put(Some(&"0".repeat(40))).await.status, StatusCode::CONFLICT);
    let done = put(before.body["sha"].as_str()).await;
    assert_eq!(done.status, StatusCode::OK);
    assert_eq!(done.body["commit"]["parents"][0]["sha"], head);
    assert_eq!(decoded(&get(&stage, "/contents/README.md").await), b"new");
    let old =
        get(&stage, &format!("/contents/README.md?ref={}", head.as_str().expect("sha"))).await;
    assert_eq!(old.body["sha"], before.body["sha"], "a commit never changes");
}

#[tokio::test]
async fn secondary_rate_limits_can_be_simulated() {
    let stage = Stage::start().await;
    let fault = json!({ "match": { "path_contains": "/commits/" }, "respond": { "status": 403,
        "headers": { "x-ratelimit-remaining": "0", "x-ratelimit-reset": "1767229200" },
        "body": { "message": "You have exceeded a secondary rate limit." } } });
    stage.switch(Method::POST, "/emulator/faults", fault).await;
    let refused = get(&stage, "/commits/main").await;
    assert_eq!(
        (refused.status, refused.header("x-ratelimit-remaining")),
        (StatusCode::FORBIDDEN, "0")
    );
    assert_eq!(refused.body["message"], "You have exceeded a secondary rate limit.");
    assert_eq!(get(&stage, "/commits/main").await.status, StatusCode::OK);
}
