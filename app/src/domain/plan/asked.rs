//! What plans can be asked for.

use crate::domain::name::DeploymentName;
use crate::domain::repository::{Reference, ReleaseId};
use crate::domain::route::Route;
use crate::domain::run_book::Draft;
use crate::domain::stage::EndpointKey;
use serde::{Deserialize, Serialize};

/// What a plan is of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlanOf {
    /// A release, with answers in place of some of its inputs.
    Release {
        /// Which.
        id: ReleaseId,
        /// At which state of its repository; its own when none is given.
        reference: Option<Reference>,
        /// Keys and texts.
        answers: Vec<(String, String)>,
    },
    /// A route.
    Route {
        /// Where.
        at: EndpointKey,
        /// Which.
        route: Route,
    },
    /// A new deployment.
    Creation {
        /// Where.
        at: EndpointKey,
        /// Its YAML.
        yaml: String,
    },
    /// A deployment's end.
    Deletion {
        /// Where.
        at: EndpointKey,
        /// Which.
        name: DeploymentName,
    },
    /// The next run of a shadow's run book.
    RunBook(Draft),
}
