//! The actions that the console's identity needs, as the role in `server/docs/operating.md` lists them.
//!
//! Source of the names: learn.microsoft.com, Azure permissions (resource provider operations). Azure Resource Manager
//! names the action of a request by its path and method: a POST to `…/deployments/blue/getLogs` needs
//! `…/deployments/getLogs/action`.

/// Where an action must be granted: there, or at a scope above.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum At {
    Workspace,
    /// The workspace's container registry.
    Registry,
    /// The workspace's resource group.
    Group,
    Subscription,
}

/// All actions, in the order of the documentation.
pub const ACTIONS: [(At, &str); 35] = [
    (At::Workspace, "Microsoft.MachineLearningServices/workspaces/read"),
    (At::Workspace, "Microsoft.MachineLearningServices/workspaces/onlineEndpoints/read"),
    (At::Workspace, "Microsoft.MachineLearningServices/workspaces/onlineEndpoints/write"),
    (At::Workspace, "Microsoft.MachineLearningServices/workspaces/onlineEndpoints/listKeys/action"),
    (At::Workspace, "Microsoft.MachineLearningServices/workspaces/onlineEndpoints/token/action"),
    (At::Workspace, "Microsoft.MachineLearningServices/workspaces/onlineEndpoints/score/action"),
    (
        At::Workspace,
        "Microsoft.MachineLearningServices/workspaces/onlineEndpoints/deployments/read",
    ),
    (
        At::Workspace,
        "Microsoft.MachineLearningServices/workspaces/onlineEndpoints/deployments/write",
    ),
    (
        At::Workspace,
        "Microsoft.MachineLearningServices/workspaces/onlineEndpoints/deployments/delete",
    ),
    (
        At::Workspace,
        "Microsoft.MachineLearningServices/workspaces/onlineEndpoints/deployments/getLogs/action",
    ),
    (At::Workspace, "Microsoft.MachineLearningServices/workspaces/environments/read"),
    (At::Workspace, "Microsoft.MachineLearningServices/workspaces/environments/versions/read"),
    (At::Workspace, "Microsoft.MachineLearningServices/workspaces/environments/versions/write"),
    (At::Workspace, "Microsoft.MachineLearningServices/workspaces/models/read"),
    (At::Workspace, "Microsoft.MachineLearningServices/workspaces/models/versions/read"),
    (At::Workspace, "Microsoft.MachineLearningServices/workspaces/codes/read"),
    (At::Workspace, "Microsoft.MachineLearningServices/workspaces/codes/versions/read"),
    (At::Subscription, "Microsoft.MachineLearningServices/locations/mfeOperationsStatus/read"),
    (At::Subscription, "Microsoft.MachineLearningServices/locations/usages/read"),
    (At::Subscription, "Microsoft.MachineLearningServices/locations/vmSizes/read"),
    (At::Workspace, "Microsoft.Insights/metrics/read"),
    (At::Group, "Microsoft.Insights/components/read"),
    (At::Workspace, "Microsoft.Insights/diagnosticSettings/read"),
    (At::Workspace, "Microsoft.Insights/diagnosticSettings/write"),
    (At::Group, "Microsoft.Insights/scheduledQueryRules/read"),
    (At::Group, "Microsoft.Insights/scheduledQueryRules/write"),
    (At::Group, "Microsoft.Insights/actionGroups/read"),
    (At::Registry, "Microsoft.ContainerRegistry/registries/read"),
    (At::Registry, "Microsoft.ContainerRegistry/registries/pull/read"),
    (At::Registry, "Microsoft.ContainerRegistry/registries/listBuildSourceUploadUrl/action"),
    (At::Registry, "Microsoft.ContainerRegistry/registries/scheduleRun/action"),
    (At::Registry, "Microsoft.ContainerRegistry/registries/runs/read"),
    (At::Registry, "Microsoft.ContainerRegistry/registries/runs/listLogSasUrl/action"),
    (At::Registry, "Microsoft.ContainerRegistry/registries/runs/cancel/action"),
    // Only for `understudy check`.
    (At::Workspace, "Microsoft.Authorization/permissions/read"),
];

/// The actions that must be granted at this scope.
pub fn at(at: At) -> impl Iterator<Item = &'static str> {
    ACTIONS.into_iter().filter(move |(scope, _)| *scope == at).map(|(_, action)| action)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documentation_lists_exactly_these_actions() {
        let text = include_str!("../../docs/operating.md");
        let begin = text.find("{\n  \"Name\": \"Understudy console\"").expect("the role");
        let json = text[begin..].split("\n```").next().expect("the end of the role");
        let role: serde_json::Value = serde_json::from_str(json).expect("JSON");
        let listed = role["Actions"].as_array().expect("a list").iter();
        let listed: Vec<_> = listed.filter_map(serde_json::Value::as_str).collect();
        let needed: Vec<_> = ACTIONS.iter().map(|(_, action)| *action).collect();
        assert_eq!(listed, needed);
    }
}
