//! Lists have pages, which `nextLink` connects.

use serde_json::{Value, json};

use crate::harness::{Stage, endpoint};

#[tokio::test]
async fn next_links_visit_every_endpoint_once() {
    let stage = Stage::start().await;
    for n in 0..5 {
        stage.put(&format!("onlineEndpoints/page-{n}"), endpoint(json!({}), json!({}))).await;
    }
    let mut page = stage.get("onlineEndpoints?count=2&tags=team").await.body;
    let mut names: Vec<Value> = Vec::new();
    let mut pages = 0;
    loop {
        pages += 1;
        let items = page["value"].as_array().expect("a page");
        names.extend(items.iter().map(|item| item["name"].clone()));
        let Some(next) = page["nextLink"].as_str() else { break };
        assert!(next.contains("tags=team") && next.contains("api-version="), "{next}");
        let request = stage.http.get(next).bearer_auth("x");
        page = request.send().await.expect("an answer").json().await.expect("JSON");
    }
    assert_eq!((pages, names.len()), (3, 5));
    let bad = stage.get("onlineEndpoints?count=many").await;
    assert_eq!(bad.status, 400);
    // The largest possible number is beyond the last page, and must not overflow.
    let beyond = stage.get(&format!("onlineEndpoints?$skip={}", u64::MAX)).await;
    assert_eq!(beyond.body, json!({ "value": [] }));
}

#[tokio::test]
async fn lists_are_filtered_by_tags_and_properties() {
    let stage = Stage::start().await;
    for (name, team) in [("alpha", "red"), ("beta", "blue")] {
        let mut body = endpoint(json!({}), json!({}));
        body["tags"] = json!({ "team": team });
        body["properties"]["properties"] = json!({ "cost": team });
        let path = format!("onlineEndpoints/{name}");
        stage.done(&stage.put(&path, body).await).await;
    }
    for query in ["tags=team%3Dred", "properties=cost%3Dred", "tags=team&properties=cost%3Dred"] {
        let found = stage.get(&format!("onlineEndpoints?{query}")).await.body;
        let names: Vec<_> = found["value"].as_array().into_iter().flatten().collect();
        assert_eq!((names.len(), &names[0]["name"]), (1, &json!("alpha")), "{query}");
    }
}

#[tokio::test]
async fn the_latest_version_can_be_listed_first() {
    let stage = Stage::start().await;
    for version in 1..=3 {
        let body = json!({ "properties": { "image": format!("a/b:{version}") } });
        let made = stage.put(&format!("environments/env/versions/{version}"), body).await;
        assert_eq!(made.status, 201);
    }
    let latest = stage.get("environments/env/versions?$orderBy=createdtime%20desc&$top=1").await;
    assert_eq!(latest.body["value"][0]["name"], "3");
    let container = stage.get("environments/env").await.body;
    assert_eq!(container["properties"]["nextVersion"], "4");
    let changed = json!({ "properties": { "image": "a/b:other" } });
    assert_eq!(stage.put("environments/env/versions/3", changed).await.status, 409);
}
