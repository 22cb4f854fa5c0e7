//! Online deployments: list, get, PUT, PATCH, DELETE (azure-wire.md §4). None of them ever changes
//! an endpoint's traffic.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use http::{Method, StatusCode};
use serde_json::Value;

use super::call::{Answer, Call};
use super::endpoints::{check_at_rest as check_endpoint_at_rest, find as find_endpoint};
use super::error::ArmError;
use super::{deployment_body, endpoint_body, operations, paging};
use crate::inner::Inner;
use crate::rules;
use crate::stale::Former;
use crate::state::{
    Deployment, DeploymentSpec, Endpoint, Provisioning, Stamp, State, Work, WorkspaceState,
};
use crate::{when, work};

fn no_deployment(name: &str, endpoint: &str) -> ArmError {
    ArmError::not_found(format!(
        "Online deployment [{name}] was not found under online endpoint [{endpoint}]."
    ))
}

/// The deployment with its endpoint and workspace.
pub fn find<'a>(
    state: &'a State,
    (ws, e, d): (&str, &str, &str),
) -> Result<(&'a WorkspaceState, &'a Endpoint, &'a Deployment), ArmError> {
    let (workspace, endpoint) = find_endpoint(state, ws, e)?;
    let deployment = endpoint.deployments.get(d).ok_or_else(|| no_deployment(d, &endpoint.name))?;
    Ok((workspace, endpoint, deployment))
}

fn check_at_rest(deployment: &Deployment) -> Result<(), ArmError> {
    if !deployment.provisioning.is_moving() {
        return Ok(());
    }
    Err(ArmError::conflict(format!(
        "Online deployment [{}] is in state {}: another operation is in progress. Try again when \
         it has ended.",
        deployment.name,
        deployment.provisioning.as_str()
    )))
}

/// `GET …/deployments`
pub fn list(inner: &Arc<Inner>, call: &Call, ws: &str, e: &str) -> Result<Answer, ArmError> {
    call.only(&Method::GET, "GET")?;
    let mut items = inner.store.read(|state| {
        let (workspace, endpoint) = find_endpoint(state, ws, e)?;
        let mut all: BTreeMap<_, _> =
            endpoint.deployments.iter().map(|(key, d)| (key.clone(), Cow::Borrowed(d))).collect();
        for (key, former) in inner.stale.listed((ws, Some(e)), call, inner.clock.now()) {
            match former {
                Former::Deployment(former) => _ = all.insert(key, Cow::Owned(*former)),
                _ => _ = all.remove(&key),
            }
        }
        let all = all.values();
        let views = all.map(|d| deployment_body::view(inner, &call.base, workspace, endpoint, d));
        Ok::<Vec<Value>, ArmError>(views.collect())
    })?;
    paging::sort(call, &mut items);
    paging::page(call, items)
}

/// `GET …/{d}`
pub fn get(
    inner: &Arc<Inner>,
    call: &Call,
    ws: &str,
    e: &str,
    d: &str,
) -> Result<Answer, ArmError> {
    inner.store.read(|state| {
        let (workspace, endpoint) = find_endpoint(state, ws, e)?;
        let shown = |deployment| {
            let view = deployment_body::view(inner, &call.base, workspace, endpoint, deployment);
            Ok(Answer::ok(view))
        };
        match inner.stale.item((ws, e, Some(d)), call, inner.clock.now()) {
            Some(Former::Deployment(former)) => shown(&former),
            Some(_) => Err(no_deployment(d, &endpoint.name)),
            None => find(state, (ws, e, d)).and_then(|(_, _, deployment)| shown(deployment)),
        }
    })
}

fn check_endpoint(endpoint: &Endpoint) -> Result<(), ArmError> {
    check_endpoint_at_rest(endpoint)?;
    if endpoint.provisioning == Provisioning::Succeeded {
        return Ok(());
    }
    Err(ArmError::user(format!(
        "Online endpoint [{}] is in state {}. Deployments need an endpoint that has succeeded.",
        endpoint.name,
        endpoint.provisioning.as_str()
    )))
}

/// `PUT …/{d}`: create or full replacement.
pub fn put(
    inner: &Arc<Inner>,
    call: &Call,
    ws: &str,
    e: &str,
    d: &str,
) -> Result<Answer, ArmError> {
    let body = call.object()?;
    let name = call.after("deployments");
    rules::name("deployment", &name)?;
    let accepted = inner.store.try_write(|state| {
        let (workspace, endpoint) = find_endpoint(state, ws, e)?;
        check_endpoint(endpoint)?;
        if endpoint.spec.compute.is_some() {
            rules::kubernetes_names(&endpoint.name, &name)?;
        }
        let present = endpoint.deployments.get(d);
        check_may_put(endpoint, present)?;
        let next = deployment_body::parse(inner, &body, workspace, endpoint, present)?;
        let work = if present.is_some() {
            Work::UpdateDeployment { next: Box::new(next) }
        } else {
            let deployment = create(inner, call, &name, next);
            super::endpoints::find_mut(state, ws, e)?.deployments.insert(d.to_owned(), deployment);
            Work::CreateDeployment
        };
        Ok::<_, ArmError>(work::begin(inner, state, (ws, e, Some(d)), work))
    })?;
    answer(inner, call, (ws, e, d), &accepted, StatusCode::CREATED)
}

fn check_may_put(endpoint: &Endpoint, present: Option<&Deployment>) -> Result<(), ArmError> {
    let Some(deployment) = present else {
        if endpoint.deployments.len() < rules::DEPLOYMENTS_PER_ENDPOINT_MAX {
            return Ok(());
        }
        return Err(ArmError::user(format!(
            "Online endpoint [{}] already has {} deployments, the most it can have.",
            endpoint.name,
            rules::DEPLOYMENTS_PER_ENDPOINT_MAX
        )));
    };
    check_at_rest(deployment)?;
    if deployment.has_succeeded {
        return Ok(());
    }
    Err(ArmError::user(format!(
        "Specified deployment [{}] failed during initial provisioning and is in an unrecoverable \
         state. Delete and re-create.",
        deployment.name
    )))
}

fn create(inner: &Inner, call: &Call, name: &str, spec: DeploymentSpec) -> Deployment {
    let now = when::arm(inner.clock.now());
    Deployment {
        name: name.to_owned(),
        spec,
        provisioning: Provisioning::Updating,
        has_succeeded: false,
        operation: String::new(),
        stamp: Stamp { created_at: now.clone(), created_by: call.caller.clone(), modified_at: now },
    }
}

fn answer(
    inner: &Arc<Inner>,
    call: &Call,
    at: (&str, &str, &str),
    operation: &str,
    status: StatusCode,
) -> Result<Answer, ArmError> {
    let answer = inner.store.read(|state| {
        let (workspace, endpoint, deployment) = find(state, at)?;
        let view = deployment_body::view(inner, &call.base, workspace, endpoint, deployment);
        let id = view["id"].as_str().unwrap_or_default().to_owned();
        let headers =
            operations::resource_headers(inner, call, &workspace.location, operation, &id);
        Ok::<_, ArmError>(Answer::json(status, view).with_all(headers))
    })?;
    inner.stale.asked_by(call, operation);
    work::spawn(inner, operation);
    Ok(answer)
}

/// `PATCH …/{d}`: tags and sku, that is scaling.
pub fn patch(
    inner: &Arc<Inner>,
    call: &Call,
    ws: &str,
    e: &str,
    d: &str,
) -> Result<Answer, ArmError> {
    let body = call.object()?;
    let mut names = body.as_object().into_iter().flatten().map(|(name, _)| name);
    if let Some(name) = names.find(|name| !["tags", "sku"].contains(&name.as_str())) {
        return Err(ArmError::user(format!(
            "The property '{name}' cannot be patched: only tags and sku can. Use PUT."
        )));
    }
    let accepted = inner.store.try_write(|state| {
        let (_, endpoint, deployment) = find(state, (ws, e, d))?;
        check_endpoint(endpoint)?;
        check_may_put(endpoint, Some(deployment))?;
        let mut next = deployment.spec.clone();
        if body.get("tags").is_some() {
            next.tags = endpoint_body::tags(&body)?;
        }
        if body.get("sku").and_then(|sku| sku.get("capacity")).is_some() {
            next.capacity = rules::capacity(body.get("sku"))?;
        }
        let work = Work::UpdateDeployment { next: Box::new(next) };
        Ok::<_, ArmError>(work::begin(inner, state, (ws, e, Some(d)), work))
    })?;
    answer(inner, call, (ws, e, d), &accepted, StatusCode::ACCEPTED)
}

/// `DELETE …/{d}`: 204 when there is none. A deployment that hangs can be deleted.
pub fn delete(
    inner: &Arc<Inner>,
    call: &Call,
    ws: &str,
    e: &str,
    d: &str,
) -> Result<Answer, ArmError> {
    let accepted = inner.store.try_write(|state| {
        let (workspace, endpoint) = find_endpoint(state, ws, e)?;
        let Some(deployment) = endpoint.deployments.get(d) else { return Ok(None) };
        check_endpoint_at_rest(endpoint)?;
        if !work::is_stuck_by_name(&deployment.name)
            || deployment.provisioning == Provisioning::Deleting
        {
            check_at_rest(deployment)?;
        }
        rules::delete(&deployment.name, &endpoint.spec.traffic, &endpoint.spec.mirror)
            .map_err(|broken| ArmError::conflict(broken.0))?;
        let location = workspace.location.clone();
        let id = work::begin(inner, state, (ws, e, Some(d)), Work::DeleteDeployment);
        Ok::<_, ArmError>(Some((id, location)))
    })?;
    let Some((id, location)) = accepted else { return Ok(Answer::empty(StatusCode::NO_CONTENT)) };
    inner.stale.asked_by(call, &id);
    work::spawn(inner, &id);
    Ok(operations::accepted(inner, call, &location, &id))
}
