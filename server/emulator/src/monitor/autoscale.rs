//! Autoscale settings as resources (azure-rest-api-specs, monitor, autoscale_API 2022-10-01), and the activity log
//! (activityLogs_API 2015-04-01). [`super::scaler`] evaluates the settings.

use std::sync::Arc;

use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::kept::{self, Resource, bad};
use super::scale_setting::Setting;
use super::scaler;
use crate::inner::Inner;
use crate::protocol::call::{Answer, Answered, Call};
use crate::protocol::error::ArmError;
use crate::protocol::field::Field;
use crate::protocol::paging;
use crate::when;

const KIND: &str = "Microsoft.Insights/autoscaleSettings";
/// Properties that a setting has; others are refused, so that nobody believes they have an effect.
const PROPERTIES: &str = "profiles notifications enabled predictiveAutoscalePolicy name targetResourceUri \
                          targetResourceLocation";

/// `{RG}/providers/Microsoft.Insights/autoscaleSettings[/{name}]`
pub fn route(inner: &Arc<Inner>, call: &Call, rest: &[&str]) -> Answered {
    match rest {
        [_] => list(inner, call),
        [_, _] => {
            let one = Resource::at(call, &inner.group_id(), KIND);
            let answered = stored(inner, call, &one)?;
            if call.method != Method::GET {
                scaler::update(inner, &one.id.to_lowercase());
            }
            Ok(answered)
        }
        _ => Err(ArmError::no_resource(&call.path, &inner.resource_group)),
    }
}

/// All settings; there is only one resource group.
pub fn list(inner: &Inner, call: &Call) -> Answered {
    call.only(&Method::GET, "GET")?;
    paging::page(call, kept::list(inner, &inner.group_id(), "autoscaleSettings"))
}

fn stored(inner: &Inner, call: &Call, one: &Resource) -> Answered {
    match call.method {
        Method::GET => one.get(inner),
        Method::DELETE => one.delete(inner),
        Method::PUT => {
            one.check_name()?;
            let body = made(inner, one, &call.object()?)?;
            let is_new = one.put(inner, &body)?;
            Ok(Answer::json(if is_new { StatusCode::CREATED } else { StatusCode::OK }, body))
        }
        Method::PATCH => {
            let mut present = one.present(inner)?;
            let given = call.object()?;
            if given.get("tags").is_some() {
                present["tags"] = given["tags"].clone();
            }
            for (name, value) in given["properties"].as_object().into_iter().flatten() {
                present["properties"][name] = value.clone();
            }
            let body = made(inner, one, &present)?;
            one.put(inner, &body)?;
            Ok(Answer::ok(body))
        }
        _ => Err(ArmError::method("GET, PUT, PATCH, DELETE")),
    }
}

fn made(inner: &Inner, one: &Resource, given: &Value) -> Result<Value, ArmError> {
    let location = given["location"].as_str().filter(|text| !text.is_empty());
    let location = location.ok_or_else(|| {
        let message = "The location property is required for this definition.";
        ArmError::arm(StatusCode::BAD_REQUEST, "LocationRequired", message)
    })?;
    let mut properties = given["properties"].as_object().cloned().unwrap_or_default();
    if let Some(name) =
        properties.keys().find(|name| !PROPERTIES.split(' ').any(|one| one == *name))
    {
        return Err(bad(format!("The property '{name}' of an autoscale setting is not known.")));
    }
    let setting = Setting::read(inner, &Value::Object(properties.clone())).map_err(bad)?;
    let others = kept::list(inner, &inner.group_id(), "autoscaleSettings");
    let other = others.iter().find(|other| {
        let target = other["properties"]["targetResourceUri"].as_str().unwrap_or_default();
        target.eq_ignore_ascii_case(&setting.target.id)
            && !other["name"].as_str().unwrap_or_default().eq_ignore_ascii_case(&one.name)
    });
    if let Some(other) = other {
        return Err(ArmError::conflict(format!(
            "The resource {} already has the autoscale setting {}.",
            setting.target.id, other["name"]
        )));
    }
    properties.insert("targetResourceUri".to_owned(), json!(setting.target.id));
    properties.insert("enabled".to_owned(), json!(setting.is_enabled));
    properties.entry("name").or_insert_with(|| json!(one.name));
    properties.entry("notifications").or_insert_with(|| json!([]));
    let tags =
        Field::of("tags", given.get("tags")).text_map().map_err(|error| bad(error.message))?;
    Ok(json!({
        "id": one.id, "type": KIND, "name": one.name, "location": location,
        "kind": null, "tags": tags, "properties": properties,
    }))
}

/// `{SUB}/providers/Microsoft.Insights/eventtypes/management/values?$filter=…`
pub fn activity(inner: &Inner, call: &Call) -> Answered {
    call.only(&Method::GET, "GET")?;
    let filter = call.query.get("$filter").map(String::as_str).unwrap_or_default();
    let clauses: Vec<&str> =
        filter.split(" and ").map(str::trim).filter(|one| !one.is_empty()).collect();
    let wrong = || {
        bad(
            "The $filter needs eventTimestamp ge 'time', and can have eventTimestamp le, resourceGroupName eq, \
                        resourceUri eq, resourceProvider eq, correlationId eq and eventChannels eq.",
        )
    };
    if !clauses.iter().any(|clause| clause.starts_with("eventTimestamp ge ")) {
        return Err(wrong());
    }
    let mut events = inner.activity.all();
    for clause in clauses {
        let mut words = clause.splitn(3, ' ');
        let (Some(field), Some(operator), Some(value)) = (words.next(), words.next(), words.next())
        else {
            return Err(wrong());
        };
        let value = value.trim().trim_matches('\'');
        let time = |event: &Value| event["eventTimestamp"].as_str().and_then(when::parse);
        let same = |one: &Value| one.as_str().is_some_and(|text| text.eq_ignore_ascii_case(value));
        match (field, operator) {
            ("eventTimestamp", "ge" | "le") => {
                let limit = when::parse(value).ok_or_else(wrong)?;
                let is_after = operator == "ge";
                events.retain(|one| {
                    time(one).is_some_and(|at| if is_after { at >= limit } else { at <= limit })
                });
            }
            ("resourceUri", "eq") => {
                events.retain(|one| {
                    same(&one["resourceId"]) || same(&one["properties"]["ResourceName"])
                });
            }
            ("resourceGroupName", "eq") => events.retain(|one| same(&one["resourceGroupName"])),
            ("resourceProvider", "eq") => {
                events.retain(|one| same(&one["resourceProviderName"]["value"]));
            }
            ("correlationId", "eq") => events.retain(|one| same(&one["correlationId"])),
            ("eventChannels", "eq") => {}
            _ => return Err(wrong()),
        }
    }
    paging::page(call, events)
}
