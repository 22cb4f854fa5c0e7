//! The contents at the start: the configured workspaces, the state of an earlier run, and the demo team
//! with its two endpoints.

use std::collections::BTreeMap;
use std::sync::Arc;

use dataplane::model::{NBQ_1, NBQ_2};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::arm::endpoints::new_key;
use crate::config::Workspace;
use crate::inner::Inner;
use crate::naming::stem;
use crate::provision;
use crate::registry::shapes::login_server;
use crate::state::{
    Asset, AuthMode, Container, Deployment, DeploymentSpec, Endpoint, EndpointSpec, Object,
    Operation, Progress, Provisioning, Stamp, State, Work, WorkspaceState,
};
use crate::store::Unkept;
use crate::{assets, log_feed, routes, when, work};

/// The demo's endpoints, by the suffix of their workspace's name.
const DEMO_ENDPOINTS: [(&str, &str); 2] = [("dev", "anet-ep-dev"), ("prod", "anet-ep-prod")];
const DEMO_DEPLOYMENT: &str = "anet-eedi";
const DEMO_ENVIRONMENT: &str = "ml-azua-litserve-env";

fn object(value: Value) -> Object {
    match value {
        Value::Object(map) => map,
        _ => Object::new(),
    }
}

/// Adds configured workspaces that do not exist yet.
pub fn workspaces(inner: &Inner, configured: &[Workspace]) -> Result<(), Unkept> {
    let now = when::arm(inner.clock.now());
    inner.store.write(|state| {
        for workspace in configured {
            state.workspaces.entry(workspace.name.to_lowercase()).or_insert_with(|| {
                WorkspaceState {
                    name: workspace.name.clone(),
                    location: workspace.location.clone(),
                    guid: Uuid::new_v4().to_string(),
                    created_at: now.clone(),
                    endpoints: BTreeMap::new(),
                    assets: BTreeMap::new(),
                }
            });
        }
    })
}

/// Restores the rules, processes and running operations of an earlier run.
pub fn resume(inner: &Arc<Inner>) {
    let (endpoints, standing, running) = inner.store.read(|state| {
        let mut endpoints = Vec::new();
        let mut standing = Vec::new();
        for (ws, workspace) in &state.workspaces {
            for (e, endpoint) in &workspace.endpoints {
                endpoints.push((ws.clone(), e.clone()));
                let up = endpoint.deployments.iter().filter(|(_, d)| d.has_succeeded);
                standing.extend(up.map(|(d, _)| (ws.clone(), e.clone(), d.clone())));
            }
        }
        let running = state.operations.values().filter(|o| o.progress == Progress::Updating);
        (endpoints, standing, running.map(|o| o.id.clone()).collect::<Vec<_>>())
    });
    for (ws, e) in &endpoints {
        routes::publish(inner, ws, e);
    }
    let inner = Arc::clone(inner);
    tokio::spawn(async move {
        let starts = standing.iter().map(|at| provision::revive(&inner, (&at.0, &at.1, &at.2)));
        futures::future::join_all(starts).await;
        // Operations continue last, because a change must not race the start of what it changes.
        for id in running {
            work::spawn(&inner, &id);
        }
    });
}

/// Sets up the demo team unless it exists, and starts its deployments.
pub fn demo(inner: &Arc<Inner>) -> Result<(), Unkept> {
    let now = when::arm(inner.clock.now());
    let mut fresh = Vec::new();
    inner.store.write(|state| {
        let keys: Vec<String> = state.workspaces.keys().cloned().collect();
        for ws in keys {
            let of = DEMO_ENDPOINTS.iter().find(|(end, _)| ws.ends_with(end));
            let Some((_, name)) = of.or_else(|| DEMO_ENDPOINTS.first()) else { continue };
            let is_taken = state.workspaces.values().any(|w| w.endpoints.contains_key(*name));
            add_assets(inner, state, &ws, &now);
            add_action_group(inner, state, &ws);
            if !is_taken {
                add_endpoint(inner, state, &ws, name, &now);
                fresh.push((ws, (*name).to_owned()));
            }
        }
    })?;
    for (ws, e) in fresh {
        routes::publish(inner, &ws, &e);
        let inner = Arc::clone(inner);
        tokio::spawn(async move { provision::revive(&inner, (&ws, &e, DEMO_DEPLOYMENT)).await });
    }
    Ok(())
}

/// Gives the demo's endpoints a day of recorded traffic.
pub fn recorded_day(inner: &Arc<Inner>) -> Result<(), Unkept> {
    log_feed::demo(inner, &DEMO_ENDPOINTS.map(|(_, name)| name), DEMO_DEPLOYMENT)
}

/// The team's models with their files, and its environment.
fn add_assets(inner: &Inner, state: &mut State, ws: &str, now: &str) {
    let folder = format!(
        "azureml://subscriptions/{}/resourcegroups/{}/workspaces/{ws}/datastores/\
         workspaceblobstore/paths/models/nbq",
        inner.subscription, inner.resource_group
    );
    let Some(workspace) = state.workspaces.get_mut(ws) else { return };
    let mut add = |kind: &str, name: &str, versions: Vec<Value>| {
        let all = workspace.assets.entry(kind.to_owned()).or_default();
        all.entry(name.to_owned()).or_insert_with(|| container(name, versions, now));
    };
    let model = |version: u32, text: &str| {
        json!({
            "modelType": "custom_model", "modelUri": format!("{folder}/{version}/model.json"),
            "description": text, "flavors": {}, "jobName": null, "tags": {}, "properties": {},
            "isAnonymous": false, "isArchived": false, "provisioningState": "Succeeded",
        })
    };
    add(
        "models",
        "nbq",
        vec![model(1, "Next best question"), model(2, "Next best question, recalibrated")],
    );
    let image = format!("{}/{DEMO_ENVIRONMENT}:latest", login_server(&inner.own_url()));
    add("environments", DEMO_ENVIRONMENT, vec![demo_environment(&image)]);
    write_models(inner, ws);
}

/// An asset with these versions, numbered from 1.
fn container(name: &str, versions: Vec<Value>, now: &str) -> Container {
    let asset = |(properties, number): (Value, u32)| Asset {
        version: number.to_string(),
        properties: object(properties),
        created_at: now.to_owned(),
        created_by: "Dana Scott".to_owned(),
        modified_at: now.to_owned(),
    };
    Container {
        name: name.to_owned(),
        properties: Object::new(),
        created_at: now.to_owned(),
        versions: versions.into_iter().zip(1..).map(asset).collect(),
    }
}

fn demo_environment(image: &str) -> Value {
    json!({
        "image": image, "osType": "Linux",
        "environmentType": "UserCreated", "description": "LitServe", "tags": {}, "properties": {},
        "isAnonymous": false, "isArchived": false,
        "inferenceConfig": {
            "livenessRoute": { "port": 5001, "path": "/" },
            "readinessRoute": { "port": 5001, "path": "/ready" },
            "scoringRoute": { "port": 5001, "path": "/score" },
        },
    })
}

/// Writes the files of the models into the workspace's blob store.
fn write_models(inner: &Inner, ws: &str) {
    for (version, text) in [(1, NBQ_1), (2, NBQ_2)] {
        let name = format!("models/nbq/{version}/model.json");
        let path = inner.blobs.path(&assets::container(ws), &name);
        let written = path.map(|path| inner.blobs.write(&path, text.as_bytes(), &BTreeMap::new()));
        if let Some(Err(error)) = written {
            tracing::error!(%error, name, "cannot write a demo model");
        }
    }
}

/// The action group for the team's alerts, named as in the templates (`ag-{n}-{p}-{e}`).
fn add_action_group(inner: &Inner, state: &mut State, ws: &str) {
    let stem = stem(ws);
    let split = stem.find(|c: char| c.is_ascii_digit()).and_then(|digits| {
        let letters = stem[digits..].find(|c: char| c.is_ascii_alphabetic())?;
        stem.split_at_checked(digits + letters)
    });
    let Some((first, environment)) = split else { return };
    let name = format!("ag-{first}-{environment}");
    let id = format!("{}/providers/microsoft.insights/actionGroups/{name}", inner.group_id());
    let receiver = json!({
        "name": "The team", "emailAddress": "team@anet.example", "status": "Enabled",
        "useCommonAlertSchema": true,
    });
    let body = json!({
        "id": id, "type": "Microsoft.Insights/ActionGroups", "name": name, "location": "Global",
        "kind": null, "tags": {},
        "properties": { "groupShortName": "anet", "enabled": true, "emailReceivers": [receiver] },
    });
    state.monitoring.entry(id.to_lowercase()).or_insert(body);
}

fn add_endpoint(inner: &Inner, state: &mut State, ws: &str, name: &str, now: &str) {
    let Some(workspace) = state.workspaces.get_mut(ws) else { return };
    let id = inner.workspace_id(&workspace.name);
    let operation = |kind: &str| format!("{kind}:{}:{}", workspace.guid, Uuid::new_v4());
    let stamp = Stamp {
        created_at: now.to_owned(),
        created_by: "Dana Scott".to_owned(),
        modified_at: now.to_owned(),
    };
    let operations = [operation("oe"), operation("od")];
    let deployment = Deployment {
        name: DEMO_DEPLOYMENT.to_owned(),
        spec: demo_deployment(&id, name),
        provisioning: Provisioning::Succeeded,
        image: None,
        has_succeeded: true,
        operation: operations[1].clone(),
        stamp: stamp.clone(),
    };
    let endpoint = Endpoint {
        name: name.to_owned(),
        spec: demo_endpoint(name),
        primary_key: new_key(),
        secondary_key: new_key(),
        principal_id: Uuid::new_v4().to_string(),
        provisioning: Provisioning::Succeeded,
        is_reachable: true,
        operation: operations[0].clone(),
        stamp,
        deployments: BTreeMap::from([(DEMO_DEPLOYMENT.to_owned(), deployment)]),
    };
    workspace.endpoints.insert(name.to_owned(), endpoint);
    for (id, deployment) in operations.into_iter().zip([None, Some(DEMO_DEPLOYMENT)]) {
        let done = Operation {
            id: id.clone(),
            workspace: ws.to_owned(),
            endpoint: name.to_owned(),
            deployment: deployment.map(str::to_owned),
            work: Work::CreateEndpoint,
            progress: Progress::Succeeded,
            started_at: now.to_owned(),
            ended_at: Some(now.to_owned()),
            error: None,
        };
        state.operations.insert(id, done);
    }
}

fn demo_endpoint(name: &str) -> EndpointSpec {
    EndpointSpec {
        tags: object(json!({ "team": "data-science", "repo": "anet" })),
        identity: object(json!({ "type": "SystemAssigned" })),
        description: json!(format!("Next best question ({name})")),
        auth_mode: AuthMode::Key,
        bag: Object::new(),
        traffic: BTreeMap::from([(DEMO_DEPLOYMENT.to_owned(), 100)]),
        mirror: BTreeMap::new(),
        public_network_access: "Enabled".to_owned(),
        compute: None,
    }
}

fn demo_deployment(workspace: &str, endpoint: &str) -> DeploymentSpec {
    DeploymentSpec {
        tags: object(json!({ "team": "data-science" })),
        capacity: if endpoint.ends_with("prod") { 2 } else { 1 },
        properties: object(json!({
            "endpointComputeType": "Managed",
            "instanceType": "Standard_DS3_v2",
            "model": format!("{workspace}/models/nbq/versions/1"),
            "environmentId": format!("{workspace}/environments/{DEMO_ENVIRONMENT}/versions/1"),
            "environmentVariables": { "ENDPOINT_NAME": endpoint, "TRAFFIC_TYPE": "live" },
            "appInsightsEnabled": true,
            "requestSettings": {
                "requestTimeout": "PT30S", "maxConcurrentRequestsPerInstance": 16,
                "maxQueueWait": "PT0.5S",
            },
            "properties": {},
        })),
    }
}
