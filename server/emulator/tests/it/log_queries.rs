//! The query API of Log Analytics: its answers and its errors.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::harness::{Reply, Stage, WORKSPACE};

async fn asked(stage: &Stage, path: &str, body: Value, headers: &[(&str, &str)]) -> Reply {
    let mut request = stage.http.post(stage.url(path)).json(&body);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    Reply::read(request.send().await.expect("an answer")).await
}

async fn path(stage: &Stage) -> String {
    let workspace = stage.get(&stage.log_workspace()).await.body;
    let id = workspace["properties"]["customerId"].as_str().expect("an id").to_owned();
    format!("/v1/workspaces/{id}/query")
}

const BEARER: (&str, &str) = ("authorization", "Bearer made-up");

#[tokio::test]
async fn an_answer_has_tables_with_typed_columns_and_what_was_preferred() {
    let stage = Stage::start().await;
    let path = path(&stage).await;
    let query = json!({ "query": "print a = 1, b = 'x', t = datetime(2026-01-01) | render table", "timespan": "PT1H" });
    let prefer = ("prefer", "wait=20,include-statistics=true,include-render=true");
    let reply = asked(&stage, &path, query.clone(), &[BEARER, prefer]).await;
    assert_eq!(reply.status, StatusCode::OK, "{reply:?}");
    let table = &reply.body["tables"][0];
    assert_eq!(table["name"], "PrimaryResult");
    assert_eq!(table["columns"][0], json!({ "name": "a", "type": "long" }));
    assert_eq!(table["rows"], json!([[1, "x", "2026-01-01T00:00:00Z"]]));
    assert!(reply.body["statistics"]["query"]["executionTime"].is_number(), "{reply:?}");
    assert_eq!(reply.body["render"]["visualization"], "table");
    let plain = asked(&stage, &path, query, &[BEARER]).await;
    assert!(plain.body.get("statistics").is_none() && plain.body.get("render").is_none());
}

#[tokio::test]
async fn wrong_requests_are_refused_as_documented() {
    let stage = Stage::start().await;
    let path = path(&stage).await;
    let query = |text: &str| json!({ "query": text });
    for (path, body, headers, status, code) in [
        (path.as_str(), query("print 1"), &[][..], 401, "AuthenticationFailed"),
        ("/v1/workspaces/none/query", query("print 1"), &[BEARER], 404, "WorkspaceNotFoundError"),
        ("/v1/nothing", query("print 1"), &[BEARER], 404, "PathNotFoundError"),
        (&path, query("print 1 |"), &[BEARER], 400, "BadArgumentError"),
        (&path, query("AmlNothing | count"), &[BEARER], 400, "BadArgumentError"),
        (&path, json!({}), &[BEARER], 400, "BadArgumentError"),
        (
            &path,
            json!({ "query": "print 1", "timespan": "soon" }),
            &[BEARER],
            400,
            "BadArgumentError",
        ),
        (&path, query("print 1"), &[BEARER, ("prefer", "wait=soon")], 400, "BadArgumentError"),
    ] {
        let reply = asked(&stage, path, body, headers).await;
        assert_eq!((reply.status.as_u16(), reply.code()), (status, code), "{path} {reply:?}");
        assert!(reply.body["error"]["correlationId"].is_string(), "{reply:?}");
    }
    let syntax = asked(&stage, &path, query("print 1 |"), &[BEARER]).await;
    assert_eq!(syntax.body["error"]["innererror"]["code"], "SyntaxError");
    let column = query("AmlOnlineEndpointTrafficLog | where Nothing == 1");
    let semantic = asked(&stage, &path, column, &[BEARER]).await;
    assert_eq!(semantic.body["error"]["innererror"]["code"], "SemanticError");
    let get = stage.http.delete(stage.url(&path)).bearer_auth("x").send().await.expect("an answer");
    assert_eq!(get.status(), StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test]
async fn a_query_over_its_time_ends_with_504() {
    let stage = Stage::start().await;
    let path = path(&stage).await;
    let slow = "range x from 1 to 1000000 step 1 | extend k = 1 \
                | join kind=inner (range y from 1 to 1000000 step 1 | extend k = 1) on k | count";
    let headers = [BEARER, ("prefer", "wait=1")];
    let reply = asked(&stage, &path, json!({ "query": slow }), &headers).await;
    assert_eq!((reply.status, reply.code()), (StatusCode::GATEWAY_TIMEOUT, "GatewayTimeout"));
}

#[tokio::test]
async fn the_right_to_read_logs_can_be_taken_away() {
    let stage = Stage::start().await;
    let path = path(&stage).await;
    let without = json!({ "without": ["Microsoft.OperationalInsights/workspaces/query/read"] });
    stage.switch(Method::PUT, "/emulator/permissions", without).await;
    let reply = asked(&stage, &path, json!({ "query": "print 1" }), &[BEARER]).await;
    assert_eq!((reply.status, reply.code()), (StatusCode::FORBIDDEN, "InsufficientAccessError"));
}

#[tokio::test]
async fn a_resource_sees_only_its_own_rows() {
    let stage = Stage::start().await;
    stage.watched("first", "blue").await;
    stage.watched("second", "blue").await;
    for (name, times) in [("first", 2), ("second", 1)] {
        let key = stage.key(name).await;
        for _ in 0..times {
            stage.score(name, &key).await;
        }
    }
    stage.advance(10).await;
    let count = json!({ "query": "AmlOnlineEndpointTrafficLog | count" });
    let of = |id: String| {
        let count = count.clone();
        let stage = &stage;
        async move {
            asked(stage, &format!("/v1{id}/query"), count, &[BEARER]).await.body["tables"][0]["rows"][0][0].clone()
        }
    };
    assert_eq!(of(format!("{WORKSPACE}/onlineEndpoints/first")).await, 2);
    assert_eq!(of(format!("{WORKSPACE}/onlineEndpoints/FIRST").to_uppercase()).await, 2);
    assert_eq!(of(WORKSPACE.to_owned()).await, 3);
    assert_eq!(of(stage.log_workspace()).await, 3);
    assert_eq!(of(format!("{WORKSPACE}/onlineEndpoints/fir")).await, 0);
}

#[tokio::test]
async fn a_batch_answers_each_query_for_itself() {
    let stage = Stage::start().await;
    let path = path(&stage).await;
    let id = path.split('/').nth(3).expect("an id");
    let one = |number: &str, query: &str| {
        json!({ "id": number, "workspace": id, "method": "POST", "path": "/query",
                "headers": { "Prefer": "wait=5" }, "body": { "query": query } })
    };
    let body = json!({ "requests": [one("1", "print 1"), one("2", "print")] });
    let reply = asked(&stage, "/v1/$batch", body, &[BEARER]).await;
    let responses = &reply.body["responses"];
    assert_eq!((&responses[0]["id"], &responses[0]["status"]), (&json!("1"), &json!(200)));
    assert_eq!(responses[0]["body"]["tables"][0]["rows"], json!([[1]]));
    assert_eq!(responses[1]["status"], 400);
    assert_eq!(responses[1]["body"]["error"]["code"], "BadArgumentError");
    let empty = asked(&stage, "/v1/$batch", json!({ "requests": [] }), &[BEARER]).await;
    assert_eq!(empty.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn an_answer_over_the_limit_is_partial_and_a_body_over_it_refused() {
    let stage = Stage::start().await;
    let path = path(&stage).await;
    let many = json!({ "query": "range x from 1 to 500001 step 1" });
    let reply = asked(&stage, &path, many, &[BEARER]).await;
    assert_eq!((reply.status, reply.code()), (StatusCode::OK, "PartialError"));
    let rows = reply.body["tables"][0]["rows"].as_array().map(Vec::len);
    assert_eq!(rows, Some(500_000), "the service's limit");
    let long = json!({ "query": format!("print '{}'", "x".repeat(3 << 20)) });
    let refused = asked(&stage, &path, long, &[BEARER]).await;
    assert_eq!(refused.status, StatusCode::PAYLOAD_TOO_LARGE);
}
