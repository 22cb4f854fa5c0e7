//! Deletes a deployment with `az`, if it is still the one of the plan.

use super::shell::word;
use crate::azure::arm::{ML_API_VERSION, Workspace};
use domain::endpoint::MadeOf;
use domain::name::{DeploymentName, EndpointName};

/// The commands. `az` can compare what Azure returns, but not the console's hashes of settings and secrets.
pub(super) fn commands(
    workspace: &Workspace,
    endpoint: &EndpointName,
    name: &DeploymentName,
    made_of: Option<&MadeOf>,
    place: &str,
) -> String {
    let delete = format!(
        "az ml online-deployment delete --endpoint-name {endpoint} --name {name} --yes {place}\n"
    );
    let Some(made_of) = made_of else {
        return format!(
            "# This plan does not say what {name} was made of. Look at it before you run this command.\n{delete}"
        );
    };
    let url = format!(
        "{}/onlineEndpoints/{endpoint}/deployments/{name}?api-version={ML_API_VERSION}",
        workspace.id()
    );
    let created = made_of.created.map(|at| format!(", created at {}", at.utc()));
    let other = word(&format!(
        "{name} is not the deployment of this plan: {made_of}{}. Nothing was deleted. Make a new plan.",
        created.unwrap_or_default()
    ));
    format!(
        "# az cannot compare the settings (variables, code, limits) of {name} with those of the plan.\n\
         same=$(az rest --method get --url {} --query {} --output json)\n\
         [ \"$same\" = true ] || {{ echo {other} >&2; exit 1; }}\n{delete}",
        word(&url),
        word(&is(made_of)),
    )
}

/// A `JMESPath` expression that is true for a deployment made of this.
fn is(made_of: &MadeOf) -> String {
    let MadeOf { model, environment, instance_type, created, settings: _, secrets: _ } = made_of;
    let text = |text: &str| format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"));
    let asset = |field: &str, short: &Option<String>| match short.as_deref() {
        None => format!("properties.{field} == `null`"),
        // Azure returns whole IDs, of the workspace or of a registry.
        Some(short) => {
            let end = short
                .rsplit_once(':')
                .map_or(short.to_owned(), |(name, version)| format!("/{name}/versions/{version}"));
            format!("ends_with(to_string(properties.{field}), {})", text(&end))
        }
    };
    let size = instance_type.as_deref();
    let size = size.map(|size| format!("properties.instanceType == {}", text(size)));
    // Azure's times have fractions of a second.
    let created = created.map(|at| {
        let at = at.field();
        format!("starts_with(to_string(systemData.createdAt), {})", text(&at))
    });
    let parts = [asset("model", model), asset("environmentId", environment)];
    parts.into_iter().chain(size).chain(created).collect::<Vec<_>>().join(" && ")
}
