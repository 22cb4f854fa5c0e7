//! The inputs of a job that would set the current route, in the templates' later form: blue and green.

use super::state::{common, deployment_file, primary};
use crate::planner::observed::Live;
use domain::name::DeploymentName;
use domain::release::deploy::{Colour, Colours};
use domain::release::input::{Given, Inputs};
use domain::route::Mirror;

/// Inputs that are copied from the known release, whatever it deploys.
const OF_RELEASE: [&str; 7] = [
    "templates_repo_ref",
    "ml_env_name",
    "ml_env_description",
    "target_layer",
    "tags",
    "maximise_disk_space",
    "enable_queue_logging",
];

/// The inputs that set an endpoint's route. The live deployment keeps its colour from the known release. If there is a
/// shadow, only the shadow is deployed, because a deployment that is being deployed gets no live traffic while the
/// other one is named.
///
/// # Errors
/// Why no job can set the route, in a sentence.
pub(super) fn inputs(live: &Live, known: &Inputs, both: &Colours) -> Result<Inputs, String> {
    let endpoint = &live.endpoint;
    let (at, route) = (&endpoint.key, &endpoint.route);
    let primary = primary(at, route)?;
    if route.split().iter().count() > 1 {
        return Err(format!(
            "No single job of deploy_realtime.yml can set the route of {} ({route}): in the blue/green \
             form one deployment takes all live traffic.",
            at.endpoint
        ));
    }
    let mut inputs = common(at, Some(known));
    let mut put = |key: String, given: Given| {
        inputs.insert(key, given, None);
    };
    for key in OF_RELEASE {
        if let Some(input) = known.get(key) {
            put(key.to_owned(), input.given.clone());
        }
    }
    let named =
        |colour: &Colour| colour.name.as_ref().and_then(|name| name.known()) == Some(primary);
    let (own, other) = if named(&both.green) { ("green", "blue") } else { ("blue", "green") };
    let shadow = route.mirror().map(Mirror::deployment);
    put(format!("deploy_{own}"), Given::Bool(shadow.is_none()));
    put(format!("deploy_{other}"), Given::Bool(shadow.is_some()));
    let file = |name| Given::text(format!("./{}", deployment_file(&at.endpoint, name)));
    put(format!("{own}_deployment_name"), Given::text(primary.as_str()));
    put(format!("{own}_deployment_config"), file(primary));
    put(format!("{own}_traffic_percentage"), Given::Integer(100));
    if let Some(mirror) = route.mirror() {
        put(format!("{other}_deployment_name"), Given::text(mirror.deployment().as_str()));
        put(format!("{other}_deployment_config"), file(mirror.deployment()));
        put(format!("{other}_traffic_percentage"), Given::Integer(0));
        let percent = Given::Integer(i64::from(mirror.percent()));
        put(format!("{other}_mirror_percentage"), percent);
    }
    if let Some(logs) = logs_to_queue(live, shadow.unwrap_or(primary))
        && known.get("enable_queue_logging").is_some_and(|input| input.given != Given::Bool(logs))
    {
        put("enable_queue_logging".to_owned(), Given::Bool(logs));
    }
    Ok(inputs)
}

/// Whether the deployment logs its requests, as the workflow set it; `None` when the workflow did not set it.
fn logs_to_queue(live: &Live, name: &DeploymentName) -> Option<bool> {
    let body = live.deployments.get(name)?;
    match body.pointer("/properties/environmentVariables/LOGGING_MODE")?.as_str()? {
        "remote" => Some(true),
        "disabled" => Some(false),
        _ => None,
    }
}
