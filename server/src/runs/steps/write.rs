//! The writes of steps.

use crate::azure::arm::Reply;
use crate::azure::{self, deployments, endpoints, monitoring};
use crate::stages::StageContext;
use domain::name::DeploymentName;
use domain::route::Route;
use domain::stage::EndpointKey;
use serde_json::Value;
use std::time::Instant;

/// One write.
#[derive(Debug)]
pub enum Write {
    /// A PUT of the endpoint as read, with another route.
    Route {
        read: Box<endpoints::Read>,
        route: Route,
    },
    Endpoint {
        body: Value,
    },
    Deployment {
        name: DeploymentName,
        body: Value,
    },
    Deletion {
        name: DeploymentName,
    },
    Diagnostics {
        name: String,
        body: Value,
    },
    Alert {
        name: String,
        body: Value,
    },
}

impl Write {
    /// Sends the write once, unless it would leave after `until`.
    ///
    /// # Errors
    /// [`azure::Error`]. After a transient error, Azure may have carried out the write.
    pub async fn send(
        &self,
        place: &StageContext,
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
                let put = monitoring::put_diagnostics(arm, workspace, endpoint, name, body).await;
                place.around.forget_diagnostics(endpoint);
                put
            }
            Self::Alert { name, body } => {
                let put = monitoring::put_rule(arm, workspace, name, body).await;
                place.around.forget_alert(name);
                put
            }
        }
    }
}
