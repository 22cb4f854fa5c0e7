//! Fired alerts: stored for 30 days, shown to action groups, and resolved.

use std::sync::Arc;

use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use super::measure::Key;
use super::watch::Watched;
use super::{delivery, payload};
use crate::inner::Inner;
use crate::state::{Alert, State};
use crate::store::Unkept;
use crate::when;

/// How long alerts are stored (Azure Monitor, "Alerts and state").
const STORED: Duration = Duration::days(30);
/// The number of alerts that are stored; the oldest go first, resolved ones before others.
const ALERTS_MAX: usize = 500;
/// Modifications that are stored for one alert.
const HISTORY_MAX: usize = 30;

/// What an evaluation found for one combination of dimensions.
#[derive(Clone, Copy, Debug)]
pub struct Finding<'a> {
    pub watched: &'a Watched,
    pub key: &'a Key,
    /// The value of the newest period.
    pub value: f64,
    /// The end of that period.
    pub at: OffsetDateTime,
}

impl Finding<'_> {
    /// Names and values of the dimensions.
    pub fn dimensions(&self) -> Vec<(String, String)> {
        let names = self.watched.rule.dimensions.iter().map(|dimension| dimension.name.clone());
        names.zip(self.key.iter().cloned()).collect()
    }

    /// The properties that people gave the rule for its alerts.
    fn custom(&self) -> Value {
        let custom = &self.watched.rule.properties["actions"]["customProperties"];
        if custom.is_object() { custom.clone() } else { json!({}) }
    }
}

/// The dimensions of a rule's alerts that are not resolved.
pub fn open(inner: &Inner, rule: &str) -> Vec<Key> {
    inner.store.read(|state| {
        let open = state.alerts.iter().filter(|one| one.rule == rule && one.resolved_at.is_none());
        open.map(|one| one.dimensions.iter().map(|(_, value)| value.clone()).collect()).collect()
    })
}

/// Stores a new alert, and calls the rule's action groups unless they are muted.
///
/// # Errors
/// If the state cannot be saved; then nobody is called.
pub fn fire(inner: &Arc<Inner>, finding: &Finding<'_>, has_actions: bool) -> Result<(), Unkept> {
    let mut alert = new(inner, finding);
    if has_actions {
        note_actions(inner, &mut alert, finding);
    }
    let kept = alert.clone();
    inner.store.write(|state| keep(state, kept, finding.at))?;
    let name = &finding.watched.name;
    tracing::info!(rule = name, value = finding.value, "an alert is fired");
    if has_actions {
        delivery::call(inner, &finding.watched.rule.action_groups, &payload::of(inner, &alert));
    }
    Ok(())
}

/// Resolves the open alert of a finding, and calls the action groups.
///
/// # Errors
/// If the state cannot be saved.
pub fn resolve(inner: &Arc<Inner>, finding: &Finding<'_>) -> Result<(), Unkept> {
    let at = when::zulu(finding.at);
    let dimensions = finding.dimensions();
    let resolved = inner.store.write(|state| {
        let open = state.alerts.iter_mut().find(|one| {
            one.rule == finding.watched.id
                && one.resolved_at.is_none()
                && one.dimensions == dimensions
        })?;
        open.resolved_at = Some(at.clone());
        open.essentials["monitorCondition"] = json!("Resolved");
        open.essentials["monitorConditionResolvedDateTime"] = json!(at);
        open.context = payload::context(inner, finding);
        let text = "Monitor condition changed from 'Fired' to 'Resolved'";
        modified(open, "MonitorConditionChange", ("Fired", "Resolved"), (&at, "System", text, ""));
        Some(open.clone())
    })?;
    if let Some(alert) = resolved {
        delivery::call(inner, &finding.watched.rule.action_groups, &payload::of(inner, &alert));
    }
    Ok(())
}

fn new(inner: &Inner, finding: &Finding<'_>) -> Alert {
    let Watched { id, name, rule } = finding.watched;
    let at = when::zulu(finding.at);
    let target = rule.target.to_lowercase();
    let part = |after: &str| {
        let mut segments = target.split('/').skip_while(|one| *one != after);
        segments.nth(1).unwrap_or_default().to_owned()
    };
    let severity = rule.properties["severity"].as_i64().unwrap_or(3);
    let essentials = json!({
        "severity": format!("Sev{severity}"), "signalType": "Log", "alertState": "New",
        "monitorCondition": "Fired", "targetResource": target,
        "targetResourceName": target.rsplit('/').next().unwrap_or_default(),
        "targetResourceGroup": part("resourcegroups"),
        "targetResourceType": format!("{}/{}", part("providers"), kind(&target)),
        "monitorService": "Log Alerts V2", "alertRule": id, "sourceCreatedId": Uuid::new_v4(),
        "smartGroupId": null, "smartGroupingReason": null, "startDateTime": at,
        "lastModifiedDateTime": at, "lastModifiedUserName": "System",
        "actionStatus": { "isSuppressed": false },
        "description": rule.properties["description"].as_str().unwrap_or_default(),
    });
    let mut alert = Alert {
        id: Uuid::new_v4().to_string(),
        name: name.clone(),
        rule: id.clone(),
        dimensions: finding.dimensions(),
        essentials,
        context: payload::context(inner, finding),
        custom: finding.custom(),
        history: Vec::new(),
        fired_at: at.clone(),
        resolved_at: (!rule.is_stateful).then(|| at.clone()),
    };
    modified(
        &mut alert,
        "AlertCreated",
        ("", ""),
        (&at, "System", "New Alert Object is created", ""),
    );
    alert
}

/// The types in an id: `workspaces`, or `workspaces/onlineendpoints`.
fn kind(target: &str) -> String {
    let (_, below) = target.split_once("/providers/").unwrap_or_default();
    let types = below.split('/').skip(1).step_by(2);
    types.collect::<Vec<_>>().join("/")
}

fn note_actions(inner: &Inner, alert: &mut Alert, finding: &Finding<'_>) {
    let at = when::zulu(finding.at);
    for group in &finding.watched.rule.action_groups {
        if inner.store.read(|state| state.monitoring.contains_key(group)) {
            modified(
                alert,
                "ActionsTriggered",
                ("", ""),
                (&at, "System", "Actions are triggered", ""),
            );
            if let Some(last) = alert.history.last_mut() {
                last["details"] = json!({
                    "type": "ActionsTriggered",
                    "actionGroup": {
                        "actionGroupId": group, "ruleId": finding.watched.id, "ruleType": "AlertRule",
                    },
                    "notificationResult": { "status": "Accepted", "statusURL": null },
                });
            }
        }
    }
}

/// Adds a modification to an alert's history.
pub fn modified(
    alert: &mut Alert,
    event: &str,
    (old, new): (&str, &str),
    (at, by, text, comment): (&str, &str, &str, &str),
) {
    if alert.history.len() >= HISTORY_MAX {
        // The first one says that it was created.
        alert.history.remove(1);
    }
    alert.essentials["lastModifiedDateTime"] = json!(at);
    alert.essentials["lastModifiedUserName"] = json!(by);
    alert.history.push(json!({
        "modificationEvent": event, "oldValue": old, "newValue": new, "modifiedAt": at,
        "modifiedBy": by, "comments": comment, "description": text,
    }));
}

fn keep(state: &mut State, alert: Alert, now: OffsetDateTime) {
    let oldest = when::zulu(now - STORED);
    let alerts = &mut state.alerts;
    // Both are in one format, whose order is that of time.
    alerts.retain(|one| one.fired_at >= oldest || one.resolved_at.is_none());
    if alerts.len() >= ALERTS_MAX {
        let place = alerts.iter().position(|one| one.resolved_at.is_some()).unwrap_or(0);
        alerts.remove(place);
    }
    alerts.push(alert);
}
