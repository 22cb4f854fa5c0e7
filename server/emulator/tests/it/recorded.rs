//! The demo's recorded day.

use emulator::{Config, Demo, Workspace};
use serde_json::Value;

use crate::harness::{Stage, config, in_time};

fn demo(state: Option<std::path::PathBuf>) -> Config {
    let workspace =
        |name: &str| Workspace { name: name.to_owned(), location: "westeurope".to_owned() };
    let workspaces = vec![workspace("mlw-anet-0001dev"), workspace("mlw-anet-0001prod")];
    Config { demo: Demo::TeamWithRecordedDay, workspaces, ..config(state) }
}

async fn recorded(stage: &Stage) {
    let done = async {
        while stage.bare(reqwest::Method::GET, "/emulator/logs").await.body["isRecording"] == true {
        }
    };
    in_time(done).await;
}

async fn query(stage: &Stage, text: &str) -> Value {
    let group =
        "/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/rg-it/providers";
    let logs = format!("{group}/Microsoft.OperationalInsights/workspaces/log-anet-0001prod");
    let request = stage.http.post(stage.url(&format!("/v1{logs}/query"))).bearer_auth("x");
    let request = request.json(&serde_json::json!({ "query": text }));
    let reply = crate::harness::Reply::read(request.send().await.expect("an answer")).await;
    reply.body["tables"][0]["rows"].clone()
}

async fn metric(stage: &Stage, name: &str, filter: &str) -> f64 {
    let endpoint = "/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/rg-it/providers/\
        Microsoft.MachineLearningServices/workspaces/mlw-anet-0001prod/onlineEndpoints/anet-ep-prod";
    let path = format!(
        "{endpoint}/providers/Microsoft.Insights/metrics?metricnames={name}&interval=PT1M&$filter={filter}&\
         timespan=2025-12-31T00:00:00Z/2026-01-01T00:00:00Z"
    );
    let body = stage.get(&path).await.body;
    let series =
        body["value"][0]["timeseries"].as_array().unwrap_or_else(|| panic!("{body}")).clone();
    series
        .iter()
        .flat_map(|one| one["data"].as_array().expect("points").clone())
        .filter_map(|point| point["average"].as_f64())
        .sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn logs_and_metrics_of_the_recorded_day_agree_also_after_a_restart() {
    let dir = tempfile::tempdir().expect("a folder");
    let stage = Stage::start_with(demo(Some(dir.path().to_owned()))).await;
    recorded(&stage).await;
    stage.advance(120).await;
    let recorded_rows = "AmlOnlineEndpointTrafficLog | where SourceSystem == 'RestAPI'";
    let all =
        query(&stage, &format!("{recorded_rows} | count")).await[0][0].as_f64().expect("a number");
    assert!(all > 50_000.0, "{all}");
    assert_eq!(metric(&stage, "RequestsPerMinute", "").await, all);
    let failed =
        query(&stage, &format!("{recorded_rows} | where ResponseCode == 424 | count")).await;
    let failed = failed[0][0].as_f64().expect("a number");
    assert!(failed > 200.0, "{failed}");
    assert_eq!(metric(&stage, "RequestsPerMinute", "statusCode%20eq%20'424'").await, failed);
    let lines =
        query(&stage, "AmlOnlineEndpointConsoleLog | where Message has 'No space left' | count")
            .await;
    assert!(lines[0][0].as_i64().expect("a number") > 20, "{lines}");
    let group =
        "/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/rg-it/providers";
    let logs = format!("{group}/Microsoft.OperationalInsights/workspaces/log-anet-0001prod");
    let tags = stage.get(&logs).await.body["tags"].clone();
    assert_eq!(tags["recordedFrom"], "2025-12-31T00:00:00Z");
    assert_eq!(tags["recordedUntil"], "2026-01-01T00:00:00Z");
    stage.emulator.stop().await;
    let stage = Stage::start_with(demo(Some(dir.path().to_owned()))).await;
    recorded(&stage).await;
    stage.advance(120).await;
    let again = query(&stage, &format!("{recorded_rows} | count")).await[0][0].as_f64();
    assert_eq!(again, Some(all), "nothing is recorded twice");
    assert_eq!(metric(&stage, "RequestsPerMinute", "").await, all);
}
