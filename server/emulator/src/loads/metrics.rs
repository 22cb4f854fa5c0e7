//! Metrics of a run. Names, dimensions and grains are those that the service was seen to answer (2024-05-01-preview).

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::series::Series;

/// The only namespace.
pub const NAMESPACE: &str = "LoadTestRunMetrics";
/// Grains with their seconds. The service answers minutes if none is asked for.
pub const GRAINS: [(&str, i64); 5] =
    [("PT5S", 5), ("PT10S", 10), ("PT1M", 60), ("PT5M", 300), ("PT1H", 3600)];
/// Aggregations of response times, and their shares.
pub const PERCENTILES: [(&str, f64); 9] = [
    ("Percentile75", 0.75),
    ("Percentile90", 0.9),
    ("Percentile95", 0.95),
    ("Percentile96", 0.96),
    ("Percentile97", 0.97),
    ("Percentile98", 0.98),
    ("Percentile99", 0.99),
    ("Percentile999", 0.999),
    ("Percentile9999", 0.9999),
];

/// A metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Metric {
    VirtualUsers,
    ResponseTime,
    TotalRequests,
    Errors,
}

impl Metric {
    const ALL: [Self; 4] =
        [Self::VirtualUsers, Self::ResponseTime, Self::TotalRequests, Self::Errors];

    fn name(self) -> &'static str {
        match self {
            Self::VirtualUsers => "VirtualUsers",
            Self::ResponseTime => "ResponseTime",
            Self::TotalRequests => "TotalRequests",
            Self::Errors => "Errors",
        }
    }

    /// The metric of a name.
    ///
    /// # Errors
    /// In words, with the names that exist.
    pub fn named(name: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|metric| metric.name().eq_ignore_ascii_case(name));
        found.ok_or_else(|| {
            let names = Self::ALL.map(Self::name).join(", ");
            format!("There is no metric '{}'. The metrics are {names}.", name.escape_default())
        })
    }

    fn dimensions(self) -> Vec<Dimension> {
        match self {
            Self::Errors => {
                vec![Dimension::RequestName, Dimension::Errors, Dimension::EngineRegion]
            }
            _ => vec![Dimension::RequestName, Dimension::EngineRegion],
        }
    }

    fn definition(self) -> Value {
        let (description, primary, supported, unit) = match self {
            Self::VirtualUsers => {
                ("No of concurrent virtual users", "Total", vec!["Total"], "Count")
            }
            Self::ResponseTime => {
                let mut all = vec!["Average"];
                all.extend(PERCENTILES.map(|(name, _)| name));
                ("Response time", "Percentile90", all, "Milliseconds")
            }
            Self::TotalRequests => ("Total Requests", "Total", vec!["Total"], "Count"),
            Self::Errors => ("Total Errors", "Total", vec!["Total"], "Count"),
        };
        let dimension = |one: &Dimension| json!({ "name": one.name(), "description": one.about() });
        json!({
            "name": self.name(), "namespace": NAMESPACE, "description": description, "unit": unit,
            "primaryAggregationType": primary, "supportedAggregationTypes": supported,
            "dimensions": self.dimensions().iter().map(dimension).collect::<Vec<_>>(),
            "metricAvailabilities": GRAINS.map(|(grain, _)| json!({ "timeGrain": grain })),
        })
    }
}

/// A dimension of a metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dimension {
    RequestName,
    /// What went wrong.
    Errors,
    /// There is one region, without a name.
    EngineRegion,
}

impl Dimension {
    pub fn name(self) -> &'static str {
        match self {
            Self::RequestName => "RequestName",
            Self::Errors => "Errors",
            Self::EngineRegion => "EngineRegion",
        }
    }

    fn about(self) -> &'static str {
        match self {
            Self::RequestName => "Request Name",
            Self::Errors => "Error response code",
            Self::EngineRegion => "Engine Region",
        }
    }

    /// The dimension of a metric.
    ///
    /// # Errors
    /// In words, with the names that exist.
    pub fn named(metric: Metric, name: &str) -> Result<Self, String> {
        let all = metric.dimensions();
        let found = all.iter().find(|one| one.name().eq_ignore_ascii_case(name));
        found.copied().ok_or_else(|| {
            let names: Vec<&str> = all.iter().map(|one| one.name()).collect();
            format!(
                "The metric has no dimension '{}', but {}.",
                name.escape_default(),
                names.join(", ")
            )
        })
    }

    /// All values that a run has.
    pub fn values(self, series: &Series) -> Vec<String> {
        let owned = |names: BTreeSet<&str>| names.into_iter().map(str::to_owned).collect();
        match self {
            Self::RequestName => owned(series.names()),
            Self::Errors => {
                let kinds = series.points().flat_map(|(_, _, point)| point.tally.failures.keys());
                owned(kinds.map(String::as_str).collect())
            }
            Self::EngineRegion => vec![String::new()],
        }
    }
}

/// The definitions of all metrics.
pub fn definitions() -> Value {
    json!({ "value": Metric::ALL.map(Metric::definition) })
}
