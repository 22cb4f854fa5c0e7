//! What watches an endpoint: its diagnostic settings and its alert rule, as the templates set them.

use super::observed::{Live, Observed};
use app::domain::name::EndpointName;
use app::domain::stage::EndpointKey;
use serde_json::{Value, json};

/// Stands for the Log Analytics workspace until it is looked up.
pub const LOG_ANALYTICS: &str = "@log-analytics";
/// Stands for the action group until it is looked up.
pub const ACTION_GROUP: &str = "@action-group";

/// Name and body of the diagnostic settings.
pub(super) fn diagnostics(endpoint: &EndpointName, log: Option<&str>) -> (String, Value) {
    let category =
        |name: &str| json!({"category": format!("AmlOnlineEndpoint{name}Log"), "enabled": true});
    let body = json!({"properties": {
        "workspaceId": log.unwrap_or(LOG_ANALYTICS),
        "logs": [category("Console"), category("Traffic"), category("Event")],
    }});
    (format!("{endpoint}-logging"), body)
}

/// Name and body of the alert rule. Azure sets its scope at creation and never again.
pub(super) fn alert(
    at: &EndpointKey,
    observed: &Observed,
    live: Option<&Live>,
    repository: Option<&str>,
) -> (String, Value) {
    let endpoint = &at.endpoint;
    let team = live.and_then(|live| live.body.as_ref()?.pointer("/tags/team").cloned());
    let mut tags = json!({"environment": at.stage.as_str()});
    if let Some(team) = team {
        tags["team"] = team;
    }
    if let Some(repository) = repository {
        tags["repo"] = json!(repository);
    }
    let query = format!(
        "AmlOnlineEndpointTrafficLog | where ResponseCode != '200' and EndpointName == '{endpoint}'"
    );
    let body = json!({
        "location": observed.location.as_deref().unwrap_or("@location"),
        "tags": tags,
        "properties": {
            "displayName": format!("{endpoint}-non-200-alert"),
            "severity": 1, "enabled": true,
            "scopes": [observed.log_analytics.as_deref().unwrap_or(LOG_ANALYTICS)],
            "evaluationFrequency": "PT5M", "windowSize": "PT15M",
            "criteria": {"allOf": [{"query": query, "timeAggregation": "Count",
                "operator": "GreaterThan", "threshold": 10,
                "failingPeriods": {"numberOfEvaluationPeriods": 1, "minFailingPeriodsToAlert": 1}}]},
            "actions": {
                "actionGroups": [observed.action_group.as_deref().unwrap_or(ACTION_GROUP)],
                "customProperties": {"CustomKey1": endpoint.as_str()}
            }
        }
    });
    (format!("{endpoint}-non-200-alert"), body)
}
