//! The available metrics.

use super::Scope;

/// What a metric measures.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Measure {
    /// Requests in a minute.
    Requests,
    /// The mean latency, or a percentile.
    Latency(Percentile),
    /// Bytes in and out, per second.
    Network,
    /// Requests per second, as a substitute for a count of connections.
    Connections,
    /// Processor time of the instances.
    Cpu,
    /// Memory of the instances.
    Memory,
    Capacity,
    /// Metrics that the emulator does not measure: they never have points.
    Nothing,
}

/// The statistic of a latency.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Percentile {
    Mean,
    P50,
    P90,
    P95,
    P99,
}

#[derive(Clone, Copy, Debug)]
pub struct Metric {
    /// Its name on the wire.
    pub name: &'static str,
    pub title: &'static str,
    pub unit: &'static str,
    pub supported: &'static [&'static str],
    pub dimensions: &'static [&'static str],
    pub measure: Measure,
}

type Text = &'static str;
type Texts = &'static [Text];

const fn average(name: Text, title: Text, unit: Text, dimensions: Texts, by: Measure) -> Metric {
    Metric { name, title, unit, supported: &["Average"], dimensions, measure: by }
}

const fn latency(name: Text, title: Text, dimensions: Texts, of: Percentile) -> Metric {
    average(name, title, "MilliSeconds", dimensions, Latency(of))
}

/// A metric with its average and its extremes.
const fn range(name: Text, title: Text, unit: Text, dimensions: Texts, by: Measure) -> Metric {
    let supported = &["Minimum", "Maximum", "Average"];
    Metric { name, title, unit, supported, dimensions, measure: by }
}

const fn count(name: Text, title: Text, dimensions: Texts, by: Measure) -> Metric {
    range(name, title, "Count", dimensions, by)
}

const fn percent(name: Text, title: Text, dimensions: Texts, by: Measure) -> Metric {
    range(name, title, "Percent", dimensions, by)
}

const RATE: Text = "CountPerSecond";

const DEPLOYMENT: Texts = &["deployment"];
const REQUESTS: Texts = &["deployment", "statusCode", "statusCodeClass", "modelStatusCode"];
const EVENTS: Texts = &["deployment", "type"];
const ERRORS: Texts = &["deployment", "reason", "type"];
const CODE: Texts = &["envoy_response_code"];
const INSTANCE: Texts = &["instanceId"];
const TYPE: Texts = &["instanceId", "type"];
const REASON: Texts = &["instanceId", "reason", "type"];

use Measure::{Capacity, Connections, Cpu, Latency, Memory, Network, Nothing, Requests};
use Percentile::{Mean, P50, P90, P95, P99};

const ENDPOINT: &[Metric] = &[
    average("RequestsPerMinute", "Requests Per Minute", "Count", REQUESTS, Requests),
    latency("RequestLatency", "Request Latency", DEPLOYMENT, Mean),
    latency("RequestLatency_P50", "Request Latency P50", DEPLOYMENT, P50),
    latency("RequestLatency_P90", "Request Latency P90", DEPLOYMENT, P90),
    latency("RequestLatency_P95", "Request Latency P95", DEPLOYMENT, P95),
    latency("RequestLatency_P99", "Request Latency P99", DEPLOYMENT, P99),
    average("ConnectionsActive", "Connections Active", "Count", &[], Nothing),
    average("NewConnectionsPerSecond", "New Connections Per Second", RATE, &[], Connections),
    average("NetworkBytes", "Network Bytes", "BytesPerSecond", &[], Network),
    count("DataCollectionEventsPerMinute", "Data Collection Events Per Minute", EVENTS, Nothing),
    count("DataCollectionErrorsPerMinute", "Data Collection Errors Per Minute", ERRORS, Nothing),
];

const DEPLOYMENTS: &[Metric] = &[
    average("RequestsPerMinute", "Requests Per Minute", "Count", CODE, Requests),
    latency("RequestLatency_P50", "Request Latency P50", &[], P50),
    latency("RequestLatency_P90", "Request Latency P90", &[], P90),
    latency("RequestLatency_P95", "Request Latency P95", &[], P95),
    latency("RequestLatency_P99", "Request Latency P99", &[], P99),
    percent("CpuUtilizationPercentage", "CPU Utilization", INSTANCE, Cpu),
    percent("CpuMemoryUtilizationPercentage", "CPU Memory Utilization", INSTANCE, Memory),
    percent("GpuUtilizationPercentage", "GPU Utilization", INSTANCE, Nothing),
    percent("GpuMemoryUtilizationPercentage", "GPU Memory Utilization", INSTANCE, Nothing),
    count("GpuEnergyJoules", "GPU Energy", INSTANCE, Nothing),
    percent("DiskUtilization", "Disk Utilization", &["instanceId", "disk"], Nothing),
    count("DeploymentCapacity", "Deployment Capacity", &["instanceId", "State"], Capacity),
    count("DataCollectionEventsPerMinute", "Data Collection Events Per Minute", TYPE, Nothing),
    count("DataCollectionErrorsPerMinute", "Data Collection Errors Per Minute", REASON, Nothing),
];

/// The metrics of a scope.
pub fn of(scope: &Scope) -> &'static [Metric] {
    if scope.deployment.is_some() { DEPLOYMENTS } else { ENDPOINT }
}

impl Metric {
    /// The requested aggregations; by default the first supported one.
    pub fn aggregations(&self, asked: Option<&String>) -> Result<Vec<&'static str>, String> {
        let Some(asked) = asked.filter(|asked| !asked.trim().is_empty()) else {
            return Ok(vec!["Average"]);
        };
        asked
            .split(',')
            .map(|name| {
                let supported = self.supported.iter().copied();
                supported.into_iter().find(|s| s.eq_ignore_ascii_case(name.trim())).ok_or_else(|| {
                    format!(
                        "Metric: {} does not support requested dimension or aggregation: {name}. \
                         Supported aggregations: {}",
                        self.name,
                        self.supported.join(",")
                    )
                })
            })
            .collect()
    }
}
