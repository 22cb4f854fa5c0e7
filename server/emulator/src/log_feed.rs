//! Connects Log Analytics with the state: opens a log workspace for each workspace, keeps the routes current, and records
//! the demo's day.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use analytics::StoreError;
use serde_json::json;
use time::OffsetDateTime;

use crate::inner::Inner;
use crate::logs::recorded::{Subject, count_day};
use crate::logs::route::{self, Table, log_workspace, routes};
use crate::state::State;
use crate::store::Unkept;
use crate::when;

/// Opens the log workspaces. Blocks until an emulator that has just stopped has given them free.
///
/// # Errors
/// If their files cannot be read or written.
pub fn open(inner: &Inner) -> Result<(), StoreError> {
    let workspaces: Vec<(String, String)> = inner.store.read(|state| {
        state.workspaces.values().map(|ws| (log_workspace(&ws.name), ws.guid.clone())).collect()
    });
    for (name, customer_id) in workspaces {
        inner.logs.open(&name, &customer_id, inner.clock.now())?;
    }
    update(inner);
    Ok(())
}

/// Makes the recorder follow the diagnostic settings as they are now.
pub fn update(inner: &Inner) {
    let id = |name: &str| inner.workspace_id(name);
    inner.logs.set_routes(inner.store.read(|state| routes(state, &inner.subscription, id)));
}

/// Gives the demo's endpoints the team's diagnostic settings and a day of recorded traffic, at the first start; at later
/// ones, metrics get that day again. The work happens in the background.
///
/// # Errors
/// If the state cannot be saved.
pub fn demo(inner: &Arc<Inner>, endpoints: &[&str], deployment: &str) -> Result<(), Unkept> {
    let now = inner.clock.now();
    let until = inner.store.write(|state| {
        if state.recorded_until.is_none() {
            state.recorded_until =
                Some(when::zulu(now - time::Duration::seconds(now.second().into())));
            for endpoint in endpoints {
                add_setting(inner, state, endpoint);
            }
        }
        state.recorded_until.clone()
    })?;
    update(inner);
    let Some(until) = until.as_deref().and_then(when::parse) else { return Ok(()) };
    let subjects: Vec<Subject> =
        endpoints.iter().filter_map(|name| subject(inner, name, deployment)).collect();
    inner.logs.is_recording.store(true, Ordering::Relaxed);
    let inner = Arc::clone(inner);
    // Not a blocking task of the runtime, which would wait for it when the emulator ends.
    let record_all = move || {
        for subject in subjects {
            record(&inner, &subject, until);
        }
        inner.logs.is_recording.store(false, Ordering::Relaxed);
    };
    if let Err(error) = std::thread::Builder::new().name("recorded".to_owned()).spawn(record_all) {
        tracing::error!(%error, "the demo's day was not recorded");
    }
    Ok(())
}

fn record(inner: &Inner, subject: &Subject, until: OffsetDateTime) {
    // Metrics first, which is faster, and which a page shows first.
    count_day(&inner.plane, subject, until);
    if let Err(error) = inner.logs.record_day(subject, until) {
        let endpoint = &subject.route.endpoint;
        tracing::error!(endpoint, %error, "the demo's day was not recorded");
    }
}

fn subject(inner: &Inner, name: &str, deployment: &str) -> Option<Subject> {
    inner.store.read(|state| {
        let workspace = state.workspaces.values().find(|ws| ws.endpoints.contains_key(name))?;
        let endpoint = workspace.endpoints.get(name)?;
        endpoint.deployments.get(deployment)?;
        let id = inner.workspace_id(&workspace.name);
        let resource = format!("{id}/onlineEndpoints/{}", endpoint.name).to_lowercase();
        let about = (resource, inner.subscription.as_str());
        Some(Subject {
            route: Arc::new(route::route(workspace, endpoint, about, Default::default())),
            deployment: Arc::from(deployment),
            log_workspace: log_workspace(&workspace.name),
        })
    })
}

/// The setting as the team's templates make it.
fn add_setting(inner: &Inner, state: &mut State, endpoint: &str) {
    let found = state.workspaces.values().find(|ws| ws.endpoints.contains_key(endpoint));
    let Some(workspace) = found else { return };
    let id = format!("{}/onlineEndpoints/{endpoint}", inner.workspace_id(&workspace.name));
    let name = format!("{endpoint}-logging");
    let id = format!("{id}/providers/microsoft.insights/diagnosticSettings/{name}");
    let logs = Table::ALL.map(|table| {
        json!({
            "category": table.name(), "categoryGroup": null, "enabled": true,
            "retentionPolicy": { "enabled": false, "days": 0 },
        })
    });
    let body = json!({
        "id": id, "type": "Microsoft.Insights/diagnosticSettings", "name": name,
        "location": null, "kind": null, "tags": null, "identity": null,
        "properties": {
            "storageAccountId": null, "serviceBusRuleId": null,
            "workspaceId": inner.log_workspace_id(&workspace.name),
            "eventHubAuthorizationRuleId": null, "eventHubName": null,
            "marketplacePartnerId": null, "logAnalyticsDestinationType": null,
            "logs": logs, "metrics": [],
        },
    });
    state.monitoring.entry(id.to_lowercase()).or_insert(body);
}
