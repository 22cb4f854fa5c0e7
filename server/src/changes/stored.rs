//! What a change is to do, as it is kept: enough to plan it again whenever somebody looks.

use crate::operations::plan::Wish;
use app::domain::name::DeploymentName;
use app::domain::operation::Action;
use app::domain::route::Route;
use app::domain::stage::EndpointKey;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A wish with all that it is about.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "wish", rename_all = "snake_case")]
pub enum Stored {
    /// A route.
    SetRoute {
        /// Which.
        route: Route,
    },
    /// A new deployment.
    Create {
        /// Its name.
        name: DeploymentName,
        /// Its REST body.
        body: Value,
    },
    /// No such deployment any more.
    Delete {
        /// Its name.
        name: DeploymentName,
    },
}

impl Stored {
    /// As the planner takes it.
    #[must_use]
    pub fn wish<'a>(&'a self, at: &'a EndpointKey) -> Wish<'a> {
        match self {
            Self::SetRoute { route } => Wish::SetRoute { at, route },
            Self::Create { name, body } => Wish::Create { at, name, body },
            Self::Delete { name } => Wish::Delete { at, name },
        }
    }

    /// As a run tells it; `base` is the route that it was planned on.
    #[must_use]
    pub fn action(&self, base: &Route) -> Action {
        match self {
            Self::SetRoute { route } => {
                Action::SetRoute { before: base.clone(), after: route.clone() }
            }
            Self::Create { name, .. } => Action::CreateDeployment { deployment: name.clone() },
            Self::Delete { name } => Action::DeleteDeployment { deployment: name.clone() },
        }
    }
}
