//! The metrics of online endpoints and deployments (Azure docs: supported metrics of
//! `Microsoft.MachineLearningServices/workspaces/onlineEndpoints` and `…/deployments`).

/// A kind of resource with metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    Endpoint,
    Deployment,
}

const ENDPOINT: [&str; 11] = [
    "RequestsPerMinute",
    "RequestLatency",
    "RequestLatency_P50",
    "RequestLatency_P90",
    "RequestLatency_P95",
    "RequestLatency_P99",
    "ConnectionsActive",
    "NewConnectionsPerSecond",
    "NetworkBytes",
    "DataCollectionEventsPerMinute",
    "DataCollectionErrorsPerMinute",
];
const DEPLOYMENT: [&str; 14] = [
    "CpuUtilizationPercentage",
    "CpuMemoryUtilizationPercentage",
    "GpuUtilizationPercentage",
    "GpuMemoryUtilizationPercentage",
    "DiskUtilization",
    "GpuEnergyJoules",
    "DeploymentCapacity",
    "RequestLatency_P50",
    "RequestLatency_P90",
    "RequestLatency_P95",
    "RequestLatency_P99",
    "RequestsPerMinute",
    "DataCollectionEventsPerMinute",
    "DataCollectionErrorsPerMinute",
];

impl Scope {
    /// The kind of resource of an ARM id; `None` if it is neither an endpoint nor a deployment.
    #[must_use]
    pub fn of(id: &str) -> Option<Self> {
        let parts: Vec<_> = id.split('/').map(str::to_ascii_lowercase).collect();
        let at = parts.iter().position(|part| part == "onlineendpoints")?;
        let is_ours = at >= 3 && parts[at - 3] == "microsoft.machinelearningservices";
        match parts.get(at + 1..).unwrap_or_default() {
            [name] if is_ours && !name.is_empty() => Some(Self::Endpoint),
            [name, kind, deployment]
                if is_ours
                    && !name.is_empty()
                    && kind == "deployments"
                    && !deployment.is_empty() =>
            {
                Some(Self::Deployment)
            }
            _ => None,
        }
    }

    /// The namespace of the metrics.
    #[must_use]
    pub fn namespace(self) -> &'static str {
        match self {
            Self::Endpoint => "Microsoft.MachineLearningServices/workspaces/onlineEndpoints",
            Self::Deployment => {
                "Microsoft.MachineLearningServices/workspaces/onlineEndpoints/deployments"
            }
        }
    }

    /// The names of the metrics.
    #[must_use]
    pub fn metrics(self) -> &'static [&'static str] {
        match self {
            Self::Endpoint => &ENDPOINT,
            Self::Deployment => &DEPLOYMENT,
        }
    }

    /// With an article, for sentences.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Endpoint => "an endpoint",
            Self::Deployment => "a deployment",
        }
    }

    /// The other kind of resource.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::Endpoint => Self::Deployment,
            Self::Deployment => Self::Endpoint,
        }
    }

    /// Whether the metric exists. Azure ignores case.
    #[must_use]
    pub fn has(self, metric: &str) -> bool {
        self.metrics().iter().any(|known| known.eq_ignore_ascii_case(metric))
    }
}

/// The known metric that a misspelt one resembles most.
#[must_use]
pub fn nearest(scope: Scope, metric: &str) -> Option<&'static str> {
    let lower = metric.to_lowercase().replace([' ', '_'], "");
    let distance = |known: &&'static str| {
        let known_lower = known.to_lowercase().replace('_', "");
        (strsim::osa_distance(&lower, &known_lower), *known)
    };
    let most = (lower.chars().count() / 3).min(5);
    let near = scope.metrics().iter().map(distance).min()?;
    (lower.len() <= 64 && near.0 <= most).then_some(near.1)
}

#[cfg(test)]
mod tests {
    use super::super::fixtures;
    use super::*;

    #[test]
    fn ids_tell_endpoints_and_deployments_apart() {
        assert_eq!(Scope::of(fixtures::ENDPOINT), Some(Scope::Endpoint));
        assert_eq!(Scope::of(&fixtures::DEPLOYMENT.to_uppercase()), Some(Scope::Deployment));
        for other in [
            "",
            "/",
            "/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/virtualMachineScaleSets/v",
            "onlineEndpoints/x",
        ] {
            assert_eq!(Scope::of(other), None, "{other}");
        }
    }

    #[test]
    fn misspelt_metrics_find_their_name() {
        assert_eq!(
            nearest(Scope::Deployment, "CPU Utilization Percentage"),
            Some("CpuUtilizationPercentage")
        );
        assert_eq!(nearest(Scope::Endpoint, "RequestLatencyP99"), Some("RequestLatency_P99"));
        assert_eq!(nearest(Scope::Deployment, "Percentage CPU"), None);
    }
}
