//! Online deployments: list, get, PUT, PATCH, DELETE. None of them changes an endpoint's traffic.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use http::{Method, StatusCode};
use serde_json::Value;

use super::endpoints::check_at_rest as check_endpoint_at_rest;
use super::{deployment_body, endpoint_body, operations};
use crate::inner::Inner;
use crate::protocol::call::{Answer, Answered, Call};
use crate::protocol::error::ArmError;
use crate::protocol::paging;
use crate::stale::Former;
use crate::state::{Deployment, DeploymentSpec, Endpoint, Provisioning, Stamp, Work};
use crate::{find, provision, rules, when, work};

fn check_at_rest(deployment: &Deployment) -> Result<(), ArmError> {
    operations::check_at_rest("deployment", &deployment.name, deployment.provisioning)
}

/// `GET …/deployments`
pub fn list(inner: &Arc<Inner>, call: &Call, ws: &str, e: &str) -> Answered {
    call.only(&Method::GET, "GET")?;
    let mut items = inner.store.read(|state| {
        let (workspace, endpoint) = find::endpoint(state, ws, e)?;
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
pub fn get(inner: &Arc<Inner>, call: &Call, ws: &str, e: &str, d: &str) -> Answered {
    inner.store.read(|state| {
        let (workspace, endpoint) = find::endpoint(state, ws, e)?;
        let shown = |deployment| {
            let view = deployment_body::view(inner, &call.base, workspace, endpoint, deployment);
            Ok(Answer::ok(view))
        };
        match inner.stale.item((ws, e, Some(d)), call, inner.clock.now()) {
            Some(Former::Deployment(former)) => shown(&former),
            Some(_) => Err(find::no_deployment(d, &endpoint.name)),
            None => {
                find::deployment(state, (ws, e, d)).and_then(|(_, _, deployment)| shown(deployment))
            }
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

/// `PUT …/{d}`: creates or replaces it.
pub fn put(inner: &Arc<Inner>, call: &Call, ws: &str, e: &str, d: &str) -> Answered {
    let body = call.object()?;
    let name = call.after("deployments");
    rules::name("deployment", &name)?;
    let accepted = inner.store.try_write(|state| {
        let (workspace, endpoint) = find::endpoint(state, ws, e)?;
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
            find::endpoint_mut(state, ws, e)?.deployments.insert(d.to_owned(), deployment);
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
            "Online endpoint [{}] already has {} deployments, which is the maximum.",
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
        image: None,
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
) -> Answered {
    let (location, view) = inner.store.read(|state| {
        let (workspace, endpoint, deployment) = find::deployment(state, at)?;
        let view = deployment_body::view(inner, &call.base, workspace, endpoint, deployment);
        Ok::<_, ArmError>((workspace.location.clone(), view))
    })?;
    Ok(operations::begun(inner, call, (&location, operation), (status, view)))
}

/// `PATCH …/{d}`: tags and sku, which means scaling.
pub fn patch(inner: &Arc<Inner>, call: &Call, ws: &str, e: &str, d: &str) -> Answered {
    let body = call.object()?;
    rules::patched(&body, ["tags", "sku"])?;
    let accepted = inner.store.try_write(|state| {
        let (_, endpoint, deployment) = find::deployment(state, (ws, e, d))?;
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

/// `DELETE …/{d}`: 204 if it does not exist. A stuck deployment can be deleted.
pub fn delete(inner: &Arc<Inner>, call: &Call, ws: &str, e: &str, d: &str) -> Answered {
    let accepted = inner.store.try_write(|state| {
        let (workspace, endpoint) = find::endpoint(state, ws, e)?;
        let Some(deployment) = endpoint.deployments.get(d) else { return Ok(None) };
        check_endpoint_at_rest(endpoint)?;
        if !provision::is_stuck_by_name(&deployment.name)
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
    Ok(operations::deleting(inner, call, accepted))
}
