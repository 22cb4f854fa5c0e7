//! Exports the call of a template by a workflow job: `uses:` and `with:`.

use super::fields::Fields;
use domain::name::DeploymentName;
use domain::release::input::{Given, Inputs};
use domain::route::Route;
use serde_yaml::Value as Yaml;

/// The order of inputs in the templates' README. Other inputs follow by name.
const ORDER: [&str; 35] = [
    "environment",
    "environment_config_file",
    "templates_repo_ref",
    "ml_env_name",
    "ml_env_description",
    "target_layer",
    "tags",
    "maximise_disk_space",
    "deploy",
    "run_load_test",
    "load_test_config",
    "load_test_name",
    "endpoint_name",
    "deployment_name",
    "endpoint_config",
    "deployment_config",
    "shadow_deployment_name",
    "shadow_deployment_config",
    "shadow_deployment_mirror_percentage",
    "shadow_deploment_mirror_percentage",
    "shadow_deploy_mirror_percentage",
    "shadow_deployment_traffic_percentage",
    "deploy_blue",
    "deploy_green",
    "blue_deployment_name",
    "blue_deployment_config",
    "blue_traffic_percentage",
    "blue_mirror_percentage",
    "green_deployment_name",
    "green_deployment_config",
    "green_traffic_percentage",
    "green_mirror_percentage",
    "enable_queue_logging",
    "model_name",
    "model_version",
];

/// `uses:`, if known, and `with:`. The version in `uses:` matters, because inputs mean different things in different
/// versions of the templates.
#[must_use]
pub fn call(uses: &str, inputs: &Inputs) -> Yaml {
    let mut fields = Fields::default();
    for key in ORDER {
        if let Some(input) = inputs.get(key) {
            put(&mut fields, key, &input.given);
        }
    }
    for (key, input) in inputs.iter().filter(|(key, _)| !ORDER.contains(key)) {
        put(&mut fields, key, &input.given);
    }
    let mut call = Fields::default();
    call.put_if("uses", (!uses.is_empty()).then_some(uses));
    call.put("with", fields.done());
    call.done()
}

fn put(fields: &mut Fields, key: &str, given: &Given) {
    match given {
        Given::Text(text) => fields.put(key, text.as_str()),
        Given::Expression(expression) => fields.put(key, expression.0.as_str()),
        Given::Bool(flag) => fields.put(key, *flag),
        Given::Integer(number) => fields.put(key, *number),
        Given::Float(_) => fields.put(key, given.number().unwrap_or_default()),
        Given::Null | Given::Other(_) => fields.put(key, Yaml::Null),
    }
}

/// A release's inputs after a promotion (the run book's clean-up): the route's primary with its own YAML, and no inputs
/// for a shadow. `None` unless the primary takes all live traffic.
#[must_use]
pub fn cleaned_up(inputs: &Inputs, route: &Route, config: &str) -> Option<Inputs> {
    let primary: &DeploymentName =
        route.primary().filter(|name| route.split().share(name) == 100)?;
    let kept = inputs.iter().filter(|(key, _)| !key.starts_with("shadow_"));
    let mut cleaned: Inputs =
        kept.map(|(key, input)| (key.to_owned(), input.given.clone())).collect();
    cleaned.insert("deployment_name", Given::text(primary.as_str()), None);
    cleaned.insert("deployment_config", Given::text(config), None);
    Some(cleaned)
}
