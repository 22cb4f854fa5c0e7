//! Which metrics there are (azure-wire.md §7.4).

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
    /// Requests per second, for want of a count of connections.
    Connections,
    /// Processor time of the instances.
    Cpu,
    /// Memory of the instances.
    Memory,
    /// Instances.
    Capacity,
    /// What the emulator does not measure: always without points.
    Nothing,
}

/// Which latency.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Percentile {
    /// The mean.
    Mean,
    /// The median.
    P50,
    /// 90 %.
    P90,
    /// 95 %.
    P95,
    /// 99 %.
    P99,
}

/// One metric.
#[derive(Clone, Copy, Debug)]
pub struct Metric {
    /// Its name on the wire.
    pub name: &'static str,
    /// Its name for people.
    pub title: &'static str,
    /// Its unit.
    pub unit: &'static str,
    /// Its aggregations.
    pub supported: &'static [&'static str],
    /// Its dimensions.
    pub dimensions: &'static [&'static str],
    /// What it measures.
    pub measure: Measure,
}

const AVERAGE: &[&str] = &["Average"];
const RANGE: &[&str] = &["Minimum", "Maximum", "Average"];
const MS: &str = "MilliSeconds";

const fn metric(
    name: &'static str,
    title: &'static str,
    unit: &'static str,
    supported: &'static [&'static str],
    dimensions: &'static [&'static str],
    measure: Measure,
) -> Metric {
    Metric { name, title, unit, supported, dimensions, measure }
}

const DEPLOYMENT: &[&str] = &["deployment"];
const INSTANCE: &[&str] = &["instanceId"];
const REQUESTS: &[&str] = &["deployment", "statusCode", "statusCodeClass", "modelStatusCode"];
const EVENTS: &[&str] = &["deployment", "type"];
const EVENT_ERRORS: &[&str] = &["deployment", "reason", "type"];

use Measure::{Capacity, Connections, Cpu, Latency, Memory, Network, Nothing, Requests};
use Percentile::{Mean, P50, P90, P95, P99};

const ENDPOINT: &[Metric] = &[
    metric("RequestsPerMinute", "Requests Per Minute", "Count", AVERAGE, REQUESTS, Requests),
    metric("RequestLatency", "Request Latency", MS, AVERAGE, DEPLOYMENT, Latency(Mean)),
    metric("RequestLatency_P50", "Request Latency P50", MS, AVERAGE, DEPLOYMENT, Latency(P50)),
    metric("RequestLatency_P90", "Request Latency P90", MS, AVERAGE, DEPLOYMENT, Latency(P90)),
    metric("RequestLatency_P95", "Request Latency P95", MS, AVERAGE, DEPLOYMENT, Latency(P95)),
    metric("RequestLatency_P99", "Request Latency P99", MS, AVERAGE, DEPLOYMENT, Latency(P99)),
    metric("ConnectionsActive", "Connections Active", "Count", AVERAGE, &[], Nothing),
    metric(
        "NewConnectionsPerSecond",
        "New Connections Per Second",
        "CountPerSecond",
        AVERAGE,
        &[],
        Connections,
    ),
    metric("NetworkBytes", "Network Bytes", "BytesPerSecond", AVERAGE, &[], Network),
    metric(
        "DataCollectionEventsPerMinute",
        "Data Collection Events Per Minute",
        "Count",
        RANGE,
        EVENTS,
        Nothing,
    ),
    metric(
        "DataCollectionErrorsPerMinute",
        "Data Collection Errors Per Minute",
        "Count",
        RANGE,
        EVENT_ERRORS,
        Nothing,
    ),
];

const DEPLOYMENTS: &[Metric] = &[
    metric(
        "RequestsPerMinute",
        "Requests Per Minute",
        "Count",
        AVERAGE,
        &["envoy_response_code"],
        Requests,
    ),
    metric("RequestLatency_P50", "Request Latency P50", MS, AVERAGE, &[], Latency(P50)),
    metric("RequestLatency_P90", "Request Latency P90", MS, AVERAGE, &[], Latency(P90)),
    metric("RequestLatency_P95", "Request Latency P95", MS, AVERAGE, &[], Latency(P95)),
    metric("RequestLatency_P99", "Request Latency P99", MS, AVERAGE, &[], Latency(P99)),
    metric("CpuUtilizationPercentage", "CPU Utilization", "Percent", RANGE, INSTANCE, Cpu),
    metric(
        "CpuMemoryUtilizationPercentage",
        "CPU Memory Utilization",
        "Percent",
        RANGE,
        INSTANCE,
        Memory,
    ),
    metric("GpuUtilizationPercentage", "GPU Utilization", "Percent", RANGE, INSTANCE, Nothing),
    metric(
        "GpuMemoryUtilizationPercentage",
        "GPU Memory Utilization",
        "Percent",
        RANGE,
        INSTANCE,
        Nothing,
    ),
    metric("GpuEnergyJoules", "GPU Energy", "Count", RANGE, INSTANCE, Nothing),
    metric(
        "DiskUtilization",
        "Disk Utilization",
        "Percent",
        RANGE,
        &["instanceId", "disk"],
        Nothing,
    ),
    metric(
        "DeploymentCapacity",
        "Deployment Capacity",
        "Count",
        RANGE,
        &["instanceId", "State"],
        Capacity,
    ),
    metric(
        "DataCollectionEventsPerMinute",
        "Data Collection Events Per Minute",
        "Count",
        RANGE,
        &["instanceId", "type"],
        Nothing,
    ),
    metric(
        "DataCollectionErrorsPerMinute",
        "Data Collection Errors Per Minute",
        "Count",
        RANGE,
        &["instanceId", "reason", "type"],
        Nothing,
    ),
];

/// The metrics of a scope.
pub fn of(scope: &Scope) -> &'static [Metric] {
    if scope.deployment.is_some() { DEPLOYMENTS } else { ENDPOINT }
}

impl Metric {
    /// The aggregations that were asked for; the first supported one when none was.
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
