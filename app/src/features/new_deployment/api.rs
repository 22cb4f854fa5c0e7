//! Server functions for new deployments.

use crate::components::plan::Shown;
use crate::error::ConsoleError;
use crate::wire::Json;
use domain::name::DeploymentName;
use domain::run::RunId;
use domain::spec::{Check, YamlProblem};
use domain::stage::EndpointKey;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

/// The result of checking a YAML, as far as the editor shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckedYaml {
    Readable { name: DeploymentName, plan: Shown },
    Unreadable { problems: Vec<YamlProblem> },
}

impl From<Check> for CheckedYaml {
    fn from(check: Check) -> Self {
        match check {
            Check::Readable { name, plan } => Self::Readable { name, plan: (*plan).into() },
            Check::Unreadable { problems } => Self::Unreadable { problems },
        }
    }
}

/// Checks a deployment's YAML and plans its creation.
#[server(endpoint = "check-deployment", input = Json, output = Json)]
pub async fn check_deployment(at: EndpointKey, yaml: String) -> Result<CheckedYaml, ConsoleError> {
    crate::port::console()?.check_deployment(&at, &yaml).await.map(CheckedYaml::from)
}

/// The deployment YAML that a run was started with.
#[server(endpoint = "read-definition", input = Json, output = Json)]
pub async fn read_definition(id: RunId) -> Result<String, ConsoleError> {
    crate::port::console()?.definition(&id).await
}
