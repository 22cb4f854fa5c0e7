//! Azure's rules as pure functions: what Azure rejects, and with which message. They use JSON and names,
//! not state or HTTP; callers turn a [`Broken`] into an answer.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::when;

/// The highest number of deployments of one endpoint.
pub const DEPLOYMENTS_PER_ENDPOINT_MAX: usize = 20;
/// The highest number of instances of one deployment.
pub const INSTANCES_MAX: i64 = 50;
/// The longest request timeout.
pub const REQUEST_TIMEOUT_S_MAX: u64 = 180;
/// The highest mirror percentage.
pub const MIRROR_PERCENT_MAX: i64 = 50;

/// The message for a broken rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken(pub String);

type Checked<T> = Result<T, Broken>;

fn broken<T>(message: impl Into<String>) -> Checked<T> {
    Err(Broken(message.into()))
}

/// The facts about a deployment that the traffic rules need.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    pub name: String,
    /// Whether it is in state Succeeded.
    pub has_succeeded: bool,
}

/// Names of endpoints and deployments: 3–32 letters, digits and inner hyphens, starting with a letter.
pub fn name(what: &str, name: &str) -> Checked<()> {
    let is_well_formed = (3..=32).contains(&name.len())
        && name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.ends_with(|c: char| c.is_ascii_alphanumeric())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    if is_well_formed {
        return Ok(());
    }
    broken(format!(
        "The {what} name [{name}] is not valid. It must be 3 to 32 characters long, start with a \
         letter, end with a letter or digit and contain only letters, digits and '-'."
    ))
}

/// On Kubernetes, the two names share one label.
pub fn kubernetes_names(endpoint: &str, deployment: &str) -> Checked<()> {
    if (6..=62).contains(&(endpoint.len() + deployment.len())) {
        return Ok(());
    }
    broken("The endpoint name and the deployment name must have 6 to 62 characters together.")
}

/// A resource's location must be its workspace's, in any spelling.
pub fn location(body: &Value, workspace: &str) -> Checked<()> {
    let plain = |text: &str| text.to_lowercase().replace(' ', "");
    match body.get("location") {
        Some(Value::String(text)) if plain(text) == plain(workspace) => Ok(()),
        Some(Value::String(text)) => broken(format!(
            "The location [{text}] differs from the workspace's location [{workspace}]. A \
             resource's location cannot be changed."
        )),
        _ => broken("The property 'location' is required and must be a string."),
    }
}

/// Reads a map of percentages: whole numbers only.
pub fn percentages(what: &str, value: Option<&Value>) -> Checked<BTreeMap<String, i64>> {
    let map = match value {
        None | Some(Value::Null) => return Ok(BTreeMap::new()),
        Some(Value::Object(map)) => map,
        Some(_) => return broken(format!("The property '{what}' must be an object.")),
    };
    map.iter()
        .map(|(name, percent)| match whole(percent) {
            Some(percent) => Ok((name.clone(), percent)),
            None => broken(format!(
                "The {what} percentage of deployment [{name}] must be an integer, not {percent}."
            )),
        })
        .collect()
}

/// A whole number, which may be written as `2.0`.
pub fn whole(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| {
        let number = value.as_f64()?;
        (number.fract() == 0.0 && number.abs() < 1e6).then_some(number as i64)
    })
}

fn resolve<'a>(
    what: &str,
    name: &str,
    endpoint: &str,
    known: &'a BTreeMap<String, Known>,
) -> Checked<&'a Known> {
    known.get(&name.to_lowercase()).ok_or_else(|| {
        Broken(format!(
            "The {what} names deployment [{name}], which does not exist under endpoint \
             [{endpoint}]. Create the deployment first."
        ))
    })
}

/// Live traffic: existing deployments that have succeeded, 0–100 each, 0 or 100 in total. An entry that the
/// endpoint already has is valid whatever its deployment's state, so that tags can change and traffic can
/// be removed while a deployment is broken.
pub fn traffic(
    endpoint: &str,
    wanted: &BTreeMap<String, i64>,
    present: &BTreeMap<String, i64>,
    known: &BTreeMap<String, Known>,
) -> Checked<BTreeMap<String, i64>> {
    let mut sum = 0;
    let mut rules = BTreeMap::new();
    for (name, &percent) in wanted {
        let deployment = resolve("traffic", name, endpoint, known)?;
        if !(0..=100).contains(&percent) {
            return broken(format!(
                "The traffic percentage of deployment [{name}] must lie between 0 and 100, not \
                 {percent}."
            ));
        }
        let had = present.get(&deployment.name).copied().unwrap_or(0);
        if percent > had && !deployment.has_succeeded {
            return broken(format!(
                "Deployment [{name}] is not in state Succeeded and cannot take traffic."
            ));
        }
        if rules.insert(deployment.name.clone(), percent).is_some() {
            return broken(format!("The traffic names deployment [{name}] twice."));
        }
        sum += percent;
    }
    if sum == 0 || sum == 100 {
        return Ok(rules);
    }
    broken(format!(
        "The traffic percentages of endpoint [{endpoint}] sum to {sum}. They must sum to 0 or 100."
    ))
}

/// Mirror traffic: one deployment, 0–50 %, existing, succeeded, without live traffic, and not on
/// Kubernetes. `traffic` is the map of the same request.
pub fn mirror(
    endpoint: &str,
    wanted: &BTreeMap<String, i64>,
    present: &BTreeMap<String, i64>,
    traffic: &BTreeMap<String, i64>,
    known: &BTreeMap<String, Known>,
    is_kubernetes: bool,
) -> Checked<BTreeMap<String, i64>> {
    if wanted.is_empty() {
        return Ok(BTreeMap::new());
    }
    if is_kubernetes {
        return broken("Mirror traffic is not supported for Kubernetes online endpoints.");
    }
    if wanted.len() > 1 {
        return broken(format!(
            "Mirror traffic can go to one deployment only, but {} are named.",
            wanted.len()
        ));
    }
    let mut rules = BTreeMap::new();
    for (name, &percent) in wanted {
        let deployment = resolve("mirror traffic", name, endpoint, known)?;
        if !(0..=MIRROR_PERCENT_MAX).contains(&percent) {
            return broken(format!(
                "The mirror traffic percentage of deployment [{name}] must lie between 0 and \
                 {MIRROR_PERCENT_MAX}, not {percent}."
            ));
        }
        if percent > 0 && traffic.get(&deployment.name).is_some_and(|live| *live > 0) {
            return broken(format!(
                "Deployment [{name}] cannot take live and mirrored traffic at once."
            ));
        }
        let had = present.get(&deployment.name).copied().unwrap_or(0);
        if percent > had && !deployment.has_succeeded {
            return broken(format!(
                "Deployment [{name}] is not in state Succeeded and cannot take mirrored traffic."
            ));
        }
        rules.insert(deployment.name.clone(), percent);
    }
    Ok(rules)
}

/// `sku.capacity`: the number of instances, 1 if absent.
pub fn capacity(sku: Option<&Value>) -> Checked<i64> {
    let capacity = match sku.and_then(|sku| sku.get("capacity")) {
        None | Some(Value::Null) => return Ok(1),
        Some(value) => whole(value),
    };
    match capacity {
        Some(n) if (1..=INSTANCES_MAX).contains(&n) => Ok(n),
        _ => broken(format!(
            "The instance count (sku.capacity) must be an integer from 1 to {INSTANCES_MAX}."
        )),
    }
}

/// `requestSettings.requestTimeout`.
pub fn request_timeout(properties: &serde_json::Map<String, Value>) -> Checked<()> {
    let timeout = properties.get("requestSettings").and_then(|s| s.get("requestTimeout"));
    let Some(timeout) = timeout.filter(|t| !t.is_null()) else { return Ok(()) };
    match timeout.as_str().and_then(when::duration) {
        Some(d) if d.is_zero() => broken("The request timeout must be longer than zero."),
        Some(d) if d.as_secs_f64() <= REQUEST_TIMEOUT_S_MAX as f64 => Ok(()),
        Some(_) => broken(format!(
            "The request timeout {timeout} is longer than the maximum of {REQUEST_TIMEOUT_S_MAX} \
             seconds."
        )),
        None => broken(format!("The request timeout {timeout} is not an ISO 8601 duration.")),
    }
}

/// Fields that cannot change on an existing deployment.
pub fn immutable(
    present: &serde_json::Map<String, Value>,
    wanted: &serde_json::Map<String, Value>,
) -> Checked<()> {
    for field in ["instanceType", "endpointComputeType"] {
        let text = |map: &serde_json::Map<String, Value>| {
            map.get(field).and_then(Value::as_str).map(str::to_lowercase)
        };
        if text(present) != text(wanted) {
            return broken(format!(
                "The property '{field}' of an existing deployment cannot be changed. Create a new \
                 deployment instead."
            ));
        }
    }
    Ok(())
}

/// A PATCH changes these two properties and no others.
pub fn patched(body: &Value, known: [&str; 2]) -> Checked<()> {
    let mut names = body.as_object().into_iter().flat_map(serde_json::Map::keys);
    let Some(name) = names.find(|name| !known.contains(&name.as_str())) else { return Ok(()) };
    let known = known.join(" and ");
    broken(format!("The property '{name}' cannot be patched: only {known} can. Use PUT."))
}

/// A deployment that takes traffic cannot be deleted.
pub fn delete(
    deployment: &str,
    traffic: &BTreeMap<String, i64>,
    mirror: &BTreeMap<String, i64>,
) -> Checked<()> {
    let shares = [(traffic.get(deployment), "live"), (mirror.get(deployment), "mirrored")];
    let mut shares = shares.into_iter().filter_map(|(share, what)| Some((share?, what)));
    let Some((percent, what)) = shares.find(|(percent, _)| **percent > 0) else { return Ok(()) };
    broken(format!(
        "Deployment [{deployment}] takes {percent} % of {what} traffic and cannot be deleted. Set \
         its {what} traffic to 0 first."
    ))
}

#[cfg(test)]
#[path = "rules_tests.rs"]
mod tests;
