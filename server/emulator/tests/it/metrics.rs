//! Metrics of real requests.

use reqwest::StatusCode;
use serde_json::json;

use crate::harness::{Stage, endpoint};

const METRICS: &str = "onlineEndpoints/measured/providers/Microsoft.Insights/metrics";

async fn measured() -> Stage {
    let stage = Stage::start().await;
    stage.endpoint("measured", &["blue"]).await;
    let body = endpoint(json!({ "blue": 100 }), json!({}));
    stage.done(&stage.put("onlineEndpoints/measured", body).await).await;
    let keys = stage.post("onlineEndpoints/measured/listKeys", json!({})).await.body;
    for _ in 0..3 {
        let request = stage.http.post(stage.url("/endpoints/measured/score"));
        let request = request.bearer_auth(keys["primaryKey"].as_str().expect("a key"));
        let answer = request.body(dataplane::model::EXAMPLE_REQUEST).send().await;
        assert_eq!(answer.expect("an answer").status(), StatusCode::OK);
    }
    stage.advance(120).await;
    stage
}

#[tokio::test]
async fn requests_are_counted_by_deployment_and_status() {
    let stage = measured().await;
    let query = "timespan=2026-01-01T00:00:00Z/2026-01-01T01:00:00Z&interval=PT1M&\
                 metricnames=RequestsPerMinute,RequestLatency_P95&aggregation=Average&\
                 $filter=deployment%20eq%20'*'%20and%20statusCode%20eq%20'*'";
    let refused = stage.get(&format!("{METRICS}?{query}")).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST, "latency has no statusCode");
    let query = query.replace(",RequestLatency_P95", "");
    let body = stage.get(&format!("{METRICS}?{query}")).await.body;
    let series = &body["value"][0]["timeseries"];
    assert_eq!(series.as_array().map(Vec::len), Some(1), "{body}");
    assert_eq!(series[0]["metadatavalues"][0]["value"], "blue");
    assert_eq!(series[0]["metadatavalues"][1]["value"], "200");
    let data = series[0]["data"].as_array().expect("points");
    assert_eq!(data.len(), 60);
    let sum: f64 = data.iter().filter_map(|point| point["average"].as_f64()).sum();
    assert_eq!(sum, 3.0);
    let empty = data.last().and_then(|point| point.as_object()).expect("a point");
    assert_eq!(empty.keys().collect::<Vec<_>>(), ["timeStamp"]);
}

#[tokio::test]
async fn unknown_metrics_are_refused_and_known_ones_have_definitions() {
    let stage = measured().await;
    let refused = stage.get(&format!("{METRICS}?metricnames=Nothing")).await;
    assert_eq!((refused.status, refused.code()), (StatusCode::BAD_REQUEST, "BadRequest"));
    let query = "metricnames=RequestsPerMinute&aggregation=Total";
    let total = stage.get(&format!("{METRICS}?{query}")).await;
    assert_eq!(total.status, StatusCode::BAD_REQUEST);
    let of = "onlineEndpoints/measured/deployments/blue/providers/Microsoft.Insights";
    let definitions = stage.get(&format!("{of}/metricDefinitions")).await.body;
    let names: Vec<&str> = definitions["value"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|definition| definition["name"]["value"].as_str())
        .collect();
    assert!(names.contains(&"CpuUtilizationPercentage") && !names.contains(&"RequestLatency"));
    let memory =
        stage.get(&format!("{of}/metrics?metricnames=CpuMemoryUtilizationPercentage")).await;
    assert_eq!(memory.status, StatusCode::OK);
}
