//! Checks what the console's identity and its tokens may do, without doing it.

use super::Finding;
use crate::azure::role::{self, At};
use crate::azure::{self, permissions, registry};
use crate::jobs::NO_REGISTRY;
use crate::releases::Reader;
use crate::stages::StageContext;

/// Where people find the role.
const ROLE: &str = "server/docs/operating.md lists the role that the console's identity needs";

/// Compares what the console's identity may do on a stage with what its role lists, except for builds.
pub async fn permissions(place: &StageContext) -> Finding {
    let workspace = &place.workspace;
    let subscription = format!("/subscriptions/{}", workspace.subscription);
    let group = format!("{subscription}/resourceGroups/{}", workspace.resource_group);
    let mut lacking = Vec::new();
    let mut count = 0;
    for (scope, at) in
        [(workspace.id(), At::Workspace), (group, At::Group), (subscription, At::Subscription)]
    {
        match missing(place, &scope, at).await {
            Ok(missing) if missing.is_empty() => count += role::at(at).count(),
            Ok(missing) => lacking.push(format!("{} at {scope}", missing.join(", "))),
            Err(problem) => lacking.push(problem),
        }
    }
    let outcome = match lacking.is_empty() {
        true => Ok(format!("the console's identity has the {count} actions of its role")),
        false => Err(lack(&lacking.join("; "))),
    };
    Finding::new(format!("permissions on stage {}", place.stage.name), outcome)
}

/// Checks that the workspace of a stage has a registry, and that the console's identity may build in it.
pub async fn builds(place: &StageContext) -> Finding {
    let outcome = match registry::of_workspace(&place.arm, &place.workspace).await {
        Ok(Some(registry)) => in_registry(place, &registry).await,
        Ok(None) => Err(NO_REGISTRY.to_owned()),
        Err(error) => Err(format!("{error}. {ROLE}")),
    };
    Finding::new(format!("builds on stage {}", place.stage.name), outcome)
}

async fn in_registry(
    place: &StageContext,
    registry: &registry::Registry,
) -> Result<String, String> {
    let missing = missing(place, &registry.id.to_string(), At::Registry).await?;
    if missing.is_empty() {
        let count = role::at(At::Registry).count();
        return Ok(format!(
            "the registry {} builds; the console's identity has the {count} actions for it",
            registry.login_server
        ));
    }
    Err(lack(&format!("{} at {}", missing.join(", "), registry.id)))
}

fn lack(what: &str) -> String {
    format!("the console's identity may not do everything that it needs: {what}. {ROLE}")
}

/// The actions of the role that the identity does not have at a scope.
async fn missing(place: &StageContext, scope: &str, at: At) -> Result<Vec<&'static str>, String> {
    match permissions::at(&place.arm, scope).await {
        Ok(granted) => Ok(role::at(at).filter(|action| !granted.allows(action)).collect()),
        Err(error @ azure::Error::Denied(_)) => Err(format!(
            "its actions at {scope} are not known: {error}, and that its role contains \
             Microsoft.Authorization/permissions/read"
        )),
        Err(error) => Err(format!("its actions at {scope} are not known: {error}")),
    }
}

/// Checks that the token may read the workflows of a repository whose images GitHub builds.
pub async fn workflows(reader: &Reader) -> Finding {
    let outcome = match reader.source().on_github() {
        None => Err("a folder has no workflows. Set build: { method: registry }".to_owned()),
        Some(repository) => match repository.workflows().await {
            Ok(found) => Ok(format!(
                "{} workflows can be read; whether the token may start them shows at the first build",
                found.len()
            )),
            Err(error) => {
                Err(format!("{error}. The token needs the permission Actions: read and write"))
            }
        },
    };
    Finding::new(format!("builds of repository {}", reader.name()), outcome)
}
