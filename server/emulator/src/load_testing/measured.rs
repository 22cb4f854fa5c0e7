//! Metrics on the wire: of a running test from memory, of an ended one from its file.

use serde_json::{Value, json};

use super::refused::Refused;
use super::wire::{Answered, Asked};
use crate::loads::metric_query::{self, Query};
use crate::loads::metrics::{self, Dimension, Metric, NAMESPACE};
use crate::loads::series::Series;
use crate::protocol::call::Answer;

fn bad(text: String) -> Refused {
    Refused::bad("InvalidMetricRequest", text)
}

/// `GET …/metric-namespaces`
pub fn namespaces(asked: &Asked<'_>, id: &str) -> Answered {
    asked.find_run(id)?;
    let one = json!({ "name": NAMESPACE, "description": "Metrics of the test engines" });
    Ok(Answer::ok(json!({ "value": [one] })))
}

/// `GET …/metric-definitions?metricNamespace=`
pub fn definitions(asked: &Asked<'_>, id: &str) -> Answered {
    asked.find_run(id)?;
    let namespace = asked.parameter("metricnamespace").unwrap_or(NAMESPACE);
    if !namespace.eq_ignore_ascii_case(NAMESPACE) {
        return Err(bad(format!("The only metric namespace is {NAMESPACE}.")));
    }
    Ok(Answer::ok(metrics::definitions()))
}

/// Looks at what a run has measured.
async fn on_series<T: Send + 'static>(
    asked: &Asked<'_>,
    id: &str,
    look: impl FnOnce(&Series) -> T + Send + 'static,
) -> Result<T, Refused> {
    let run = asked.find_run(id)?;
    let live = &asked.inner.load_tests;
    if let Some(series) = live.measured(&asked.run_key(id)) {
        return Ok(look(&series.lock()));
    }
    let path = live.run(&asked.guid, id).join("samples.jsonl");
    let base_ms = run.execution_ms.0.unwrap_or(run.stamp.created_ms);
    let reading = tokio::task::spawn_blocking(move || look(&Series::read(&path, base_ms)));
    reading.await.map_err(|error| Refused::disk(&std::io::Error::other(error)))
}

/// `GET …/metric-dimensions/{dimension}/values`
pub async fn dimension(asked: &Asked<'_>, id: &str, dimension: &str) -> Answered {
    let metric = Metric::named(asked.parameter("metricname").unwrap_or_default()).map_err(bad)?;
    let dimension = Dimension::named(metric, dimension).map_err(bad)?;
    let values = on_series(asked, id, move |series| dimension.values(series)).await?;
    Ok(Answer::ok(json!({ "value": values })))
}

/// `POST …/metrics`
pub async fn metrics(asked: &Asked<'_>, id: &str) -> Answered {
    // Clients without a filter send no body, or null.
    let body = match &asked.call.body[..] {
        b"null" => Value::Null,
        _ => asked.call.optional_object()?,
    };
    let query = Query::read(&asked.call.query, &body).map_err(bad)?;
    let value = on_series(asked, id, move |series| metric_query::answer(series, &query)).await?;
    Ok(Answer::ok(json!({ "value": value.map_err(bad)? })))
}
