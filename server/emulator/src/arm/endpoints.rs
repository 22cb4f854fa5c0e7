//! Online endpoints: list, get, PUT, PATCH, DELETE.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use http::{Method, StatusCode};
use rand::distr::{Alphanumeric, SampleString};
use serde_json::Value;
use uuid::Uuid;

use super::{endpoint_body, operations};
use crate::inner::Inner;
use crate::protocol::call::{Answer, Answered, Call};
use crate::protocol::error::ArmError;
use crate::protocol::paging;
use crate::stale::Former;
use crate::state::{Endpoint, EndpointSpec, Provisioning, Stamp, State, Work};
use crate::{find, rules, when, work};

/// Characters of a generated key, like those of Azure ML.
const KEY_CHARS: usize = 84;

/// A new endpoint key.
pub fn new_key() -> String {
    Alphanumeric.sample_string(&mut rand::rng(), KEY_CHARS)
}

/// Refuses a second change while one is in flight.
pub fn check_at_rest(endpoint: &Endpoint) -> Result<(), ArmError> {
    operations::check_at_rest("endpoint", &endpoint.name, endpoint.provisioning)
}

/// `GET {WS}/onlineEndpoints`
pub fn list(inner: &Arc<Inner>, call: &Call, ws: &str) -> Answered {
    call.only(&Method::GET, "GET")?;
    let mut items = inner.store.read(|state| {
        let workspace = find::workspace(state, ws)?;
        let mut endpoints: BTreeMap<_, _> =
            workspace.endpoints.iter().map(|(key, e)| (key.clone(), Cow::Borrowed(e))).collect();
        for (key, former) in inner.stale.listed((ws, None), call, inner.clock.now()) {
            match former {
                Former::Endpoint(former) => _ = endpoints.insert(key, Cow::Owned(*former)),
                _ => _ = endpoints.remove(&key),
            }
        }
        let views = endpoints.values();
        let views = views.map(|e| endpoint_body::view(inner, &call.base, workspace, e));
        Ok::<Vec<Value>, ArmError>(views.collect())
    })?;
    if let Some(name) = call.query.get("name") {
        items.retain(|item| item["name"].as_str().is_some_and(|n| n.eq_ignore_ascii_case(name)));
    }
    if let Some(kind) = call.query.get("computetype") {
        items.retain(|item| item["kind"].as_str().is_some_and(|k| k.eq_ignore_ascii_case(kind)));
    }
    paging::filter_labels(call, &mut items);
    paging::sort(call, &mut items);
    paging::page(call, items)
}

/// `GET …/{e}`
pub fn get(inner: &Arc<Inner>, call: &Call, ws: &str, e: &str) -> Answered {
    inner.store.read(|state| {
        let shown = |workspace, endpoint| {
            Ok(Answer::ok(endpoint_body::view(inner, &call.base, workspace, endpoint)))
        };
        match inner.stale.item((ws, e, None), call, inner.clock.now()) {
            Some(Former::Endpoint(former)) => shown(find::workspace(state, ws)?, &former),
            Some(_) => Err(find::no_endpoint(e, &find::workspace(state, ws)?.name)),
            None => find::endpoint(state, ws, e)
                .and_then(|(workspace, endpoint)| shown(workspace, endpoint)),
        }
    })
}

/// `PUT …/{e}`: creates or replaces it.
pub fn put(inner: &Arc<Inner>, call: &Call, ws: &str, e: &str) -> Answered {
    let body = call.object()?;
    let name = call.after("onlineEndpoints");
    rules::name("endpoint", &name)?;
    let accepted = inner.store.try_write(|state| {
        let workspace = find::workspace(state, ws)?;
        let present = workspace.endpoints.get(e);
        if let Some(endpoint) = present {
            check_at_rest(endpoint)?;
        } else {
            check_name_is_free(state, ws, e)?;
        }
        let next = endpoint_body::parse(&body, &name, workspace, present)?;
        let work = if present.is_some() {
            Work::UpdateEndpoint { next: Box::new(next) }
        } else {
            let endpoint = create(inner, call, &name, next, &body);
            if let Some(workspace) = state.workspaces.get_mut(ws) {
                workspace.endpoints.insert(e.to_owned(), endpoint);
            }
            Work::CreateEndpoint
        };
        Ok::<_, ArmError>(work::begin(inner, state, (ws, e, None), work))
    })?;
    answer(inner, call, (ws, e), &accepted, StatusCode::CREATED)
}

/// An endpoint's name is a DNS label, unique per region; the emulator has one host for all regions.
fn check_name_is_free(state: &State, ws: &str, e: &str) -> Result<(), ArmError> {
    let mut others = state.workspaces.iter().filter(|(key, _)| *key != ws);
    match others.find(|(_, other)| other.endpoints.contains_key(e)) {
        None => Ok(()),
        Some((_, other)) => Err(ArmError::user(format!(
            "The endpoint name [{e}] is already in use in region [{}]. Choose another name.",
            other.location
        ))),
    }
}

fn create(inner: &Inner, call: &Call, name: &str, spec: EndpointSpec, body: &Value) -> Endpoint {
    let now = when::arm(inner.clock.now());
    let key = |field: &str| {
        let given = body["properties"]["keys"][field].as_str().filter(|key| !key.is_empty());
        given.map_or_else(new_key, str::to_owned)
    };
    Endpoint {
        name: name.to_owned(),
        spec,
        primary_key: key("primaryKey"),
        secondary_key: key("secondaryKey"),
        principal_id: Uuid::new_v4().to_string(),
        provisioning: Provisioning::Creating,
        is_reachable: false,
        operation: String::new(),
        stamp: Stamp { created_at: now.clone(), created_by: call.caller.clone(), modified_at: now },
        deployments: BTreeMap::new(),
    }
}

fn answer(
    inner: &Arc<Inner>,
    call: &Call,
    (ws, e): (&str, &str),
    operation: &str,
    status: StatusCode,
) -> Answered {
    let (location, view) = inner.store.read(|state| {
        let (workspace, endpoint) = find::endpoint(state, ws, e)?;
        let view = endpoint_body::view(inner, &call.base, workspace, endpoint);
        Ok::<_, ArmError>((workspace.location.clone(), view))
    })?;
    Ok(operations::begun(inner, call, (&location, operation), (status, view)))
}

/// `PATCH …/{e}`: tags and identity only.
pub fn patch(inner: &Arc<Inner>, call: &Call, ws: &str, e: &str) -> Answered {
    let body = call.object()?;
    rules::patched(&body, ["tags", "identity"])?;
    let accepted = inner.store.try_write(|state| {
        let (_, endpoint) = find::endpoint(state, ws, e)?;
        check_at_rest(endpoint)?;
        let mut next = endpoint.spec.clone();
        if body.get("tags").is_some() {
            next.tags = endpoint_body::tags(&body)?;
        }
        if body.get("identity").is_some() {
            next.identity = endpoint_body::identity(&body)?;
        }
        let work = Work::UpdateEndpoint { next: Box::new(next) };
        Ok::<_, ArmError>(work::begin(inner, state, (ws, e, None), work))
    })?;
    answer(inner, call, (ws, e), &accepted, StatusCode::ACCEPTED)
}

/// `DELETE …/{e}`: deletes it with all deployments; 204 if it does not exist.
pub fn delete(inner: &Arc<Inner>, call: &Call, ws: &str, e: &str) -> Answered {
    let accepted = inner.store.try_write(|state| {
        let Ok((workspace, endpoint)) = find::endpoint(state, ws, e) else { return Ok(None) };
        check_at_rest(endpoint)?;
        let location = workspace.location.clone();
        let id = work::begin(inner, state, (ws, e, None), Work::DeleteEndpoint);
        Ok::<_, ArmError>(Some((id, location)))
    })?;
    Ok(operations::deleting(inner, call, accepted))
}
