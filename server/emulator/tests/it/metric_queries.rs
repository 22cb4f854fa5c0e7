//! Metrics queries, after the documentation of their parameters (azure-mgmt-monitor).

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::harness::{Stage, deployment, endpoint};

const QUERY: &str = "onlineEndpoints/asked/providers/Microsoft.Insights/metrics?\
                     timespan=2026-01-01T00:00:00Z/2026-01-01T01:00:00Z&\
                     metricnames=RequestsPerMinute&aggregation=Average";
const EACH: &str = "$filter=deployment%20eq%20'*'";

/// Sends each deployment the given number of requests, in this order.
async fn asked(scores: &[(&str, usize)]) -> Stage {
    let stage = Stage::start().await;
    let names: Vec<&str> = scores.iter().map(|(name, _)| *name).collect();
    stage.endpoint("asked", &names).await;
    let keys = stage.post("onlineEndpoints/asked/listKeys", json!({})).await.body;
    for (name, times) in scores {
        for _ in 0..*times {
            let request = stage.http.post(stage.url("/endpoints/asked/score"));
            let request = request.bearer_auth(keys["primaryKey"].as_str().expect("a key"));
            let request = request.header("azureml-model-deployment", *name);
            let answer = request.body(dataplane::model::EXAMPLE_REQUEST).send().await;
            assert_eq!(answer.expect("an answer").status(), StatusCode::OK);
        }
    }
    stage.advance(120).await;
    stage
}

impl Stage {
    async fn query(&self, more: &str) -> Value {
        let reply = self.get(&format!("{QUERY}&{more}")).await;
        assert_eq!(reply.status, StatusCode::OK, "{more}: {reply:?}");
        reply.body
    }

    /// The deployments of the series, in order.
    async fn series(&self, more: &str) -> Vec<String> {
        let body = self.query(more).await;
        let series = body["value"][0]["timeseries"].as_array().expect("series").clone();
        let name = |one: &Value| one["metadatavalues"][0]["value"].as_str().map(str::to_owned);
        series.iter().map(|one| name(one).expect("a label")).collect()
    }

    async fn refused(&self, more: &str, word: &str) {
        let reply = self.get(&format!("{QUERY}&{more}")).await;
        assert_eq!((reply.status, reply.code()), (StatusCode::BAD_REQUEST, "BadRequest"), "{more}");
        assert!(reply.message().contains(word), "{more}: {reply:?}");
    }
}

#[tokio::test]
async fn series_are_sorted_and_limited() {
    let stage = asked(&[("blue", 2), ("green", 3), ("red", 1)]).await;
    assert_eq!(stage.series(EACH).await, ["blue", "green", "red"]);
    assert_eq!(stage.series(&format!("{EACH}&top=2")).await, ["blue", "green"]);
    let ascending = format!("{EACH}&orderby=average%20asc");
    assert_eq!(stage.series(&ascending).await, ["red", "blue", "green"]);
    let most = format!("{EACH}&orderby=Average%20DESC&top=1");
    assert_eq!(stage.series(&most).await, ["green"]);
    stage.refused("top=5", "$filter").await;
    for top in ["0", "-1", "x", "1.5", ""] {
        stage.refused(&format!("{EACH}&top={top}"), "top").await;
    }
    for order in ["foo", "average%20up", "average%20asc,count%20desc", "average%20asc%20x", ""] {
        stage.refused(&format!("{EACH}&orderby={order}"), "orderby").await;
    }
}

#[tokio::test]
async fn ten_series_are_the_default() {
    let names: Vec<String> = (10..22).map(|n| format!("d{n}")).collect();
    let scores: Vec<(&str, usize)> = names.iter().map(|name| (name.as_str(), 1)).collect();
    let stage = asked(&scores).await;
    assert_eq!(stage.series(EACH).await.len(), 10);
    assert_eq!(stage.series(&format!("{EACH}&top=12")).await.len(), 12);
}

#[tokio::test]
async fn a_full_interval_is_one_point() {
    let stage = asked(&[("blue", 3)]).await;
    let body = stage.query("interval=full").await;
    assert_eq!(body["interval"], "FULL");
    let data = &body["value"][0]["timeseries"][0]["data"];
    assert_eq!(data.as_array().map(Vec::len), Some(1), "{body}");
    assert_eq!(data[0]["timeStamp"], "2026-01-01T00:00:00Z");
    assert!(data[0]["average"].as_f64().expect("a value") > 0.0);
}

#[tokio::test]
async fn an_interval_is_adjusted_only_on_request() {
    let stage = asked(&[("blue", 1)]).await;
    stage.refused("interval=PT7M", "PT7M").await;
    stage.refused("interval=PT7M&AutoAdjustTimegrain=false", "PT7M").await;
    stage.refused("AutoAdjustTimegrain=perhaps", "AutoAdjustTimegrain").await;
    stage.refused("interval=soon&AutoAdjustTimegrain=true", "soon").await;
    for (given, taken) in [("PT7M", "PT5M"), ("PT20S", "PT1M"), ("PT11M", "PT15M"), ("P7D", "P1D")]
    {
        let body = stage.query(&format!("interval={given}&AutoAdjustTimegrain=true")).await;
        assert_eq!(body["interval"], taken, "{given}");
    }
    let data = stage.query("interval=PT7M&AutoAdjustTimegrain=True").await;
    let points = data["value"][0]["timeseries"][0]["data"].as_array().map(Vec::len);
    assert_eq!(points, Some(12));
}

#[tokio::test]
async fn metadata_has_no_points() {
    let stage = asked(&[("blue", 1)]).await;
    let body = stage.query(&format!("{EACH}&resultType=metadata")).await;
    let series = &body["value"][0]["timeseries"][0];
    assert_eq!(series["metadatavalues"][0]["value"], "blue");
    assert!(series.get("data").is_none(), "{body}");
    assert!(stage.query("resultType=Data").await["value"][0]["timeseries"][0]["data"].is_array());
    stage.refused("resultType=everything", "resultType").await;
}

#[tokio::test]
async fn deployment_names_in_queries_ignore_case() {
    let stage = asked(&[("blue", 1)]).await;
    let again = stage.put("onlineEndpoints/asked/deployments/BLUE", deployment()).await;
    stage.done(&again).await;
    stage.done(&stage.put("onlineEndpoints/ASKED", endpoint(json!({}), json!({}))).await).await;
    assert_eq!(stage.series(EACH).await, ["blue"]);
}
