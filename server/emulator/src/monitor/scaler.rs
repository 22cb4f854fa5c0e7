//! Evaluates autoscale settings by the emulator's clock, and scales deployments as a PATCH of their instance count does
//! (Azure Monitor, "Understand autoscale settings", "Autoscale flapping").
//!
//! * Scale-out happens if any rule says so, scale-in only if all rules do. A rule whose metric has no value says nothing.
//! * A minute without requests counts as no requests, not as a missing value.
//! * A scale-in that would make a scale-out rule of the same metric fire is left out.

use std::sync::Arc;

use serde_json::json;
use time::{Duration, OffsetDateTime};

use super::catalogue::Measure;
use super::entered::Entered;
use super::query::{GRAINS, Query};
use super::scale_rule::{Change, Over, ScaleRule};
use super::scale_setting::{Profile, Setting};
use super::series::{self, Window};
use super::{Scope, delivery};
use crate::inner::Inner;
use crate::protocol::error::ArmError;
use crate::state::Work;
use crate::{find, when, work};

/// How often a setting is evaluated ("every 30 to 60 seconds").
const EVERY: Duration = Duration::MINUTE;
/// After a pause, for example of a suspended machine, at most so many evaluations are made up for.
const BEHIND_MAX: i32 = 60;

/// Begins to evaluate all settings.
pub fn start(inner: &Arc<Inner>) {
    let settings: Vec<String> = inner.store.read(|state| {
        let ids = state.monitoring.keys();
        ids.filter(|id| id.contains("/autoscalesettings/")).cloned().collect()
    });
    for id in settings {
        update(inner, &id);
    }
}

/// Evaluates a setting as it is now, or no longer if it is gone. `id` is in lower case.
pub fn update(inner: &Arc<Inner>, id: &str) {
    let exists = inner.store.read(|state| state.monitoring.contains_key(id));
    let task = exists.then(|| {
        let entered = Entered::new(inner, id);
        tokio::spawn(run(Arc::clone(inner), id.to_owned(), entered, inner.clock.now()))
    });
    inner.routines.replace(id, task);
}

async fn run(inner: Arc<Inner>, id: String, entered: Entered, began: OffsetDateTime) {
    let (mut due, mut last) = (began + EVERY, None);
    loop {
        entered.sleep_until(due).await;
        if let Some(scaled) = evaluate(&inner, &id, due, last) {
            last = Some(scaled);
        }
        due += EVERY;
        let now = inner.clock.now();
        if now - due > EVERY * BEHIND_MAX {
            due = now;
        }
    }
}

/// Evaluates a setting once; returns when it has scaled.
fn evaluate(
    inner: &Arc<Inner>,
    id: &str,
    at: OffsetDateTime,
    last: Option<OffsetDateTime>,
) -> Option<OffsetDateTime> {
    let body = inner.store.read(|state| state.monitoring.get(id).cloned())?;
    // The deployment may be gone by now; the setting stays, as on Azure.
    let setting = Setting::read(inner, &body["properties"]).ok().filter(|one| one.is_enabled)?;
    let profile = setting.profile(at)?;
    let target = Target::of(inner, &setting.target)?;
    let wanted = wanted(inner, profile, target.count, (at, last))?;
    if wanted == target.count {
        return None;
    }
    match target.scale(inner, wanted) {
        Ok(()) => {
            tracing::info!(
                setting = id,
                from = target.count,
                to = wanted,
                "autoscale scales a deployment"
            );
            report(inner, &body, (&setting.target, &profile.name), (target.count, wanted, at));
            Some(at)
        }
        Err(error) => {
            // For example while another change is in flight; the next evaluation tries again.
            tracing::debug!(setting = id, %error, "autoscale could not scale");
            None
        }
    }
}

/// The number of instances that a profile wants.
fn wanted(
    inner: &Inner,
    profile: &Profile,
    count: i64,
    (at, last): (OffsetDateTime, Option<OffsetDateTime>),
) -> Option<i64> {
    let within = |count: i64| count.clamp(profile.least, profile.most);
    if within(count) != count {
        return Some(within(count));
    }
    let is_cool = |rule: &ScaleRule| last.is_none_or(|last| at - last >= rule.cooldown);
    let values: Vec<(&ScaleRule, Option<f64>)> =
        profile.rules.iter().map(|rule| (rule, value(inner, rule, count, at))).collect();
    if !values.is_empty() && values.iter().all(|(_, value)| value.is_none()) {
        // Without any metric, at least the default number runs.
        return Some(count.max(profile.default));
    }
    let is_met = |(rule, value): &&(&ScaleRule, Option<f64>)| {
        value.is_some_and(|value| rule.test.holds(value, rule.threshold))
    };
    let outs = values.iter().filter(|(rule, _)| rule.is_increase).filter(is_met);
    let most =
        outs.clone().filter(|(rule, _)| is_cool(rule)).map(|(rule, _)| changed(rule, count)).max();
    if outs.count() > 0 {
        return most.map(within);
    }
    let ins: Vec<_> = values.iter().filter(|(rule, _)| !rule.is_increase).collect();
    if ins.is_empty() || !ins.iter().all(|one| is_met(one) && is_cool(one.0)) {
        return None;
    }
    let next = within(ins.iter().map(|(rule, _)| changed(rule, count)).max()?);
    let flaps = values.iter().any(|(rule, value)| {
        let shares = rule.is_per_instance || is_of_instances(rule);
        let projected =
            value.map(|value| if shares { value * count as f64 / next as f64 } else { value });
        rule.is_increase && projected.is_some_and(|value| rule.test.holds(value, rule.threshold))
    });
    (!flaps && next < count).then_some(next)
}

/// Whether the metric is an average over the instances, which share the work.
fn is_of_instances(rule: &ScaleRule) -> bool {
    matches!(rule.metric.measure, Measure::Cpu | Measure::Memory)
}

fn changed(rule: &ScaleRule, count: i64) -> i64 {
    let by = match rule.change {
        Change::Exact => return rule.value,
        Change::Count => rule.value,
        Change::Percent => (count.saturating_mul(rule.value) / 100).max(1),
    };
    if rule.is_increase { count.saturating_add(by) } else { count.saturating_sub(by).max(1) }
}

/// The value of a rule's metric over its time window.
fn value(inner: &Inner, rule: &ScaleRule, count: i64, at: OffsetDateTime) -> Option<f64> {
    let seconds = at.unix_timestamp().div_euclid(60) * 60;
    let to = OffsetDateTime::from_unix_timestamp(seconds).ok()?;
    let from = to - rule.window;
    let (interval, _) =
        *GRAINS.iter().find(|(_, minutes)| *minutes == rule.grain).unwrap_or(&GRAINS[0]);
    let query = Query {
        from,
        to,
        interval,
        window: Window::new(from, to, rule.grain),
        filter: rule.filter.clone(),
        top: usize::MAX,
        order: None,
        has_points: true,
    };
    let all = series::of(inner, &rule.scope, rule.metric, &query, &[rule.statistic]);
    let field = rule.statistic.to_lowercase();
    let grains = usize::try_from(rule.window.whole_minutes() / rule.grain).unwrap_or(1);
    let is_counted =
        matches!(rule.metric.measure, Measure::Requests | Measure::Network | Measure::Connections);
    let points = (0..grains).filter_map(|place| {
        let values = all.iter().filter_map(|one| one["data"][place][&field].as_f64());
        // Series of several values of a dimension are one measurement.
        let sum: Option<f64> = values.fold(None, |sum, value| Some(sum.unwrap_or(0.0) + value));
        sum.or(is_counted.then_some(0.0))
    });
    let points: Vec<f64> = points.collect();
    let value = over(rule.over, &points)?;
    Some(if rule.is_per_instance { value / count.max(1) as f64 } else { value })
}

fn over(over: Over, points: &[f64]) -> Option<f64> {
    let last = *points.last()?;
    let total: f64 = points.iter().sum();
    Some(match over {
        Over::Average => total / points.len() as f64,
        Over::Minimum => points.iter().copied().fold(f64::INFINITY, f64::min),
        Over::Maximum => points.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        Over::Total => total,
        Over::Count => points.len() as f64,
        Over::Last => last,
    })
}

/// A deployment in the state.
struct Target {
    ws: String,
    e: String,
    d: String,
    count: i64,
}

impl Target {
    fn of(inner: &Inner, scope: &Scope) -> Option<Self> {
        let d = scope.deployment.as_ref()?.to_lowercase();
        let e = scope.endpoint.to_lowercase();
        inner.store.read(|state| {
            let (ws, workspace) =
                state.workspaces.iter().find(|(_, ws)| ws.endpoints.contains_key(&e))?;
            let count = workspace.endpoints.get(&e)?.deployments.get(&d)?.spec.capacity;
            Some(Self { ws: ws.clone(), e: e.clone(), d: d.clone(), count })
        })
    }

    fn scale(&self, inner: &Arc<Inner>, count: i64) -> Result<(), ArmError> {
        let at = (self.ws.as_str(), self.e.as_str(), self.d.as_str());
        let id = inner.store.try_write(|state| {
            let (_, endpoint, deployment) = find::deployment(state, at)?;
            if endpoint.provisioning.is_moving()
                || deployment.provisioning.is_moving()
                || !deployment.has_succeeded
            {
                return Err(ArmError::conflict("The deployment is being changed."));
            }
            let mut next = deployment.spec.clone();
            next.capacity = count;
            let work = Work::UpdateDeployment { next: Box::new(next) };
            Ok(work::begin(inner, state, (at.0, at.1, Some(at.2)), work))
        })?;
        work::spawn(inner, &id);
        Ok(())
    }
}

/// Writes the activity log, and calls the setting's own webhooks (Azure Monitor, "Use autoscale actions to send email and
/// webhook alert notifications").
fn report(
    inner: &Arc<Inner>,
    body: &serde_json::Value,
    (target, profile): (&Scope, &str),
    (from, to, at): (i64, i64, OffsetDateTime),
) {
    let (way, word) = if to > from { ("Scaleup", "Out") } else { ("Scaledown", "In") };
    let text = format!(
        "The autoscale engine attempting to scale resource '{}' from {from} instances count to {to} instances count.",
        target.id
    );
    let id = uuid::Uuid::new_v4();
    let operation = format!("Microsoft.Insights/AutoscaleSettings/{way}/Action");
    inner.activity.add(json!({
        "id": format!("{}/events/{id}/ticks/{}", body["id"].as_str().unwrap_or_default(), at.unix_timestamp()),
        "eventDataId": id, "correlationId": id, "operationId": id, "level": "Informational",
        "channels": "Admin, Operation", "caller": "Microsoft.Insights/autoscaleSettings",
        "description": text, "resourceId": body["id"], "subscriptionId": inner.subscription,
        "resourceGroupName": inner.resource_group, "eventTimestamp": when::zulu(at),
        "submissionTimestamp": when::zulu(at),
        "operationName": { "value": operation, "localizedValue": operation },
        "category": { "value": "Autoscale", "localizedValue": "Autoscale" },
        "eventName": { "value": "AutoscaleAction", "localizedValue": "AutoscaleAction" },
        "resourceProviderName": { "value": "Microsoft.Insights", "localizedValue": "Microsoft Insights" },
        "status": { "value": "Succeeded", "localizedValue": "Succeeded" },
        "properties": {
            "Description": text, "ResourceName": target.id, "OldInstancesCount": from.to_string(),
            "NewInstancesCount": to.to_string(), "ActiveAutoscaleProfile": profile,
        },
    }));
    let payload = json!({
        "version": "1.0", "status": "Activated", "operation": format!("Scale {word}"),
        "context": {
            "timestamp": when::zulu(at), "id": body["id"], "name": body["name"], "details": text,
            "subscriptionId": inner.subscription, "resourceGroupName": inner.resource_group,
            "resourceName": target.deployment, "resourceId": target.id,
            "resourceType": "microsoft.machinelearningservices/workspaces/onlineendpoints/deployments",
            "portalLink": "", "oldCapacity": from.to_string(), "newCapacity": to.to_string(),
        },
        "properties": {},
    });
    delivery::notify(inner, &body["properties"]["notifications"], &payload);
}
