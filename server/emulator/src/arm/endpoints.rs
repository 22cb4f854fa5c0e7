//! Online endpoints: list, get, PUT, PATCH, DELETE (azure-wire.md §3).

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use http::{Method, StatusCode};
use rand::distr::{Alphanumeric, SampleString};
use serde_json::Value;
use uuid::Uuid;

use super::call::{Answer, Call};
use super::error::ArmError;
use super::{endpoint_body, operations, paging};
use crate::inner::Inner;
use crate::rules;
use crate::stale::Former;
use crate::state::{Endpoint, EndpointSpec, Provisioning, Stamp, State, Work, WorkspaceState};
use crate::{when, work};

/// Characters of a generated key, as Azure ML's own.
const KEY_CHARS: usize = 84;

/// A fresh endpoint key.
pub fn new_key() -> String {
    Alphanumeric.sample_string(&mut rand::rng(), KEY_CHARS)
}

fn no_endpoint(name: &str, workspace: &str) -> ArmError {
    ArmError::not_found(format!(
        "Online endpoint [{name}] was not found in workspace [{workspace}]."
    ))
}

/// The workspace, which routing has checked.
pub fn workspace<'a>(state: &'a State, ws: &str) -> Result<&'a WorkspaceState, ArmError> {
    state.workspaces.get(ws).ok_or_else(|| ArmError::no_resource(ws, ""))
}

/// The endpoint and its workspace.
pub fn find<'a>(
    state: &'a State,
    ws: &str,
    e: &str,
) -> Result<(&'a WorkspaceState, &'a Endpoint), ArmError> {
    let workspace = workspace(state, ws)?;
    let endpoint = workspace.endpoints.get(e).ok_or_else(|| no_endpoint(e, &workspace.name))?;
    Ok((workspace, endpoint))
}

/// The endpoint, to change it.
pub fn find_mut<'a>(state: &'a mut State, ws: &str, e: &str) -> Result<&'a mut Endpoint, ArmError> {
    state
        .workspaces
        .get_mut(ws)
        .and_then(|workspace| workspace.endpoints.get_mut(e))
        .ok_or_else(|| no_endpoint(e, ws))
}

/// Refuses a second change while one is in flight.
pub fn check_at_rest(endpoint: &Endpoint) -> Result<(), ArmError> {
    if !endpoint.provisioning.is_moving() {
        return Ok(());
    }
    Err(ArmError::conflict(format!(
        "Online endpoint [{}] is in state {}: another operation is in progress. Try again when it \
         has ended.",
        endpoint.name,
        endpoint.provisioning.as_str()
    )))
}

/// `GET {WS}/onlineEndpoints`
pub fn list(inner: &Arc<Inner>, call: &Call, ws: &str) -> Result<Answer, ArmError> {
    call.only(&Method::GET, "GET")?;
    let mut items = inner.store.read(|state| {
        let workspace = workspace(state, ws)?;
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
pub fn get(inner: &Arc<Inner>, call: &Call, ws: &str, e: &str) -> Result<Answer, ArmError> {
    inner.store.read(|state| {
        let shown = |workspace, endpoint| {
            Ok(Answer::ok(endpoint_body::view(inner, &call.base, workspace, endpoint)))
        };
        match inner.stale.item((ws, e, None), call, inner.clock.now()) {
            Some(Former::Endpoint(former)) => shown(workspace(state, ws)?, &former),
            Some(_) => Err(no_endpoint(e, &workspace(state, ws)?.name)),
            None => find(state, ws, e).and_then(|(workspace, endpoint)| shown(workspace, endpoint)),
        }
    })
}

/// `PUT …/{e}`: create or full replacement.
pub fn put(inner: &Arc<Inner>, call: &Call, ws: &str, e: &str) -> Result<Answer, ArmError> {
    let body = call.object()?;
    let name = call.after("onlineEndpoints");
    rules::name("endpoint", &name)?;
    let accepted = inner.store.try_write(|state| {
        let workspace = workspace(state, ws)?;
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

/// An endpoint's name is a DNS label, one per region; the emulator has one host for all regions.
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

/// Starts the operation and shows the resource as it stands: a change shows at its success.
fn answer(
    inner: &Arc<Inner>,
    call: &Call,
    (ws, e): (&str, &str),
    operation: &str,
    status: StatusCode,
) -> Result<Answer, ArmError> {
    let answer = inner.store.read(|state| {
        let (workspace, endpoint) = find(state, ws, e)?;
        let view = endpoint_body::view(inner, &call.base, workspace, endpoint);
        let id = view["id"].as_str().unwrap_or_default().to_owned();
        let headers =
            operations::resource_headers(inner, call, &workspace.location, operation, &id);
        Ok::<_, ArmError>(Answer::json(status, view).with_all(headers))
    })?;
    inner.stale.asked_by(call, operation);
    work::spawn(inner, operation);
    Ok(answer)
}

/// `PATCH …/{e}`: tags and identity only.
pub fn patch(inner: &Arc<Inner>, call: &Call, ws: &str, e: &str) -> Result<Answer, ArmError> {
    let body = call.object()?;
    let unknown = body.as_object().into_iter().flatten();
    if let Some((name, _)) =
        unknown.into_iter().find(|(k, _)| !["tags", "identity"].contains(&k.as_str()))
    {
        return Err(ArmError::user(format!(
            "The property '{name}' cannot be patched: only tags and identity can. Use PUT."
        )));
    }
    let accepted = inner.store.try_write(|state| {
        let (_, endpoint) = find(state, ws, e)?;
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

/// `DELETE …/{e}`: with all deployments; 204 when there is none.
pub fn delete(inner: &Arc<Inner>, call: &Call, ws: &str, e: &str) -> Result<Answer, ArmError> {
    let accepted = inner.store.try_write(|state| {
        let Ok((workspace, endpoint)) = find(state, ws, e) else { return Ok(None) };
        check_at_rest(endpoint)?;
        let location = workspace.location.clone();
        let id = work::begin(inner, state, (ws, e, None), Work::DeleteEndpoint);
        Ok::<_, ArmError>(Some((id, location)))
    })?;
    let Some((id, location)) = accepted else { return Ok(Answer::empty(StatusCode::NO_CONTENT)) };
    inner.stale.asked_by(call, &id);
    work::spawn(inner, &id);
    Ok(operations::accepted(inner, call, &location, &id))
}
