//! What action groups send: the common alert schema, with the context of log alerts (Azure Monitor, "Sample alert payloads",
//! monitoringService = Log Alerts V2).

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};
use time::OffsetDateTime;
use uuid::Uuid;

use super::fired::Finding;
use crate::inner::Inner;
use crate::state::Alert;
use crate::when;

/// The name of the schema.
const SCHEMA: &str = "azureMonitorCommonAlertSchema";

/// The `alertContext` of a finding.
pub fn context(inner: &Inner, finding: &Finding<'_>) -> Value {
    let rule = &finding.watched.rule;
    let from = finding.at - rule.window * rule.periods;
    let condition = &rule.properties["criteria"]["allOf"][0];
    let link = link(inner, (&rule.target, &rule.query), (from, finding.at));
    let dimensions: Vec<Value> = finding
        .dimensions()
        .into_iter()
        .map(|(name, value)| json!({ "name": name, "value": value }))
        .collect();
    let types = rule.properties["targetResourceTypes"].as_array().cloned().unwrap_or_default();
    json!({
        "properties": rule.properties["actions"]["customProperties"],
        "conditionType": "LogQueryCriteria",
        "condition": {
            "windowSize": rule.properties["windowSize"],
            "allOf": [{
                "searchQuery": rule.query,
                "metricMeasureColumn": rule.column,
                "targetResourceTypes": Value::from(types).to_string(),
                "operator": condition["operator"],
                "threshold": rule.threshold.to_string(),
                "timeAggregation": condition["timeAggregation"],
                "dimensions": dimensions,
                "metricValue": finding.value,
                "failingPeriods": {
                    "numberOfEvaluationPeriods": rule.periods,
                    "minFailingPeriodsToAlert": rule.failing,
                },
                // There is no portal here, so people get the link of the API.
                "linkToSearchResultsUI": link, "linkToFilteredSearchResultsUI": link,
                "linkToSearchResultsAPI": link, "linkToFilteredSearchResultsAPI": link,
            }],
            "windowStartTime": when::zulu(from),
            "windowEndTime": when::zulu(finding.at),
        },
    })
}

/// The address at which the query API answers the rule's query for a time.
fn link(
    inner: &Inner,
    (target, query): (&str, &str),
    (from, to): (OffsetDateTime, OffsetDateTime),
) -> String {
    let encoded = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let span = format!("{}/{}", when::zulu(from), when::zulu(to));
    format!(
        "{}/v1{target}/query?query={}&timespan={}",
        inner.own_url(),
        encoded(query),
        encoded(&span)
    )
}

/// The whole payload for an alert as it is now.
pub fn of(inner: &Inner, alert: &Alert) -> Value {
    let essential = &alert.essentials;
    let mut essentials = json!({
        "alertId": format!(
            "/subscriptions/{}/providers/Microsoft.AlertsManagement/alerts/{}",
            inner.subscription, alert.id
        ),
        "alertRule": alert.name,
        "alertRuleID": alert.rule,
        "severity": essential["severity"],
        "signalType": "Log",
        "monitorCondition": essential["monitorCondition"],
        "monitoringService": "Log Alerts V2",
        "alertTargetIDs": [essential["targetResource"]],
        "configurationItems": [essential["targetResource"]],
        "originAlertId": essential["sourceCreatedId"],
        "firedDateTime": alert.fired_at,
        "description": essential["description"],
        "essentialsVersion": "1.0",
        "alertContextVersion": "1.0",
    });
    if let Some(resolved) = essential["monitorConditionResolvedDateTime"].as_str() {
        essentials["resolvedDateTime"] = json!(resolved);
    }
    json!({
        "schemaId": SCHEMA,
        "data": {
            "essentials": essentials,
            "alertContext": alert.context,
            "customProperties": alert.custom,
        },
    })
}

/// The payload of a test notification for a kind of alert. Its alert does not exist.
pub fn test(inner: &Inner, kind: &str, now: OffsetDateTime) -> Value {
    let subscription = &inner.subscription;
    let rule = "test-log-alert-rule";
    json!({
        "schemaId": SCHEMA,
        "data": {
            "essentials": {
                "alertId": format!(
                    "/subscriptions/{subscription}/providers/Microsoft.AlertsManagement/alerts/{}", Uuid::new_v4()
                ),
                "alertRule": rule, "severity": "Sev3", "signalType": "Log",
                "monitorCondition": "Fired", "monitoringService": "Log Alerts V2",
                "alertTargetIDs": [inner.group_id()], "configurationItems": ["test"],
                "originAlertId": Uuid::new_v4(), "firedDateTime": when::zulu(now),
                "description": format!("This is a test of the action group ({kind})."),
                "essentialsVersion": "1.0", "alertContextVersion": "1.0",
            },
            "alertContext": {
                "properties": null,
                "conditionType": "LogQueryCriteria",
                "condition": {
                    "windowSize": "PT5M",
                    "allOf": [{
                        "searchQuery": "AmlOnlineEndpointTrafficLog", "metricMeasureColumn": null,
                        "targetResourceTypes": "[]", "operator": "GreaterThan", "threshold": "0",
                        "timeAggregation": "Count", "dimensions": [], "metricValue": 1.0,
                        "failingPeriods": {
                            "numberOfEvaluationPeriods": 1, "minFailingPeriodsToAlert": 1,
                        },
                    }],
                    "windowStartTime": when::zulu(now - time::Duration::minutes(5)),
                    "windowEndTime": when::zulu(now),
                },
            },
            "customProperties": null,
        },
    })
}
