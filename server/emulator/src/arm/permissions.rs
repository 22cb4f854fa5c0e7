//! Role-based access control: what a caller may do at a scope, and the refusal of what a test has taken away. By default
//! every caller may do everything.
//!
//! Sources: azure-rest-api-specs, authorization, 2022-04-01, `Permissions_ListForResource`; learn.microsoft.com,
//! troubleshoot Azure RBAC (the code and the words of the refusal). The data planes (the registry's own API, scoring)
//! do not ask for actions here.

use std::sync::Arc;

use http::{Method, StatusCode};
use serde_json::json;

use super::unknown_path;
use crate::inner::Inner;
use crate::protocol::call::{Answer, Answered, Call};
use crate::protocol::error::ArmError;
use crate::registry;

/// The action that a request needs: the types in its path, and its verb. `None` above all providers.
fn action(method: &Method, segments: &[String]) -> Option<String> {
    let at = segments.iter().rposition(|segment| segment.eq_ignore_ascii_case("providers"))?;
    let (namespace, below) = segments.get(at + 1..)?.split_first()?;
    let (types, verb) = match (method, below) {
        // The last segment of a POST names the action; before it stand pairs of type and name.
        (&Method::POST, [types @ .., name]) if below.len() % 2 == 1 => {
            (types, format!("{name}/action"))
        }
        (&Method::GET | &Method::HEAD, _) => (below, "read".to_owned()),
        (&Method::DELETE, _) => (below, "delete".to_owned()),
        _ => (below, "write".to_owned()),
    };
    let types = types.iter().step_by(2).map(String::as_str);
    let words: Vec<&str> = std::iter::once(namespace.as_str()).chain(types).collect();
    Some(format!("{}/{verb}", words.join("/")))
}

/// Refuses a request whose action was taken away.
pub fn check(inner: &Inner, call: &Call) -> Result<(), ArmError> {
    let Some(action) = action(&call.method, &call.segments) else { return Ok(()) };
    if !inner.taken.has(&action) {
        return Ok(());
    }
    Err(ArmError::arm(
        StatusCode::FORBIDDEN,
        "AuthorizationFailed",
        format!(
            "The client '{}' does not have authorization to perform action '{action}' over scope '{}' or the scope \
             is invalid. If access was recently granted, please refresh your credentials.",
            call.caller, call.path
        ),
    ))
}

/// `GET {scope}/providers/Microsoft.Authorization/permissions`, of the subscription, a resource group, a workspace or
/// a registry.
pub fn list(inner: &Arc<Inner>, call: &Call, scope: &[&str]) -> Answered {
    call.only(&Method::GET, "GET")?;
    let ["subscriptions", subscription, rest @ ..] = scope else { return Err(unknown_path(call)) };
    inner.check_subscription(subscription)?;
    match rest {
        [] => {}
        ["resourcegroups", group, rest @ ..] => {
            inner.check_group(group)?;
            match rest {
                [] => {}
                ["providers", super::PROVIDER, "workspaces", name, ..] => {
                    inner.check_workspace(name)?;
                }
                ["providers", super::REGISTRY_PROVIDER, "registries", name] => {
                    // Refuses other registries.
                    registry::arm::route(inner, call, name, &[])?;
                }
                _ => return Err(unknown_path(call)),
            }
        }
        _ => return Err(unknown_path(call)),
    }
    let taken = inner.taken.all();
    Ok(Answer::ok(json!({ "value": [{
        "actions": ["*"], "notActions": taken, "dataActions": [], "notDataActions": [],
        "condition": null, "conditionVersion": null,
    }] })))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::taken::covers;

    #[test]
    fn the_path_and_the_method_name_the_action() {
        let group = "subscriptions/s/resourceGroups/g/providers";
        for (method, path, expected) in [
            (Method::GET, "A.B/c/n", Some("A.B/c/read")),
            (Method::GET, "A.B/c/n/d", Some("A.B/c/d/read")),
            (Method::PUT, "A.B/c/n/d/m", Some("A.B/c/d/write")),
            (Method::PATCH, "A.B/c/n", Some("A.B/c/write")),
            (Method::DELETE, "A.B/c/n/d/m", Some("A.B/c/d/delete")),
            (Method::POST, "A.B/c/n/run", Some("A.B/c/run/action")),
            (Method::POST, "A.B/c/n/d/m/cancel", Some("A.B/c/d/cancel/action")),
            (Method::PUT, "A.B/c/n/providers/C.D/e/m", Some("C.D/e/write")),
            (Method::GET, "", None),
        ] {
            let path = format!("{group}/{path}");
            let segments: Vec<_> =
                path.split('/').filter(|one| !one.is_empty()).map(str::to_owned).collect();
            assert_eq!(action(&method, &segments).as_deref(), expected, "{method} {path}");
        }
        assert_eq!(action(&Method::GET, &["subscriptions".to_owned(), "s".to_owned()]), None);
    }

    #[test]
    fn a_pattern_covers_any_characters() {
        for (pattern, expected) in [
            ("A.B/c/run/action", true),
            ("a.b/C/*", true),
            ("*/action", true),
            ("A*c*action", true),
            ("*", true),
            ("A.B/c/run", false),
            ("*/read", false),
            ("", false),
        ] {
            assert_eq!(covers(pattern, "A.B/c/run/action"), expected, "{pattern}");
        }
    }
}
