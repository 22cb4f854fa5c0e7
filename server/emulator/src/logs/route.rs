//! Which log of which endpoint goes to which workspaces: what the diagnostic settings say, as the recorder needs it.

use std::collections::HashMap;
use std::sync::Arc;

use analytics::tables;
use serde_json::Value;

use crate::naming;
use crate::state::{AuthMode, Endpoint, State, WorkspaceState};

/// A table that the emulator fills.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Table {
    Traffic,
    Console,
    Event,
}

impl Table {
    /// All of them, in the order of their numbers.
    pub const ALL: [Self; 3] = [Self::Traffic, Self::Console, Self::Event];

    /// The name, which is also the category in a diagnostic setting.
    pub fn name(self) -> &'static str {
        match self {
            Self::Traffic => tables::TRAFFIC_LOG,
            Self::Console => tables::CONSOLE_LOG,
            Self::Event => tables::EVENT_LOG,
        }
    }

    /// The table with a name, in any case.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|table| table.name().eq_ignore_ascii_case(name))
    }

    fn bit(self) -> u8 {
        1 << self as u8
    }
}

/// A set of tables.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tables(u8);

impl Tables {
    /// Whether a table is one of them.
    pub fn has(self, table: Table) -> bool {
        self.0 & table.bit() != 0
    }

    /// Adds a table.
    pub fn add(&mut self, table: Table) {
        self.0 |= table.bit();
    }
}

/// What the rows of an endpoint say about it, and where they go.
#[derive(Clone, Debug)]
pub struct Route {
    pub endpoint: String,
    /// The endpoint's ARM id in lower case, as logs spell it.
    pub resource: String,
    pub subscription: String,
    /// The Azure ML workspace's name.
    pub workspace: String,
    /// `properties.workspaceId` of the Azure ML workspace.
    pub guid: String,
    pub location: String,
    pub auth: &'static str,
    pub(super) sinks: [Vec<String>; 3],
}

impl Route {
    /// The Log Analytics workspaces that get a table's rows.
    pub fn sinks(&self, table: Table) -> &[String] {
        &self.sinks[table as usize]
    }
}

/// The routes by the endpoint's name.
pub type Routes = HashMap<String, Arc<Route>>;

/// The name of the Log Analytics workspace behind an Azure ML workspace, in lower case.
pub fn log_workspace(workspace: &str) -> String {
    naming::log_workspace(workspace).to_lowercase()
}

/// The routes of all endpoints that send anything; `id` is the ARM id of a workspace.
pub fn routes(state: &State, subscription: &str, id: impl Fn(&str) -> String) -> Routes {
    let known: Vec<String> =
        state.workspaces.values().map(|workspace| log_workspace(&workspace.name)).collect();
    let mut routes = Routes::new();
    for workspace in state.workspaces.values() {
        for endpoint in workspace.endpoints.values() {
            let resource =
                format!("{}/onlineEndpoints/{}", id(&workspace.name), endpoint.name).to_lowercase();
            let sinks = sinks(state, &resource, &known);
            if sinks.iter().any(|names| !names.is_empty()) {
                let route = route(workspace, endpoint, (resource, subscription), sinks);
                routes.insert(endpoint.name.clone(), Arc::new(route));
            }
        }
    }
    routes
}

/// What the rows of an endpoint say about it.
pub fn route(
    workspace: &WorkspaceState,
    endpoint: &Endpoint,
    (resource, subscription): (String, &str),
    sinks: [Vec<String>; 3],
) -> Route {
    Route {
        endpoint: endpoint.name.clone(),
        resource,
        subscription: subscription.to_owned(),
        workspace: workspace.name.clone(),
        guid: workspace.guid.clone(),
        location: workspace.location.clone(),
        auth: match endpoint.spec.auth_mode {
            AuthMode::Key => "Key",
            AuthMode::AMLToken => "AMLToken",
            AuthMode::AADToken => "AADToken",
        },
        sinks,
    }
}

/// The workspaces that a resource's settings name, for each table.
fn sinks(state: &State, resource: &str, known: &[String]) -> [Vec<String>; 3] {
    let start = format!("{resource}/providers/microsoft.insights/diagnosticsettings/");
    let mut sinks: [Vec<String>; 3] = Default::default();
    let settings = state.monitoring.range(start.clone()..);
    for (_, setting) in settings.take_while(|(id, _)| id.starts_with(&start)) {
        let properties = &setting["properties"];
        let workspace = properties["workspaceId"].as_str().unwrap_or_default().to_lowercase();
        let name = workspace.rsplit('/').next().unwrap_or_default();
        if !known.iter().any(|one| one == name) {
            continue;
        }
        for table in Table::ALL {
            let sink = &mut sinks[table as usize];
            // Two settings cannot send one category to one workspace twice.
            if sends(properties, table) && !sink.iter().any(|one| one == name) {
                sink.push(name.to_owned());
            }
        }
    }
    sinks
}

fn sends(properties: &Value, table: Table) -> bool {
    let is_it = |field: &Value, name: &str| {
        field.as_str().is_some_and(|text| text.eq_ignore_ascii_case(name))
    };
    properties["logs"].as_array().into_iter().flatten().any(|log| {
        let is_named =
            is_it(&log["category"], table.name()) || is_it(&log["categoryGroup"], "allLogs");
        is_named && log["enabled"] == true
    })
}
