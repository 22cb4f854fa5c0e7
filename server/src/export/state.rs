//! The inputs of a job that would make a route as it is, and the files that it names.

use super::workflow;
use app::domain::name::{DeploymentName, EndpointName};
use app::domain::release::input::{Given, Inputs};
use app::domain::route::Route;
use app::domain::stage::EndpointKey;

/// Inputs that are the stage's, whatever the endpoint.
const OF_STAGE: [&str; 2] = ["environment", "environment_config_file"];

/// The file that an endpoint's YAML is exported to.
#[must_use]
pub fn endpoint_file(endpoint: &EndpointName) -> String {
    format!("{endpoint}.yml")
}

/// The file that a deployment's YAML is exported to.
#[must_use]
pub fn deployment_file(endpoint: &EndpointName, name: &DeploymentName) -> String {
    format!("{endpoint}-{name}.yml")
}

/// The inputs that make `route`, with the exported YAML at the repository's root. `known` are those of a
/// release of the same stage.
///
/// # Errors
/// Why no job of `deploy_realtime.yml` makes such a route, in a sentence.
pub fn inputs(at: &EndpointKey, route: &Route, known: Option<&Inputs>) -> Result<Inputs, String> {
    let mut inputs = Inputs::new();
    let mut put = |key: &str, given: Given| {
        inputs.insert(key, given, None);
    };
    put("environment", Given::text(at.stage.as_str()));
    put("environment_config_file", Given::text(format!("config-infra-{}.yml", at.stage)));
    for key in OF_STAGE {
        if let Some(input) = known.and_then(|known| known.get(key)) {
            put(key, input.given.clone());
        }
    }
    let file = |name| Given::text(format!("./{}", deployment_file(&at.endpoint, name)));
    put("deploy", Given::Bool(true));
    put("run_load_test", Given::Bool(false));
    put("endpoint_name", Given::text(at.endpoint.as_str()));
    put("endpoint_config", Given::text(format!("./{}", endpoint_file(&at.endpoint))));
    let Some(primary) = route.primary() else {
        return Err(format!(
            "Nobody is live on {}, and a job of deploy_realtime.yml always gives its primary live traffic: there \
             are no workflow inputs that would leave it so.",
            at.endpoint
        ));
    };
    put("deployment_name", Given::text(primary.as_str()));
    put("deployment_config", file(primary));
    let others: Vec<_> = route.split().iter().filter(|(name, _)| *name != primary).collect();
    match (others.as_slice(), route.mirror()) {
        ([], None) => {}
        ([], Some(mirror)) => {
            put("shadow_deployment_name", Given::text(mirror.deployment().as_str()));
            put("shadow_deployment_config", file(mirror.deployment()));
            let percent = Given::Integer(i64::from(mirror.percent()));
            put("shadow_deployment_mirror_percentage", percent);
        }
        ([(name, share)], None) => {
            put("shadow_deployment_name", Given::text(name.as_str()));
            put("shadow_deployment_traffic_percentage", Given::Integer(i64::from(*share)));
        }
        _ => {
            return Err(format!(
                "The route of {} ({route}) is more than one job of deploy_realtime.yml can say: a primary with \
                 one shadow, which is live or mirrored to.",
                at.endpoint
            ));
        }
    }
    Ok(inputs)
}

/// The `with:` block, and what has to be beside it.
#[must_use]
pub fn text(inputs: &Inputs) -> String {
    let block = super::text(&workflow::with_block(inputs));
    format!(
        "# Put the exported YAML at the repository's root, or correct the paths below.\n{block}"
    )
}
