//! Plans one deployment of a release: creates, updates or recreates it, or leaves it unchanged.

use super::diff;
use super::draft::PlanDraft;
use super::file::Rendered;
use super::latest::Resolved;
use super::variables::Variables;
use crate::iso_duration;
use domain::asset::{Asset, AssetKind};
use domain::guard::context::Wanted;
use domain::name::DeploymentName;
use domain::plan::Subject;
use domain::provisioning::ProvisioningState;
use domain::route::{Part, Route};
use serde_json::Value;

/// Fields that Azure sets only at creation.
const CREATE_ONLY: [&str; 2] = ["/properties/instanceType", "/properties/endpointComputeType"];

/// Azure's default timeout in milliseconds (Azure ML: YAML reference of managed online deployments).
const TIMEOUT_MS_DEFAULT: u32 = 5_000;

/// The plan for a deployment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    Unchanged,
    /// The deployment is created, updated or recreated.
    Written,
}

/// Plans a deployment as a file defines it, with the variables that the team's workflow sets.
pub(super) fn deploy(
    draft: &mut PlanDraft<'_>,
    name: &DeploymentName,
    file: &Rendered,
    variables: Option<&Variables>,
) -> Outcome {
    let Resolved { body, unregistered, said, versions } = draft.observed.resolve(file);
    let file_body = body;
    let body = variables.map_or_else(|| file_body.clone(), |set| set.sent(&file_body));
    let new = Wanted { latest: versions, ..wanted(name, &body, &unregistered) };
    draft.say(name, said);
    let Some(now) = draft.live.and_then(|live| live.endpoint.deployment(name)) else {
        draft.create(name, &body, new);
        return Outcome::Written;
    };
    let is_broken = matches!(now.state, ProvisioningState::Failed | ProvisioningState::Canceled);
    let live = draft.body(name).unwrap_or(&Value::Null);
    let compared =
        variables.map_or_else(|| file_body.clone(), |set| set.compared(&file_body, live));
    let compared = without_place(live, &compared);
    let differences = diff::compare(&Subject::Deployment(name.clone()), live, &compared);
    if differences.is_empty() && !is_broken {
        return Outcome::Unchanged;
    }
    let needs_new =
        is_broken || differences.iter().any(|found| CREATE_ONLY.contains(&found.field.as_str()));
    let part = draft.route().part(name);
    if !needs_new || matches!(part, Part::Live(_)) {
        // For a live deployment, a guard blocks the update with its own sentence.
        draft.update(name, &body, new);
        return Outcome::Written;
    }
    if matches!(part, Part::Shadow(_))
        && let Ok(cleared) = Route::new(draft.route().split().clone(), None)
    {
        draft.set_route(&cleared);
    }
    draft.recreate(name, &body, new);
    Outcome::Written
}

/// The desired body with the location of the live one, because files have no location.
#[must_use]
pub fn without_place(live: &Value, desired: &Value) -> Value {
    let mut desired = desired.clone();
    if let (Some(fields), Some(location)) = (desired.as_object_mut(), live.get("location")) {
        fields.entry("location").or_insert_with(|| location.clone());
    }
    desired
}

/// The facts about a desired body that guards judge by.
#[must_use]
pub fn wanted(name: &DeploymentName, body: &Value, unregistered: &[String]) -> Wanted {
    let text = |pointer: &str| body.pointer(pointer).and_then(Value::as_str);
    let count = body.pointer("/sku/capacity").and_then(Value::as_u64);
    Wanted {
        name: name.clone(),
        instance_type: text("/properties/instanceType").map(str::to_owned),
        instance_count: count.and_then(|count| u32::try_from(count).ok()),
        environment: text("/properties/environmentId").and_then(environment_name),
        request_timeout_ms: match text("/properties/requestSettings/requestTimeout") {
            Some(given) => iso_duration::milliseconds(given),
            None => Some(TIMEOUT_MS_DEFAULT),
        },
        assets: assets(body),
        unregistered: unregistered.to_vec(),
        latest: Vec::new(),
    }
}

/// The assets that a desired body refers to by id. Excludes local files that are not registered yet.
#[must_use]
pub fn assets(body: &Value) -> Vec<Asset> {
    let each = [
        (AssetKind::Model, "/properties/model"),
        (AssetKind::Environment, "/properties/environmentId"),
        (AssetKind::Code, "/properties/codeConfiguration/codeId"),
    ];
    let asset = |(kind, pointer): (AssetKind, &str)| {
        let reference = body.pointer(pointer)?.as_str()?;
        let is_id = !reference.is_empty() && !reference.starts_with('@');
        is_id.then(|| Asset { kind, reference: reference.to_owned() })
    };
    each.into_iter().filter_map(asset).collect()
}

/// The name in an environment's reference: an ARM id, a registry's id, or `azureml:name:version`.
fn environment_name(reference: &str) -> Option<String> {
    let after =
        |text: &str| Some(text.split_once("/environments/")?.1.split('/').next()?.to_owned());
    let short = || {
        let name = reference.strip_prefix("azureml:")?;
        Some(name.split([':', '@']).next()?.to_owned())
    };
    after(reference).or_else(short)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environments_name_is_read_from_its_reference() {
        for (reference, name) in [
            ("/subscriptions/s/x/environments/env/versions/3", Some("env")),
            ("azureml://registries/r/environments/env/versions/3", Some("env")),
            ("azureml:AzureML-sklearn:1", Some("AzureML-sklearn")),
            ("azureml:env@latest", Some("env")),
            ("inline environment", None),
        ] {
            assert_eq!(environment_name(reference).as_deref(), name, "{reference}");
        }
    }
}
