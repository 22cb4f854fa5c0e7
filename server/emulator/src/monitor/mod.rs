//! Azure Monitor: metrics of endpoints and deployments from the data plane's counts, diagnostic settings,
//! alert rules and action groups. Copies to a shadow count under the shadow's name.

pub mod alerts;
mod autoscale;
pub mod catalogue;
mod delivery;
mod entered;
pub mod filter;
mod fired;
pub mod instances;
pub mod kept;
pub mod linked;
mod measure;
mod notifications;
mod payload;
pub mod query;
mod rule;
mod scale_rule;
mod scale_setting;
pub mod scaler;
pub mod series;
pub mod settings;
pub mod watch;
mod word;

use std::sync::Arc;

use http::Method;
use serde_json::{Value, json};

use crate::inner::Inner;
use crate::protocol::call::{Answer, Answered, Call};
use crate::protocol::error::ArmError;
use crate::{find, when};
use catalogue::Metric;
use kept::bad;
use query::Query;

/// The subject of a metric: an endpoint, or one of its deployments.
#[derive(Clone, Debug)]
pub struct Scope {
    pub id: String,
    pub endpoint: String,
    pub deployment: Option<String>,
    pub location: String,
}

impl Scope {
    /// The namespace of its metrics.
    pub fn namespace(&self) -> &'static str {
        match self.deployment {
            Some(_) => "Microsoft.MachineLearningServices/workspaces/onlineEndpoints/deployments",
            None => "Microsoft.MachineLearningServices/workspaces/onlineEndpoints",
        }
    }
}

/// `{resource}/providers/Microsoft.Insights/…`; `at` is the index of `providers`.
pub fn route(inner: &Arc<Inner>, call: &Call, at: usize) -> Answered {
    let lower = call.lower();
    let lower: Vec<&str> = lower.iter().map(String::as_str).collect();
    let (of, what) = (&lower[..at], &lower[at + 2..]);
    let nothing = || Err(ArmError::no_resource(&call.path, &inner.resource_group));
    if let ["subscriptions", subscription] = of {
        inner.check_subscription(subscription)?;
        return match what {
            ["scheduledqueryrules" | "actiongroups"] => alerts::in_subscription(inner, call, what),
            ["autoscalesettings"] => autoscale::list(inner, call),
            ["eventtypes", "management", "values"] => autoscale::activity(inner, call),
            _ => nothing(),
        };
    }
    if let ["subscriptions", subscription, "resourcegroups", group] = of {
        inner.check_subscription(subscription)?;
        inner.check_group(group)?;
        return match what {
            ["scheduledqueryrules" | "actiongroups", ..] => alerts::route(inner, call, what),
            ["autoscalesettings", ..] => autoscale::route(inner, call, what),
            ["components", name] => linked::component(inner, call, name),
            _ => nothing(),
        };
    }
    let scope = scope(inner, of)?;
    let answered = match what {
        ["diagnosticsettings" | "diagnosticsettingscategories", ..] => {
            settings::route(inner, call, &scope, what)
        }
        _ => measured(inner, call, &scope, what),
    };
    answered.map_err(ArmError::flat)
}

fn measured(inner: &Arc<Inner>, call: &Call, scope: &Scope, what: &[&str]) -> Answered {
    call.only(&Method::GET, "GET")?;
    match what {
        ["metrics"] => metrics(inner, call, scope),
        ["metricdefinitions"] => Ok(Answer::ok(definitions(scope))),
        ["metricnamespaces"] => Ok(Answer::ok(json!({ "value": [{
            "id": format!("{}/providers/microsoft.insights/metricNamespaces/{}",
                scope.id, scope.namespace()),
            "name": scope.namespace(),
            "type": "Microsoft.Insights/metricNamespaces",
            "classification": "Platform",
            "properties": { "metricNamespaceName": scope.namespace() },
        }] }))),
        _ => Err(ArmError::no_resource(&call.path, &inner.resource_group)),
    }
}

fn scope(inner: &Inner, segments: &[&str]) -> Result<Scope, ArmError> {
    let nothing = || bad("Metrics are kept for online endpoints and deployments only.");
    let ["subscriptions", subscription, "resourcegroups", group, "providers", _, rest @ ..] =
        segments
    else {
        return Err(nothing());
    };
    let (ws, e, d) = match rest {
        ["workspaces", ws, "onlineendpoints", e] => (ws, e, None),
        ["workspaces", ws, "onlineendpoints", e, "deployments", d] => (ws, e, Some(*d)),
        _ => return Err(nothing()),
    };
    inner.check_subscription(subscription)?;
    inner.check_group(group)?;
    inner.check_workspace(ws)?;
    inner.store.read(|state| {
        let (workspace, endpoint) = find::endpoint(state, ws, e)?;
        let id =
            format!("{}/onlineEndpoints/{}", inner.workspace_id(&workspace.name), endpoint.name);
        let (location, endpoint) = (workspace.location.clone(), endpoint.name.clone());
        let Some(d) = d else {
            return Ok(Scope { id, endpoint, deployment: None, location });
        };
        let deployment = find::deployment(state, (ws, e, d))?.2.name.clone();
        let id = format!("{id}/deployments/{deployment}");
        Ok(Scope { id, endpoint, deployment: Some(deployment), location })
    })
}

fn metrics(inner: &Arc<Inner>, call: &Call, scope: &Scope) -> Answered {
    let query = Query::read(call, inner.clock.now())?;
    let names = call.query.get("metricnames").map(String::as_str).unwrap_or_default();
    let all = catalogue::of(scope);
    let default: Vec<&Metric> = all.iter().take(1).collect();
    let wanted: Result<Vec<&Metric>, ArmError> = names
        .split(',')
        .map(str::trim)
        .filter(|name| !name.is_empty())
        .map(|name| {
            all.iter().find(|metric| metric.name.eq_ignore_ascii_case(name)).ok_or_else(|| {
                let valid: Vec<&str> = all.iter().map(|metric| metric.name).collect();
                bad(format!(
                    "Failed to find metric configuration for provider: \
                     Microsoft.MachineLearningServices, resource Type: {}, metric: {name}, Valid \
                     metrics: {}",
                    scope.namespace(),
                    valid.join(",")
                ))
            })
        })
        .collect();
    let wanted = wanted?;
    let wanted = if wanted.is_empty() { default } else { wanted };
    if let Some(namespace) = call.query.get("metricnamespace")
        && !namespace.eq_ignore_ascii_case(scope.namespace())
    {
        return Err(bad(format!("The metric namespace [{namespace}] is not known.")));
    }
    let value: Result<Vec<Value>, ArmError> = wanted
        .iter()
        .map(|metric| {
            query.filter.check(metric).map_err(bad)?;
            let aggregations = metric.aggregations(call.query.get("aggregation")).map_err(bad)?;
            let series = series::of(inner, scope, metric, &query, &aggregations);
            Ok(entry(scope, metric, &series))
        })
        .collect();
    Ok(Answer::ok(json!({
        "cost": (query.to - query.from).whole_minutes().max(1) - 1,
        "timespan": format!("{}/{}", when::zulu(query.from), when::zulu(query.to)),
        "interval": query.interval,
        "namespace": scope.namespace(),
        "resourceregion": scope.location,
        "value": value?,
    })))
}

fn entry(scope: &Scope, metric: &Metric, series: &[Value]) -> Value {
    json!({
        "id": format!("{}/providers/Microsoft.Insights/metrics/{}", scope.id, metric.name),
        "type": "Microsoft.Insights/metrics",
        "name": { "value": metric.name, "localizedValue": metric.title },
        "displayDescription": metric.title,
        "unit": metric.unit,
        "errorCode": "Success",
        "timeseries": series,
    })
}

fn definitions(scope: &Scope) -> Value {
    let all = catalogue::of(scope);
    let value = all.iter().map(|metric| {
        json!({
            "id": format!("{}/providers/microsoft.insights/metricdefinitions/{}",
                scope.id, metric.name),
            "resourceId": scope.id,
            "namespace": scope.namespace(),
            "name": { "value": metric.name, "localizedValue": metric.title },
            "displayDescription": metric.title,
            "isDimensionRequired": false,
            "unit": metric.unit,
            "primaryAggregationType": "Average",
            "supportedAggregationTypes": metric.supported,
            "metricAvailabilities": query::GRAINS.map(|(grain, _)| {
                json!({ "timeGrain": grain, "retention": "P93D" })
            }),
            "dimensions": metric.dimensions.iter().map(|name| {
                json!({ "value": name, "localizedValue": name })
            }).collect::<Vec<_>>(),
        })
    });
    json!({ "value": value.collect::<Vec<_>>() })
}
