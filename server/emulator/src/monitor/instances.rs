//! Fired alerts as resources: `Microsoft.AlertsManagement/alerts` (azure-rest-api-specs, alertsmanagement 2019-05-05-preview and
//! 2025-05-25-preview, which have the same paths and fields). There are no smart groups.

use std::collections::BTreeMap;
use std::sync::Arc;

use http::Method;
use serde_json::{Map, Value, json};
use time::{Duration, OffsetDateTime};

use super::fired::modified;
use super::kept::bad;
use crate::inner::Inner;
use crate::protocol::call::{Answer, Answered, Call};
use crate::protocol::error::ArmError;
use crate::protocol::paging;
use crate::state::Alert;
use crate::when;

const STATES: [&str; 3] = ["New", "Acknowledged", "Closed"];
/// What a list can be limited to, and the field that it compares.
const FILTERS: [(&str, &str); 9] = [
    ("targetresource", "targetResource"),
    ("targetresourcetype", "targetResourceType"),
    ("targetresourcegroup", "targetResourceGroup"),
    ("monitorservice", "monitorService"),
    ("monitorcondition", "monitorCondition"),
    ("severity", "severity"),
    ("alertstate", "alertState"),
    ("alertrule", "alertRule"),
    ("smartgroupid", "smartGroupId"),
];
/// The longest comment that is kept, in characters.
const COMMENT_CHARS_MAX: usize = 500;

/// `{scope}/providers/Microsoft.AlertsManagement/…`; `at` is the index of `providers`.
pub fn route(inner: &Arc<Inner>, call: &Call, at: usize) -> Answered {
    let lower = call.lower();
    let scope = format!("/{}", lower[..at].join("/"));
    let ["subscriptions", subscription, ..] =
        lower.iter().map(String::as_str).collect::<Vec<_>>()[..]
    else {
        return Err(nothing(inner, call));
    };
    inner.check_subscription(subscription)?;
    let what: Vec<&str> = lower[at + 2..].iter().map(String::as_str).collect();
    match (what.as_slice(), &call.method) {
        (["alerts"], &Method::GET) => list(inner, call, &scope),
        (["alerts", id], &Method::GET) => read(inner, call, &scope, id, |alert| shown(alert, true)),
        (["alerts", id, "history"], &Method::GET) => read(inner, call, &scope, id, history),
        (["alerts", id, "changestate"], &Method::POST) => change(inner, call, &scope, id),
        (["alertssummary"], &Method::GET) => summary(inner, call, &scope),
        _ => Err(nothing(inner, call)),
    }
}

fn nothing(inner: &Inner, call: &Call) -> ArmError {
    ArmError::no_resource(&call.path, &inner.resource_group)
}

fn is_within(alert: &Alert, scope: &str) -> bool {
    let target = alert.essentials["targetResource"].as_str().unwrap_or_default();
    target == scope || target.starts_with(&format!("{scope}/"))
}

fn id(alert: &Alert) -> String {
    let target = alert.essentials["targetResource"].as_str().unwrap_or_default();
    format!("{target}/providers/Microsoft.AlertsManagement/alerts/{}", alert.id)
}

fn shown(alert: &Alert, has_context: bool) -> Value {
    let mut properties =
        json!({ "essentials": alert.essentials, "customProperties": alert.custom });
    if has_context {
        properties["context"] = alert.context.clone();
        properties["egressConfig"] = json!({});
    }
    json!({
        "id": id(alert), "type": "Microsoft.AlertsManagement/alerts", "name": alert.name,
        "properties": properties,
    })
}

fn history(alert: &Alert) -> Value {
    json!({
        "id": id(alert), "type": "Microsoft.AlertsManagement/alerts", "name": alert.name,
        "properties": { "alertId": alert.id, "modifications": alert.history },
    })
}

fn read(
    inner: &Inner,
    call: &Call,
    scope: &str,
    id: &str,
    show: impl Fn(&Alert) -> Value,
) -> Answered {
    let found = inner.store.read(|state| {
        let is_it = |alert: &&Alert| alert.id == id && is_within(alert, scope);
        state.alerts.iter().find(is_it).map(&show)
    });
    found.map(Answer::ok).ok_or_else(|| nothing(inner, call))
}

/// The alerts of a scope that the parameters select, newest first unless sorted otherwise.
fn selected(inner: &Inner, call: &Call, scope: &str) -> Result<Vec<Alert>, ArmError> {
    let (from, to) = times(call, inner.clock.now())?;
    let filters: Vec<(&str, &String)> = FILTERS
        .iter()
        .filter_map(|(name, field)| Some((*field, call.query.get(*name)?)))
        .filter(|(_, value)| !value.is_empty())
        .collect();
    let fits = |alert: &&Alert| {
        let fired = when::parse(&alert.fired_at);
        let is_then = fired.is_some_and(|fired| fired >= from && fired <= to);
        let has = |field: &str, value: &str| {
            alert.essentials[field].as_str().is_some_and(|own| own.eq_ignore_ascii_case(value))
        };
        is_then && is_within(alert, scope) && filters.iter().all(|(field, value)| has(field, value))
    };
    let mut alerts: Vec<Alert> =
        inner.store.read(|state| state.alerts.iter().filter(fits).cloned().collect());
    let by = call.query.get("sortby").map_or("startdatetime", String::as_str).to_lowercase();
    let key = |alert: &Alert| {
        let fields = alert.essentials.as_object().cloned().unwrap_or_default();
        let field = fields.into_iter().find(|(name, _)| name.to_lowercase() == by);
        field.map(|(_, value)| value.to_string()).unwrap_or_default()
    };
    alerts.sort_by_key(key);
    if call.query.get("sortorder").is_none_or(|order| order.eq_ignore_ascii_case("desc")) {
        alerts.reverse();
    }
    Ok(alerts)
}

fn times(call: &Call, now: OffsetDateTime) -> Result<(OffsetDateTime, OffsetDateTime), ArmError> {
    if let Some(custom) = call.query.get("customtimerange") {
        let times =
            custom.split_once('/').and_then(|(from, to)| when::parse(from).zip(when::parse(to)));
        return times
            .ok_or_else(|| bad("The customTimeRange must be two times with a slash between."));
    }
    let length = match call.query.get("timerange").map(String::as_str) {
        Some("1h") => Duration::HOUR,
        None | Some("1d") => Duration::DAY,
        Some("7d") => Duration::days(7),
        Some("30d") => Duration::days(30),
        Some(_) => return Err(bad("The timeRange must be 1h, 1d, 7d or 30d.")),
    };
    Ok((now - length, now))
}

fn list(inner: &Inner, call: &Call, scope: &str) -> Answered {
    let has_context =
        call.query.get("includecontext").is_some_and(|is| is.eq_ignore_ascii_case("true"));
    let alerts = selected(inner, call, scope)?;
    paging::page(call, alerts.iter().map(|alert| shown(alert, has_context)).collect())
}

/// `POST …/changestate?newState=Acknowledged`, with a comment in the body.
fn change(inner: &Inner, call: &Call, scope: &str, id: &str) -> Answered {
    let wanted = call.query.get("newstate").map(String::as_str).unwrap_or_default();
    let new = STATES.iter().find(|state| state.eq_ignore_ascii_case(wanted));
    let new =
        new.ok_or_else(|| bad(format!("The newState must be one of {}.", STATES.join(", "))))?;
    let body = call.optional_object().unwrap_or_default();
    let comment = body["comments"].as_str().or(body["comment"].as_str()).unwrap_or_default();
    let comment: String = comment.chars().take(COMMENT_CHARS_MAX).collect();
    let now = when::zulu(inner.clock.now());
    let changed = inner.store.write(|state| {
        let is_it = |alert: &&mut Alert| alert.id == id && is_within(alert, scope);
        let alert = state.alerts.iter_mut().find(is_it)?;
        let old = alert.essentials["alertState"].as_str().unwrap_or_default().to_owned();
        alert.essentials["alertState"] = json!(new);
        let text = format!("State changed from '{old}' to '{new}'");
        modified(alert, "StateChange", (&old, new), (&now, &call.caller, &text, &comment));
        Some(shown(alert, true))
    })?;
    changed.map(Answer::ok).ok_or_else(|| nothing(inner, call))
}

/// `GET …/alertsSummary?groupby=severity,alertState`
fn summary(inner: &Inner, call: &Call, scope: &str) -> Answered {
    let alerts = selected(inner, call, scope)?;
    let by = call.query.get("groupby").map(String::as_str).unwrap_or_default();
    let fields: Vec<&str> = by.split(',').map(str::trim).filter(|one| !one.is_empty()).collect();
    let is_known =
        |field: &&str| FILTERS.iter().any(|(_, known)| known == field) || *field == "signalType";
    if fields.is_empty() || fields.len() > FILTERS.len() || !fields.iter().all(is_known) {
        return Err(bad("The groupby must name fields of alerts, such as severity or alertState."));
    }
    let all: Vec<&Alert> = alerts.iter().collect();
    let mut properties = grouped(&all, &fields);
    properties.insert("total".to_owned(), json!(all.len()));
    properties.insert("smartGroupsCount".to_owned(), json!(0));
    Ok(Answer::ok(json!({
        "id": format!("{scope}/providers/Microsoft.AlertsManagement/alertsSummary/current"),
        "type": "Microsoft.AlertsManagement/alertsSummary", "name": "current",
        "properties": properties,
    })))
}

fn grouped(alerts: &[&Alert], fields: &[&str]) -> Map<String, Value> {
    let Some((first, rest)) = fields.split_first() else { return Map::new() };
    let mut groups: BTreeMap<&str, Vec<&Alert>> = BTreeMap::new();
    for alert in alerts {
        let name = alert.essentials[*first].as_str().unwrap_or_default();
        groups.entry(name).or_default().push(alert);
    }
    let values = groups.into_iter().map(|(name, of)| {
        let mut group = grouped(&of, rest);
        group.insert("name".to_owned(), json!(name));
        group.insert("count".to_owned(), json!(of.len()));
        Value::Object(group)
    });
    let values: Vec<Value> = values.collect();
    Map::from_iter([
        ("groupedby".to_owned(), json!(first)),
        ("values".to_owned(), Value::Array(values)),
    ])
}
