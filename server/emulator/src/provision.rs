//! Starts and stops deployments: simulated phases around real processes. It reports events, and leaves the
//! state to [`crate::work`].

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use dataplane::{Container, Fault, Probe};
use http::StatusCode;
use serde_json::Value;

use crate::inner::Inner;
use crate::protocol::error::ArmError;
use crate::pull::{self, Pulled};
use crate::state::{DeploymentSpec, Object, Operation, Progress, Work};
use crate::wait::{after, after_exactly};
use crate::{assets, quota, when};

/// The time after which a stuck deployment is given up.
const STUCK_S: u64 = 3600;

/// A deployment whose name starts with this stays in Updating.
const STUCK_PREFIX: &str = "stuck-updating";

/// Whether a deployment's name makes it stuck.
pub fn is_stuck_by_name(name: &str) -> bool {
    name.starts_with(STUCK_PREFIX)
}

struct Subject {
    endpoint: String,
    deployment: String,
    before: DeploymentSpec,
    next: DeploymentSpec,
    is_new: bool,
}

fn subject(inner: &Inner, operation: &Operation) -> Option<Subject> {
    inner.store.read(|state| {
        let workspace = state.workspaces.get(&operation.workspace)?;
        let endpoint = workspace.endpoints.get(&operation.endpoint)?;
        let deployment = endpoint.deployments.get(operation.deployment.as_ref()?)?;
        let (next, is_new) = match &operation.work {
            Work::UpdateDeployment { next } => ((**next).clone(), false),
            _ => (deployment.spec.clone(), true),
        };
        Some(Subject {
            endpoint: endpoint.name.clone(),
            deployment: deployment.name.clone(),
            before: deployment.spec.clone(),
            next,
            is_new,
        })
    })
}

/// Runs a deployment's phases: quota, image, model, container and probes.
pub async fn start(inner: &Arc<Inner>, operation: &Operation) -> Result<(), ArmError> {
    let Some(subject) = subject(inner, operation) else { return Ok(()) };
    let is_same_code = !subject.is_new && subject.before.properties == subject.next.properties;
    if is_same_code && subject.before.capacity == subject.next.capacity {
        after(inner, operation, 1.0).await;
        return Ok(());
    }
    if is_stuck_by_name(&subject.deployment) {
        after_exactly(inner, operation, Duration::from_secs(STUCK_S)).await;
        return Err(ArmError::user("The operation did not finish within PT1H and was given up."));
    }
    quota::check(inner, operation, &subject.next)?;
    let fault = Fault::from_deployment_name(&subject.deployment);
    let pulled = if is_same_code {
        after(inner, operation, 2.0).await;
        // New instances pull again, so that a tag can mean another image by now.
        pull::pull(inner, &operation.workspace, &subject.next.properties, None)?
    } else {
        prepare(inner, operation, &subject, fault).await?
    };
    launch(inner, operation, &subject, (fault, pulled)).await?;
    after(inner, operation, if is_same_code { 3.0 } else { 6.5 }).await;
    Ok(())
}

async fn prepare(
    inner: &Arc<Inner>,
    operation: &Operation,
    subject: &Subject,
    fault: Option<Fault>,
) -> Result<Option<Pulled>, ArmError> {
    let log = |line: &str| {
        let container = Container::StorageInitializer;
        inner.plane.write_log(&subject.endpoint, &subject.deployment, container, line);
    };
    let text = |name: &str| subject.next.properties.get(name).and_then(Value::as_str);
    after(inner, operation, 0.5).await;
    if fault == Some(Fault::Quota) {
        let size = text("instanceType").unwrap_or("the instance type");
        return Err(quota::out_of_quota(inner, size, subject.next.capacity));
    }
    after(inner, operation, 2.0).await;
    if fault == Some(Fault::ImagePull) {
        return Err(pull::failure());
    }
    let pulled = pull::pull(inner, &operation.workspace, &subject.next.properties, None)?;
    if let Some(Pulled { digest, .. }) = &pulled {
        log(&format!("Pulled the image {digest}"));
    }
    let model = text("model").filter(|model| !model.is_empty());
    if let Some(model) = model {
        log(&format!("Initializing, source: [{model}]"));
        after(inner, operation, 3.0).await;
    }
    // Fails even without a model, because the person who chose the name wants to see the failure.
    if fault == Some(Fault::ModelDownload) {
        log("ERROR: the model could not be downloaded: 403 AuthorizationPermissionMismatch");
        return Err(bad_argument(
            "Unable to download user model. During deployment creation the model's files could \
             not be read from the workspace's storage account. Check that the endpoint's \
             identity has the Storage Blob Data Reader permission.",
        ));
    }
    log(match model {
        Some(_) => "Downloading model files to /var/azureml-app/azureml-models",
        None => "The deployment names no model, so there is nothing to download",
    });
    after(inner, operation, 4.0).await;
    log("Finished: the model's files are in place");
    Ok(pulled)
}

async fn launch(
    inner: &Arc<Inner>,
    operation: &Operation,
    subject: &Subject,
    (fault, pulled): (Option<Fault>, Option<Pulled>),
) -> Result<(), ArmError> {
    let is_wanted = inner.store.read(|state| {
        let kept = state.operations.get(&operation.id);
        kept.is_some_and(|kept| kept.progress == Progress::Updating)
    });
    if !is_wanted {
        return Err(ArmError::user("The operation was cancelled: its resource was deleted."));
    }
    let (ws, name) = (&operation.workspace, &subject.deployment);
    let digest = pulled.as_ref().map(|pulled| pulled.digest.to_string());
    let mut spec = data_plane_spec(inner, ws, name, &subject.next, fault);
    spec.program = pulled.map(|pulled| pulled.program);
    let start = inner.plane.start_deployment(&subject.endpoint, spec);
    inner.agenda.elsewhere(&operation.id, start).await.map_err(|reason| {
        tracing::info!(deployment = subject.deployment, %reason, "the deployment did not start");
        let mut message = reason.to_string();
        if let Some(tail) = reason.log_tail() {
            message.push_str("\nLast lines of its log:\n");
            message.push_str(tail);
        }
        ArmError::arm(StatusCode::BAD_REQUEST, reason.code(), message)
    })?;
    keep_digest(inner, operation, digest);
    Ok(())
}

/// Remembers what runs, so that a restart of the emulator starts the same image.
fn keep_digest(inner: &Inner, operation: &Operation, digest: Option<String>) {
    let kept = inner.store.write(|state| {
        let workspace = state.workspaces.get_mut(&operation.workspace)?;
        let endpoint = workspace.endpoints.get_mut(&operation.endpoint)?;
        endpoint.deployments.get_mut(operation.deployment.as_ref()?)?.image = digest;
        Some(())
    });
    if let Err(unkept) = kept {
        // A restart of the emulator would pull the image again.
        tracing::warn!(operation = operation.id, %unkept, "cannot save which image runs");
    }
}

fn data_plane_spec(
    inner: &Inner,
    ws: &str,
    name: &str,
    spec: &DeploymentSpec,
    fault: Option<Fault>,
) -> dataplane::DeploymentSpec {
    let properties = &spec.properties;
    let model = properties.get("model").and_then(Value::as_str);
    let settings = properties.get("requestSettings").and_then(Value::as_object);
    let timeout = settings.and_then(|s| s.get("requestTimeout")).and_then(Value::as_str);
    let concurrent =
        settings.and_then(|s| s.get("maxConcurrentRequestsPerInstance")).and_then(Value::as_u64);
    dataplane::DeploymentSpec {
        name: name.to_owned(),
        instances: u32::try_from(spec.capacity).unwrap_or(1),
        model: model.and_then(|id| assets::model_path(inner, ws, id)),
        environment_variables: environment(properties),
        request_timeout: timeout.and_then(when::duration).unwrap_or(Duration::from_secs(5)),
        max_concurrent_requests_per_instance: concurrent
            .and_then(|n| u32::try_from(n).ok())
            .unwrap_or(1),
        liveness: probe(properties.get("livenessProbe")),
        readiness: probe(properties.get("readinessProbe")),
        fault: fault.filter(|fault| !fault.is_control_plane()),
        program: None,
    }
}

fn environment(properties: &Object) -> BTreeMap<String, String> {
    let map = properties.get("environmentVariables").and_then(Value::as_object);
    map.into_iter()
        .flatten()
        .map(|(name, value)| {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            (name.clone(), text)
        })
        .collect()
}

fn probe(value: Option<&Value>) -> Probe {
    let mut probe = Probe::default();
    let Some(value) = value else { return probe };
    let seconds = |name: &str| value[name].as_str().and_then(when::duration);
    let count = |name: &str| value[name].as_u64().and_then(|n| u32::try_from(n).ok());
    probe.initial_delay = seconds("initialDelay").unwrap_or(probe.initial_delay);
    probe.period = seconds("period").unwrap_or(probe.period);
    probe.timeout = seconds("timeout").unwrap_or(probe.timeout);
    probe.success_threshold = count("successThreshold").unwrap_or(probe.success_threshold);
    probe.failure_threshold = count("failureThreshold").unwrap_or(probe.failure_threshold);
    probe
}

/// Restarts deployments that had succeeded before the emulator was stopped, or that belong to the demo.
pub async fn revive(inner: &Arc<Inner>, (ws, e, d): (&str, &str, &str)) {
    let subject = inner.store.read(|state| {
        let endpoint = state.workspaces.get(ws)?.endpoints.get(e)?;
        let deployment = endpoint.deployments.get(d)?;
        let names = (endpoint.name.clone(), deployment.name.clone());
        Some((names, deployment.spec.clone(), deployment.image.clone()))
    });
    let Some(((endpoint, deployment), spec, image)) = subject else { return };
    // Without a digest, the built-in model server ran.
    let pulled = match &image {
        Some(digest) => pull::pull(inner, ws, &spec.properties, Some(digest)),
        None => Ok(None),
    };
    let Ok(pulled) = pulled else {
        tracing::warn!(endpoint, deployment, "a deployment was not restarted: its image is gone");
        return;
    };
    let container = Container::StorageInitializer;
    inner.plane.write_log(&endpoint, &deployment, container, "The model's files are in place");
    let fault = Fault::from_deployment_name(&deployment);
    let mut spec = data_plane_spec(inner, ws, &deployment, &spec, fault);
    spec.program = pulled.map(|pulled| pulled.program);
    if let Err(error) = inner.plane.start_deployment(&endpoint, spec).await {
        tracing::warn!(endpoint, deployment, %error, "a deployment was not restarted");
    }
}

/// Takes a deployment, or an endpoint with all its deployments, out of the data plane.
pub async fn stop(inner: &Arc<Inner>, operation: &Operation) {
    let found = inner.store.read(|state| {
        let endpoint =
            state.workspaces.get(&operation.workspace)?.endpoints.get(&operation.endpoint)?;
        let wanted = |key: &&String| operation.deployment.as_ref().is_none_or(|d| d == *key);
        let names = endpoint.deployments.iter().filter(|(key, _)| wanted(key));
        let names: Vec<String> = names.map(|(_, d)| d.name.clone()).collect();
        Some((endpoint.name.clone(), names))
    });
    let Some((endpoint, deployments)) = found else { return };
    let stops = deployments.iter().map(|name| inner.plane.stop_deployment(&endpoint, name));
    futures::future::join_all(stops).await;
    if operation.deployment.is_none() {
        inner.plane.remove_endpoint(&endpoint);
    }
}

fn bad_argument(message: &str) -> ArmError {
    ArmError::arm(StatusCode::BAD_REQUEST, "BadArgument", message)
}
