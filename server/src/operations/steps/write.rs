//! The writes that steps ask for.

use crate::azure::arm::Reply;
use crate::azure::{self, deployments, endpoints, monitoring};
use crate::stages::Place;
use app::domain::name::DeploymentName;
use app::domain::route::Route;
use app::domain::stage::EndpointKey;
use serde_json::Value;
use std::time::Instant;

/// One write.
#[derive(Debug)]
pub enum Write {
    /// The endpoint as read, with another route.
    Route {
        /// As read.
        read: Box<endpoints::Read>,
        /// The route.
        route: Route,
    },
    /// The endpoint.
    Endpoint {
        /// Its body.
        body: Value,
    },
    /// A deployment.
    Deployment {
        /// Which.
        name: DeploymentName,
        /// Its body.
        body: Value,
    },
    /// No such deployment any more.
    Deletion {
        /// Which.
        name: DeploymentName,
    },
    /// Diagnostic settings.
    Diagnostics {
        /// Their name.
        name: String,
        /// Their body.
        body: Value,
    },
    /// An alert rule.
    Alert {
        /// Its name.
        name: String,
        /// Its body.
        body: Value,
    },
}

impl Write {
    /// Sends it, once, unless it would leave after `until`.
    ///
    /// # Errors
    /// [`azure::Error`]; after a passing one it may have been carried out.
    pub async fn send(
        &self,
        place: &Place,
        at: &EndpointKey,
        until: Instant,
    ) -> Result<Reply, azure::Error> {
        let arm = &place.arm.until(until);
        let (workspace, endpoint) = (&place.workspace, &at.endpoint);
        match self {
            Self::Route { read, route } => endpoints::put_route(arm, workspace, read, route).await,
            Self::Endpoint { body } => endpoints::put(arm, workspace, endpoint, body).await,
            Self::Deployment { name, body } => {
                deployments::put(arm, workspace, endpoint, name, body).await
            }
            Self::Deletion { name } => deployments::delete(arm, workspace, endpoint, name).await,
            Self::Diagnostics { name, body } => {
                monitoring::put_diagnostics(arm, workspace, endpoint, name, body).await
            }
            Self::Alert { name, body } => monitoring::put_rule(arm, workspace, name, body).await,
        }
    }
}
