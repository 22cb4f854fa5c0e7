//! Load testing resources in ARM (azure-rest-api-specs, loadtestservice, 2022-12-01). Changes take no time.

use std::collections::BTreeMap;
use std::sync::Arc;

use http::{Method, StatusCode};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::wire::run_key;
use crate::inner::Inner;
use crate::loads::kept::{Resource, Stamp};
use crate::naming;
use crate::protocol::call::{Answer, Answered, Call};
use crate::protocol::error::ArmError;
use crate::protocol::field::Field;
use crate::protocol::paging;
use crate::when;

const KIND: &str = "Microsoft.LoadTestService/loadTests";
const NAME_CHARS_MAX: usize = 64;

fn body(inner: &Inner, call: &Call, resource: &Resource) -> Value {
    let host = call.base.split_once("://").map_or(call.base.as_str(), |(_, host)| host);
    let mut properties = resource.properties.clone();
    let address = format!("{host}/load-testing/{}", resource.guid);
    properties.insert("dataPlaneURI".to_owned(), json!(address));
    properties.insert("provisioningState".to_owned(), json!("Succeeded"));
    let mut identity = resource.identity.clone();
    if identity
        .get("type")
        .and_then(Value::as_str)
        .is_some_and(|kind| kind.contains("SystemAssigned"))
    {
        identity.insert("principalId".to_owned(), json!(resource.guid));
        identity.insert("tenantId".to_owned(), json!(inner.tenant));
    }
    let stamp = &resource.stamp;
    json!({
        "id": naming::load_testing_id(&inner.group_id(), &resource.name),
        "name": resource.name, "type": "microsoft.loadtestservice/loadtests",
        "location": resource.location, "tags": resource.tags, "identity": identity,
        "systemData": {
            "createdBy": stamp.created_by, "createdByType": "User", "createdAt": when::milli(stamp.created_ms),
            "lastModifiedBy": stamp.modified_by, "lastModifiedByType": "User",
            "lastModifiedAt": when::milli(stamp.modified_ms),
        },
        "properties": properties,
    })
}

/// `GET …/loadTests`, of the resource group or the subscription.
pub fn list(inner: &Arc<Inner>, call: &Call) -> Answered {
    call.only(&Method::GET, "GET")?;
    let items: Vec<Value> = inner.store.read(|state| {
        state.load_testing.values().map(|resource| body(inner, call, resource)).collect()
    });
    paging::page(call, items)
}

/// `{load test}`
pub fn route(inner: &Arc<Inner>, call: &Call, name: &str) -> Answered {
    let key = name.to_lowercase();
    let missing = || ArmError::no_resource(&format!("{KIND}/{name}"), &inner.resource_group);
    match call.method {
        Method::GET => {
            let found = inner.store.read(|state| {
                state.load_testing.get(&key).map(|resource| body(inner, call, resource))
            });
            found.map(Answer::ok).ok_or_else(missing)
        }
        Method::PUT => put(inner, call, &key),
        Method::PATCH => {
            let sent = call.object()?;
            let now_ms = when::unix_ms(inner.clock.now());
            let view = inner.store.try_write(|state| {
                let resource = state.load_testing.get_mut(&key).ok_or_else(missing)?;
                write(resource, &sent)?;
                resource.stamp.change(now_ms, &call.caller);
                Ok::<_, ArmError>(body(inner, call, resource))
            })?;
            Ok(Answer::ok(view))
        }
        Method::DELETE => delete(inner, &key),
        _ => Err(ArmError::method("GET, PUT, PATCH, DELETE")),
    }
}

/// Writes what a body names.
fn write(resource: &mut Resource, sent: &Value) -> Result<(), ArmError> {
    let tags = Field::of("tags", sent.get("tags"));
    if tags.is_given() {
        resource.tags = tags.text_map()?;
    }
    let identity = Field::of("identity", sent.get("identity"));
    if let Some(identity) = identity.object()? {
        resource.identity = identity.clone();
        resource.identity.entry("type").or_insert_with(|| json!("None"));
    }
    let properties = Field::of("properties", sent.get("properties"));
    if let Some(text) = properties.inside("description").text()? {
        if text.chars().count() > 512 {
            return Err(properties.inside("description").must("have at most 512 characters"));
        }
        resource.properties.insert("description".to_owned(), json!(text));
    }
    if let Some(encryption) = properties.inside("encryption").object()? {
        resource.properties.insert("encryption".to_owned(), Value::Object(encryption.clone()));
    }
    Ok(())
}

fn put(inner: &Arc<Inner>, call: &Call, key: &str) -> Answered {
    let sent = call.object()?;
    let name = call.after("loadTests");
    let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let is_legal = (1..=NAME_CHARS_MAX).contains(&name.len())
        && name.chars().all(is_plain)
        && name.starts_with(|c: char| c.is_ascii_alphanumeric());
    if !is_legal {
        let text = format!("The name [{name}] of the load testing resource is not valid.");
        return Err(ArmError::arm(StatusCode::BAD_REQUEST, "InvalidResourceName", text));
    }
    let location = Field::of("location", sent.get("location"));
    let location = location.text()?.ok_or_else(|| location.must("be a region"))?.to_owned();
    let now_ms = when::unix_ms(inner.clock.now());
    let (is_new, view) = inner.store.try_write(|state| {
        let old = state.load_testing.remove(key);
        let is_new = old.is_none();
        let mut resource = old.unwrap_or_else(|| Resource {
            name,
            location,
            guid: Uuid::new_v4().to_string(),
            tags: Map::new(),
            identity: Map::from_iter([("type".to_owned(), json!("None"))]),
            properties: Map::new(),
            stamp: Stamp::new(now_ms, &call.caller),
            tests: BTreeMap::new(),
            runs: BTreeMap::new(),
        });
        write(&mut resource, &sent)?;
        resource.stamp.change(now_ms, &call.caller);
        let view = body(inner, call, &resource);
        state.load_testing.insert(key.to_owned(), resource);
        Ok::<_, ArmError>((is_new, view))
    })?;
    Ok(Answer::json(if is_new { StatusCode::CREATED } else { StatusCode::OK }, view))
}

/// Deletes a resource with its tests and runs, which end.
fn delete(inner: &Arc<Inner>, key: &str) -> Answered {
    let gone = inner.store.write(|state| state.load_testing.remove(key))?;
    let Some(gone) = gone else { return Ok(Answer::gone(false)) };
    for run in gone.runs.keys() {
        inner.load_tests.cancel(&run_key(&gone.guid, run));
    }
    // Engines that still end may hold files; nothing names them any more.
    let _ = std::fs::remove_dir_all(inner.load_tests.resource(&gone.guid));
    Ok(Answer::gone(true))
}
