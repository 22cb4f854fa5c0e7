//! Runs long-running operations: each is a task that goes through phases on the clock, and writes its
//! outcome at the end. Phases end at times counted from the operation's start, so that a restart, or one
//! big step of an explicit clock, continues at the right phase.

use std::sync::Arc;
use std::time::Duration;

use uuid::Uuid;

use crate::inner::Inner;
use crate::protocol::error::ArmError;
use crate::provision;
use crate::state::{At, Operation, Progress, Provisioning, State, Work};
use crate::store::Unkept;
use crate::wait::after;
use crate::when;

/// How long to wait before writing the end of an operation again, in the machine's time, because a disk
/// follows no other clock.
const KEEP_AGAIN_S: u64 = 1;
/// The number of finished operations that are kept.
const OPERATIONS_MAX: usize = 2_000;

/// Stores a new operation and marks its resource; [`spawn`] starts it after the state is saved.
pub fn begin(inner: &Inner, state: &mut State, (ws, e, d): At<'_>, work: Work) -> String {
    let kind = if d.is_some() { "od" } else { "oe" };
    let guid = state.workspaces.get(ws).map(|w| w.guid.clone()).unwrap_or_default();
    let id = format!("{kind}:{guid}:{}", Uuid::new_v4());
    let now = when::arm(inner.clock.now());
    cancel_former(state, (ws, e, d), &now);
    let is_new = matches!(work, Work::CreateEndpoint | Work::CreateDeployment);
    inner.stale.begins(&id, state, (ws, e, d), is_new);
    mark(state, (ws, e, d), &work, &id, &now);
    let operation = Operation {
        id: id.clone(),
        workspace: ws.to_owned(),
        endpoint: e.to_owned(),
        deployment: d.map(str::to_owned),
        work,
        progress: Progress::Updating,
        started_at: now,
        ended_at: None,
        error: None,
    };
    forget_oldest(state);
    state.operations.insert(id.clone(), operation);
    id
}

/// A resource has one operation at a time. Deleting the resource ends a stuck operation.
fn cancel_former(state: &mut State, (ws, e, d): At<'_>, now: &str) {
    let endpoint = state.workspaces.get(ws).and_then(|workspace| workspace.endpoints.get(e));
    let former = match d {
        None => endpoint.map(|endpoint| &endpoint.operation),
        Some(d) => endpoint.and_then(|e| e.deployments.get(d)).map(|d| &d.operation),
    };
    let former = former.and_then(|id| state.operations.get_mut(id));
    if let Some(former) = former.filter(|former| former.progress == Progress::Updating) {
        cancel(former, now);
    }
}

fn mark(state: &mut State, (ws, e, d): At<'_>, work: &Work, id: &str, now: &str) {
    let Some(endpoint) = state.workspaces.get_mut(ws).and_then(|w| w.endpoints.get_mut(e)) else {
        return;
    };
    if let Some(deployment) = d.and_then(|d| endpoint.deployments.get_mut(d)) {
        deployment.provisioning = match work {
            Work::DeleteDeployment => Provisioning::Deleting,
            Work::UpdateDeployment { next } if next.capacity != deployment.spec.capacity => {
                Provisioning::Scaling
            }
            _ => Provisioning::Updating,
        };
        id.clone_into(&mut deployment.operation);
        now.clone_into(&mut deployment.stamp.modified_at);
        return;
    }
    endpoint.provisioning = match work {
        Work::CreateEndpoint => Provisioning::Creating,
        Work::DeleteEndpoint => Provisioning::Deleting,
        _ => Provisioning::Updating,
    };
    id.clone_into(&mut endpoint.operation);
    now.clone_into(&mut endpoint.stamp.modified_at);
}

fn forget_oldest(state: &mut State) {
    if state.operations.len() < OPERATIONS_MAX {
        return;
    }
    let done = state.operations.values().filter(|o| o.progress != Progress::Updating);
    let oldest = done.min_by(|a, b| a.started_at.cmp(&b.started_at)).map(|o| o.id.clone());
    if let Some(id) = oldest {
        state.operations.remove(&id);
    }
}

/// Starts an operation, or continues one after a restart.
pub fn spawn(inner: &Arc<Inner>, id: &str) {
    inner.agenda.enter(id);
    let (inner, id) = (Arc::clone(inner), id.to_owned());
    tokio::spawn(async move {
        let operation = inner.store.read(|state| state.operations.get(&id).cloned());
        if let Some(operation) = operation {
            run(&inner, &operation).await;
        }
        inner.agenda.leave(&id);
    });
}

async fn run(inner: &Arc<Inner>, operation: &Operation) {
    match &operation.work {
        Work::CreateEndpoint => after(inner, operation, 2.0).await,
        Work::UpdateEndpoint { .. } | Work::RegenerateKey { .. } => {
            after(inner, operation, 1.0).await;
        }
        Work::DeleteEndpoint | Work::DeleteDeployment => {
            after(inner, operation, 1.0).await;
            inner.agenda.elsewhere(&operation.id, provision::stop(inner, operation)).await;
        }
        Work::CreateDeployment | Work::UpdateDeployment { .. } => {
            let outcome = provision::start(inner, operation).await;
            return finish(inner, operation, &outcome).await;
        }
    }
    finish(inner, operation, &Ok(())).await;
}

/// Writes the outcome as soon as possible. Until it is written, the operation is still in flight.
async fn finish(inner: &Arc<Inner>, operation: &Operation, outcome: &Result<(), ArmError>) {
    let mut is_logged = false;
    while let Err(unkept) = inner.store.write(|state| conclude(inner, state, operation, outcome)) {
        if matches!(unkept, Unkept::Stopped) {
            return;
        }
        if !is_logged {
            tracing::error!(operation = operation.id, %unkept, "cannot save the end of an operation; it is retried");
            is_logged = true;
        }
        let pause = tokio::time::sleep(Duration::from_secs(KEEP_AGAIN_S));
        inner.agenda.elsewhere(&operation.id, pause).await;
    }
    crate::routes::publish(inner, &operation.workspace, &operation.endpoint);
}

fn conclude(
    inner: &Inner,
    state: &mut State,
    operation: &Operation,
    outcome: &Result<(), ArmError>,
) {
    let now = when::arm(inner.clock.now());
    let is_current = current(state, operation).is_some_and(|id| id == operation.id);
    let workspace = state.workspaces.get(&operation.workspace);
    let location = workspace.map(|ws| ws.location.clone()).unwrap_or_default();
    if let Some(kept) = state.operations.get_mut(&operation.id)
        && kept.progress == Progress::Updating
    {
        kept.ended_at = Some(now.clone());
        kept.progress = match (outcome, is_current) {
            (_, false) => Progress::Canceled,
            (Ok(()), true) => Progress::Succeeded,
            (Err(_), true) => Progress::Failed,
        };
        kept.error = outcome.as_ref().err().map(|error| error.detail(&location, &now));
    }
    if is_current {
        apply(state, operation, outcome.is_ok(), &now);
    }
    let is_ok = is_current && outcome.is_ok();
    inner.stale.ended(&operation.id, operation.at(), is_ok, inner.clock.now());
}

/// The latest operation of the same resource.
fn current<'a>(state: &'a State, operation: &Operation) -> Option<&'a str> {
    let endpoint =
        state.workspaces.get(&operation.workspace)?.endpoints.get(&operation.endpoint)?;
    match &operation.deployment {
        Some(d) => endpoint.deployments.get(d).map(|d| d.operation.as_str()),
        None => Some(&endpoint.operation),
    }
}

fn apply(state: &mut State, operation: &Operation, is_ok: bool, now: &str) {
    let Some(workspace) = state.workspaces.get_mut(&operation.workspace) else { return };
    if matches!(operation.work, Work::DeleteEndpoint) {
        workspace.endpoints.remove(&operation.endpoint);
        cancel_deployments(state, operation, now);
        return;
    }
    let Some(endpoint) = workspace.endpoints.get_mut(&operation.endpoint) else { return };
    let Some(d) = &operation.deployment else {
        endpoint.provisioning = Provisioning::Succeeded;
        now.clone_into(&mut endpoint.stamp.modified_at);
        match &operation.work {
            Work::UpdateEndpoint { next } => endpoint.spec = (**next).clone(),
            Work::RegenerateKey { is_primary: true, value } => {
                value.clone_into(&mut endpoint.primary_key);
            }
            Work::RegenerateKey { value, .. } => value.clone_into(&mut endpoint.secondary_key),
            _ => endpoint.is_reachable = true,
        }
        return;
    };
    if matches!(operation.work, Work::DeleteDeployment) {
        if let Some(gone) = endpoint.deployments.remove(d) {
            endpoint.spec.traffic.remove(&gone.name);
            endpoint.spec.mirror.remove(&gone.name);
        }
        return;
    }
    let Some(deployment) = endpoint.deployments.get_mut(d) else { return };
    if let Work::UpdateDeployment { next } = &operation.work {
        deployment.spec = (**next).clone();
    }
    deployment.has_succeeded |= is_ok;
    deployment.provisioning = if is_ok { Provisioning::Succeeded } else { Provisioning::Failed };
    now.clone_into(&mut deployment.stamp.modified_at);
}

/// Operations in a deleted endpoint would never end by themselves.
fn cancel_deployments(state: &mut State, gone: &Operation, now: &str) {
    let orphans = state.operations.values_mut().filter(|operation| {
        operation.progress == Progress::Updating
            && operation.id != gone.id
            && operation.workspace == gone.workspace
            && operation.endpoint == gone.endpoint
    });
    orphans.for_each(|operation| cancel(operation, now));
}

fn cancel(operation: &mut Operation, now: &str) {
    operation.progress = Progress::Canceled;
    operation.ended_at = Some(now.to_owned());
}
