//! A valid setting for tests: the example of Microsoft's guide how-to-autoscale-endpoints, whose error is corrected.

use super::setting::Setting;
use serde_json::{Value, json};

pub(super) const ENDPOINT: &str = "/subscriptions/s/resourceGroups/g/providers/Microsoft.MachineLearningServices/workspaces/w/onlineEndpoints/anet-ep";
pub(super) const DEPLOYMENT: &str = "/subscriptions/s/resourceGroups/g/providers/Microsoft.MachineLearningServices/workspaces/w/onlineEndpoints/anet-ep/deployments/blue";

fn rule(operator: &str, threshold: u32, direction: &str, value: &str) -> Value {
    json!({
        "metricTrigger": {
            "metricName": "CpuUtilizationPercentage", "metricResourceUri": DEPLOYMENT, "timeGrain": "PT1M",
            "statistic": "Average", "timeWindow": "PT5M", "timeAggregation": "Average", "operator": operator,
            "threshold": f64::from(threshold),
        },
        "scaleAction": {"direction": direction, "type": "ChangeCount", "value": value, "cooldown": "PT1H"},
    })
}

/// The resource as ARM answers it.
pub(super) fn json() -> Value {
    json!({
        "name": "autoscale-anet-ep-blue", "location": "westeurope",
        "properties": {
            "enabled": true, "targetResourceUri": DEPLOYMENT,
            "profiles": [{
                "name": "my-scale-settings", "capacity": {"minimum": "2", "maximum": "5", "default": "2"},
                "rules": [rule("GreaterThan", 70, "Increase", "2"), rule("LessThan", 30, "Decrease", "1")],
            }],
        },
    })
}

/// The same with a change.
pub(super) fn with(change: &dyn Fn(&mut Value)) -> Setting {
    let mut setting = json();
    change(&mut setting["properties"]);
    serde_json::from_value(setting).expect("a setting")
}
