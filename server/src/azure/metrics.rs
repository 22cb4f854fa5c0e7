//! Azure Monitor metrics of deployments, read at deployment scope: only there do they include mirrored requests, as
//! documented.

use super::arm::{Arm, Workspace};
use super::error::Error;
use domain::name::{DeploymentName, EndpointName};
use domain::timestamp::Timestamp;
use domain::traffic::{Minute, Series};
use serde::Deserialize;

const API_VERSION: &str = "2024-02-01";
const MINUTE_MS: i64 = 60_000;

#[derive(Debug, Deserialize)]
struct Answer {
    value: Vec<Metric>,
}

#[derive(Debug, Deserialize)]
struct Metric {
    name: Localized,
    #[serde(default)]
    timeseries: Vec<Timeseries>,
}

#[derive(Debug, Deserialize)]
struct Localized {
    value: String,
}

#[derive(Debug, Deserialize)]
struct Timeseries {
    #[serde(default)]
    metadatavalues: Vec<Metadata>,
    #[serde(default)]
    data: Vec<Point>,
}

#[derive(Debug, Deserialize)]
struct Metadata {
    value: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Point {
    time_stamp: String,
    average: Option<f32>,
}

/// Reads a deployment's metrics for the `minutes` minutes from `start`.
pub async fn series(
    arm: &Arm,
    workspace: &Workspace,
    endpoint: &EndpointName,
    deployment: &DeploymentName,
    start: Timestamp,
    minutes: usize,
) -> Result<Series, Error> {
    let scope = format!(
        "{}/onlineEndpoints/{endpoint}/deployments/{deployment}/providers/Microsoft.Insights/metrics",
        workspace.id()
    );
    let span = span(start, minutes);
    let ask = async |names: &str, filter: Option<&str>| {
        let mut query = vec![
            ("metricnames", names),
            ("timespan", span.as_str()),
            ("interval", "PT1M"),
            ("aggregation", "Average"),
        ];
        // The default is ten series; there are at most 900 three-digit codes.
        query.extend(filter.into_iter().flat_map(|filter| [("$filter", filter), ("top", "1000")]));
        let body = arm.get(arm.url(&scope, API_VERSION, &query)?).await?.body;
        serde_json::from_value::<Answer>(body)
            .map_err(|error| Error::garbled(format!("metrics: {error}")))
    };
    let (requests, latency) = futures::try_join!(
        ask("RequestsPerMinute", Some("envoy_response_code eq '*'")),
        ask("RequestLatency_P50,RequestLatency_P95,RequestLatency_P99", None),
    )?;
    let mut all = vec![Minute::default(); minutes];
    for metric in requests.value.iter().chain(&latency.value) {
        for timeseries in &metric.timeseries {
            let code = timeseries.metadatavalues.first().map(|metadata| metadata.value.as_str());
            for point in &timeseries.data {
                let (Some(value), Some(at)) =
                    (point.average, super::wire::moment(&point.time_stamp))
                else {
                    continue;
                };
                let index = usize::try_from((at.0 - start.0).div_euclid(MINUTE_MS)).ok();
                if let Some(minute) = index.and_then(|index| all.get_mut(index)) {
                    put(minute, &metric.name.value, code, value);
                }
            }
        }
    }
    Ok(Series { deployment: deployment.clone(), minutes: all })
}

/// An endpoint's busiest minute within the `minutes` minutes from `start`, in bytes per second; `None` without
/// measurements. Azure reports `NetworkBytes` only for the whole endpoint (azure-wire.md §7.4).
pub async fn busiest_bytes_per_s(
    arm: &Arm,
    workspace: &Workspace,
    endpoint: &EndpointName,
    start: Timestamp,
    minutes: usize,
) -> Result<Option<u64>, Error> {
    let scope = format!(
        "{}/onlineEndpoints/{endpoint}/providers/Microsoft.Insights/metrics",
        workspace.id()
    );
    let span = span(start, minutes);
    let query = [
        ("metricnames", "NetworkBytes"),
        ("timespan", span.as_str()),
        ("interval", "PT1M"),
        ("aggregation", "Average"),
    ];
    let body = arm.get(arm.url(&scope, API_VERSION, &query)?).await?.body;
    let answer: Answer = serde_json::from_value(body)
        .map_err(|error| Error::garbled(format!("metrics: {error}")))?;
    let series = answer.value.iter().flat_map(|metric| &metric.timeseries);
    let points = series.flat_map(|series| &series.data).filter_map(|point| point.average);
    let busiest = points
        .filter(|bytes| *bytes >= 0.0)
        .fold(None, |most: Option<f32>, bytes| Some(most.map_or(bytes, |most| most.max(bytes))));
    // Real values are far below the point where `f32` loses whole numbers.
    Ok(busiest.map(|bytes| bytes.ceil() as u64))
}

fn span(start: Timestamp, minutes: usize) -> String {
    let length = i64::try_from(minutes).unwrap_or(i64::MAX).saturating_mul(MINUTE_MS);
    format!("{}/{}", start.iso(), Timestamp(start.0.saturating_add(length)).iso())
}

fn put(minute: &mut Minute, metric: &str, code: Option<&str>, value: f32) {
    match metric.to_ascii_lowercase().as_str() {
        "requestsperminute" => {
            *minute.requests.get_or_insert(0.0) += value;
            let failed = code.and_then(|code| code.parse::<u16>().ok()).is_some_and(|c| c >= 400);
            *minute.errors.get_or_insert(0.0) += if failed { value } else { 0.0 };
        }
        "requestlatency_p50" => minute.p50_ms = Some(value),
        "requestlatency_p95" => minute.p95_ms = Some(value),
        "requestlatency_p99" => minute.p99_ms = Some(value),
        _ => {}
    }
}
