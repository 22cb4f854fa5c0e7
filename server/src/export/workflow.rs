//! The call of a template by a workflow job that says what is, or what a plan makes: `uses:` and `with:`.

use super::fields::Fields;
use app::domain::name::DeploymentName;
use app::domain::release::input::{Given, Inputs};
use app::domain::route::Route;
use serde_yaml::Value as Yaml;

/// The order in which people write inputs: that of the README. Others follow by name.
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

/// `uses:`, when it is known, and `with:` with the inputs below it: the version of the templates is a part of what
/// the inputs mean.
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

/// A release's inputs as they should be after a promotion: `now` is the primary, with its own YAML, and the
/// shadow's inputs are gone (the run book's clean-up). `None` while somebody else takes live traffic.
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
