//! Azure Resource Manager: what all requests share (bearer, api-version, limits, the write log, headers),
//! and the routing table of everything below a workspace.

pub mod asset_bodies;
pub mod assets;
pub mod datastores;
pub mod deployment_actions;
pub mod deployment_body;
pub mod deployment_shape;
pub mod deployments;
pub mod endpoint_actions;
pub mod endpoint_body;
pub mod endpoints;
pub mod operations;
pub mod permissions;
pub mod workspaces;

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State as Shared};
use axum::response::Response;
use http::{Method, StatusCode};

use crate::inner::Inner;
use crate::monitor::{self, linked};
use crate::protocol::call::{Answer, Answered, Call};
use crate::protocol::error::ArmError;
use crate::{key_vault, load_testing, quota, registry, when};

/// The largest body that ARM accepts.
pub const BODY_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Handles every request that no other route takes.
pub async fn handle(Shared(inner): Shared<Arc<Inner>>, request: Request<Body>) -> Response {
    let (parts, body) = request.into_parts();
    let mut call = Call::new(inner.base(&parts.headers), &parts);
    let outcome = match axum::body::to_bytes(body, BODY_BYTES_MAX).await {
        Ok(bytes) => {
            call.body = bytes;
            admitted(&inner, &parts.headers, &mut call)
        }
        Err(_) => Err(ArmError::arm(
            StatusCode::PAYLOAD_TOO_LARGE,
            "RequestContentTooLarge",
            format!("The request content size exceeds the maximum of {BODY_BYTES_MAX} bytes."),
        )),
    };
    let mut response = match outcome {
        Ok(answer) => answer.into_response(),
        Err(error) => {
            let location = inner.location_of(&call);
            error.answer(&location, &when::arm(inner.clock.now()), &inner.authority(&call.base))
        }
    };
    inner.writes.note(&call, response.status(), inner.clock.now());
    call.stamp(inner.rates.next(&call.method), response.headers_mut());
    response
}

fn admitted(inner: &Arc<Inner>, headers: &http::HeaderMap, call: &mut Call) -> Answered {
    call.caller = inner.entra.caller(headers, &call.base)?;
    if call.api_version.is_empty() {
        return Err(ArmError::arm(
            StatusCode::BAD_REQUEST,
            "MissingApiVersionParameter",
            "The api-version query parameter (?api-version=) is required for all requests.",
        ));
    }
    route(inner, call)
}

/// Lower-cased segments select the route; values come from the path as it was sent.
fn route(inner: &Arc<Inner>, call: &Call) -> Answered {
    let lower = call.lower();
    let lower: Vec<&str> = lower.iter().map(String::as_str).collect();
    permissions::check(inner, call)?;
    if let [scope @ .., "providers", "microsoft.authorization", "permissions"] = lower.as_slice() {
        return permissions::list(inner, call, scope);
    }
    if let Some(at) = lower.iter().position(|segment| *segment == "microsoft.insights")
        && at > 0
        && lower[at - 1] == "providers"
    {
        return monitor::route(inner, call, at - 1);
    }
    let alerts =
        lower.windows(2).position(|pair| pair == ["providers", "microsoft.alertsmanagement"]);
    if let Some(at) = alerts {
        return monitor::instances::route(inner, call, at);
    }
    match lower.as_slice() {
        ["subscriptions"] => workspaces::subscriptions(inner, call),
        ["subscriptions", subscription, rest @ ..] => {
            inner.check_subscription(subscription)?;
            in_subscription(inner, call, rest)
        }
        _ => Err(unknown_path(call)),
    }
}

const PROVIDER: &str = "microsoft.machinelearningservices";
const REGISTRY_PROVIDER: &str = "microsoft.containerregistry";
const VAULT_PROVIDER: &str = "microsoft.keyvault";
const LOAD_PROVIDER: &str = "microsoft.loadtestservice";

fn in_subscription(inner: &Arc<Inner>, call: &Call, rest: &[&str]) -> Answered {
    match rest {
        [] => workspaces::subscription(inner, call),
        ["resourcegroups"] => workspaces::groups(inner, call),
        ["resourcegroups", group, rest @ ..] => {
            inner.check_group(group)?;
            match rest {
                [] => workspaces::group(inner, call),
                ["providers", PROVIDER, "workspaces"] => workspaces::list(inner, call),
                ["providers", PROVIDER, "workspaces", workspace, rest @ ..] => {
                    inner.check_workspace(workspace)?;
                    in_workspace(inner, call, workspace, rest)
                }
                ["providers", REGISTRY_PROVIDER, "registries"] => registry::arm::list(inner, call),
                ["providers", REGISTRY_PROVIDER, "registries", name, rest @ ..] => {
                    registry::arm::route(inner, call, name, rest)
                }
                ["providers", VAULT_PROVIDER, "vaults"] => key_vault::arm::list(inner, call),
                ["providers", VAULT_PROVIDER, "vaults", name] => {
                    key_vault::arm::route(inner, call, name)
                }
                ["providers", LOAD_PROVIDER, "loadtests"] => load_testing::arm::list(inner, call),
                ["providers", LOAD_PROVIDER, "loadtests", name] => {
                    load_testing::arm::route(inner, call, name)
                }
                ["providers", "microsoft.operationalinsights", "workspaces"] => {
                    linked::log_workspaces(inner, call)
                }
                ["providers", "microsoft.operationalinsights", "workspaces", name] => {
                    linked::log_workspace(inner, call, name)
                }
                _ => Err(unknown_path(call)),
            }
        }
        ["providers", PROVIDER, "workspaces"] => workspaces::list(inner, call),
        ["providers", REGISTRY_PROVIDER, "registries"] => registry::arm::list(inner, call),
        ["providers", VAULT_PROVIDER, "vaults"] => key_vault::arm::list(inner, call),
        ["providers", LOAD_PROVIDER, "loadtests"] => load_testing::arm::list(inner, call),
        ["providers", PROVIDER, "locations", _, "usages"] => quota::usages(inner, call),
        ["providers", PROVIDER, "locations", _, "vmsizes"] => quota::sizes(inner, call),
        ["providers", PROVIDER, "locations", _, "mfeoperationsstatus", _] => {
            operations::status(inner, call)
        }
        ["providers", PROVIDER, "locations", _, "mfeoperationresults", _] => {
            operations::result(inner, call)
        }
        _ => Err(unknown_path(call)),
    }
}

fn in_workspace(inner: &Arc<Inner>, call: &Call, ws: &str, rest: &[&str]) -> Answered {
    match rest {
        [] => workspaces::get(inner, call, ws),
        ["onlineendpoints"] => endpoints::list(inner, call, ws),
        ["onlineendpoints", e] => match call.method {
            Method::GET => endpoints::get(inner, call, ws, e),
            Method::PUT => endpoints::put(inner, call, ws, e),
            Method::PATCH => endpoints::patch(inner, call, ws, e),
            Method::DELETE => endpoints::delete(inner, call, ws, e),
            _ => Err(ArmError::method("GET, PUT, PATCH, DELETE")),
        },
        ["onlineendpoints", e, "listkeys"] => endpoint_actions::list_keys(inner, call, ws, e),
        ["onlineendpoints", e, "regeneratekeys"] => {
            endpoint_actions::regenerate(inner, call, ws, e)
        }
        ["onlineendpoints", e, "token"] => endpoint_actions::token(inner, call, ws, e),
        ["onlineendpoints", e, "deployments"] => deployments::list(inner, call, ws, e),
        ["onlineendpoints", e, "deployments", d] => match call.method {
            Method::GET => deployments::get(inner, call, ws, e, d),
            Method::PUT => deployments::put(inner, call, ws, e, d),
            Method::PATCH => deployments::patch(inner, call, ws, e, d),
            Method::DELETE => deployments::delete(inner, call, ws, e, d),
            _ => Err(ArmError::method("GET, PUT, PATCH, DELETE")),
        },
        ["onlineendpoints", e, "deployments", d, "getlogs"] => {
            deployment_actions::logs(inner, call, ws, e, d)
        }
        ["onlineendpoints", e, "deployments", d, "skus"] => {
            deployment_actions::skus(inner, call, ws, e, d)
        }
        ["datastores", rest @ ..] => datastores::route(inner, call, ws, rest),
        [kind @ ("environments" | "models" | "codes" | "data"), rest @ ..] => {
            assets::route(inner, call, ws, kind, rest)
        }
        ["computes" | "jobs" | "batchendpoints" | "schedules" | "components" | "connections"] => {
            call.only(&Method::GET, "GET")?;
            Ok(Answer::ok(serde_json::json!({ "value": [] })))
        }
        _ => Err(unknown_path(call)),
    }
}

fn unknown_path(call: &Call) -> ArmError {
    ArmError::arm(
        StatusCode::NOT_FOUND,
        "ResourceNotFound",
        format!("The resource '{}' was not found.", call.path),
    )
}
