//! Finds resources in the state, or refuses as Azure ML does.

use crate::protocol::error::ArmError;
use crate::state::{Deployment, Endpoint, State, WorkspaceState};

/// The refusal if a workspace has no such endpoint.
pub fn no_endpoint(name: &str, workspace: &str) -> ArmError {
    ArmError::not_found(format!(
        "Online endpoint [{name}] was not found in workspace [{workspace}]."
    ))
}

/// The refusal if an endpoint has no such deployment.
pub fn no_deployment(name: &str, endpoint: &str) -> ArmError {
    ArmError::not_found(format!(
        "Online deployment [{name}] was not found under online endpoint [{endpoint}]."
    ))
}

/// The workspace; routing has already checked that it exists.
pub fn workspace<'a>(state: &'a State, ws: &str) -> Result<&'a WorkspaceState, ArmError> {
    state.workspaces.get(ws).ok_or_else(|| ArmError::no_resource(ws, ""))
}

/// The endpoint and its workspace.
pub fn endpoint<'a>(
    state: &'a State,
    ws: &str,
    e: &str,
) -> Result<(&'a WorkspaceState, &'a Endpoint), ArmError> {
    let workspace = workspace(state, ws)?;
    let endpoint = workspace.endpoints.get(e).ok_or_else(|| no_endpoint(e, &workspace.name))?;
    Ok((workspace, endpoint))
}

/// The endpoint, for a change.
pub fn endpoint_mut<'a>(
    state: &'a mut State,
    ws: &str,
    e: &str,
) -> Result<&'a mut Endpoint, ArmError> {
    state
        .workspaces
        .get_mut(ws)
        .and_then(|workspace| workspace.endpoints.get_mut(e))
        .ok_or_else(|| no_endpoint(e, ws))
}

/// The deployment with its endpoint and workspace.
pub fn deployment<'a>(
    state: &'a State,
    (ws, e, d): (&str, &str, &str),
) -> Result<(&'a WorkspaceState, &'a Endpoint, &'a Deployment), ArmError> {
    let (workspace, endpoint) = endpoint(state, ws, e)?;
    let deployment = endpoint.deployments.get(d).ok_or_else(|| no_deployment(d, &endpoint.name))?;
    Ok((workspace, endpoint, deployment))
}
