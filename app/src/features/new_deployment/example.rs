//! An example of a deployment's YAML.

use domain::endpoint::Endpoint;
use domain::run_book::AssetVersion;

/// An unused name for a deployment on the endpoint.
#[must_use]
pub fn unused(endpoint: &Endpoint) -> &'static str {
    let taken = |name: &str| endpoint.deployments.iter().any(|d| d.name.as_str() == name);
    let names = ["anet-green", "anet-blue", "anet-amber", "anet-violet"];
    names.into_iter().find(|name| !taken(name)).unwrap_or("anet-next")
}

/// The YAML of a small deployment on the endpoint.
#[must_use]
pub fn example(endpoint: &Endpoint, name: &str) -> String {
    let at = &endpoint.key.endpoint;
    format!(
        "$schema: https://azuremlschemas.azureedge.net/latest/managedOnlineDeployment.schema.json\n\
         name: {name}\n\
         endpoint_name: {at}\n\
         model: azureml:nbq:2\n\
         environment: azureml:ml-azua-litserve-env:1\n\
         instance_type: Standard_DS3_v2\n\
         instance_count: 1\n\
         request_settings:\n  \
           request_timeout_ms: 30000\n  \
           max_concurrent_requests_per_instance: 16\n"
    )
}

/// The YAML of a new deployment with an environment version: a copy of the `live` deployment's, or else the example.
#[must_use]
pub fn with_environment(
    endpoint: &Endpoint,
    live: Option<String>,
    version: &AssetVersion,
) -> String {
    let name = unused(endpoint);
    live.and_then(|yaml| replaced(&yaml, name, version)).unwrap_or_else(|| {
        let yaml = example(endpoint, name);
        replaced(&yaml, name, version).unwrap_or(yaml)
    })
}

/// A YAML with another name and environment; `None` if it does not have both as plain values on lines of their own.
fn replaced(yaml: &str, name: &str, version: &AssetVersion) -> Option<String> {
    let mut found = (0, 0);
    let mut text = String::with_capacity(yaml.len());
    let is_plain = |value: &str| {
        !value.trim().is_empty() && !value.trim().starts_with(['{', '|', '>', '&', '*'])
    };
    for line in yaml.lines() {
        match line.split_once(':') {
            Some(("name", value)) if is_plain(value) => {
                found.0 += 1;
                text.push_str(&format!("name: {name}"));
            }
            Some(("environment", value)) if is_plain(value) => {
                found.1 += 1;
                text.push_str(&format!("environment: azureml:{version}"));
            }
            _ => text.push_str(line),
        }
        text.push('\n');
    }
    (found == (1, 1)).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_has_the_new_name_and_environment() {
        let version: AssetVersion = "env:7".parse().expect("a version");
        let yaml =
            "name: blue\nendpoint_name: ep\nenvironment: azureml:env:6\ntags:\n  name: kept\n";
        let expected =
            "name: green\nendpoint_name: ep\nenvironment: azureml:env:7\ntags:\n  name: kept\n";
        assert_eq!(replaced(yaml, "green", &version).as_deref(), Some(expected));
        for other in [
            "name: blue\n",
            "name: blue\nenvironment:\n  image: x\n",
            "environment: azureml:env:6\n",
        ] {
            assert_eq!(replaced(other, "green", &version), None, "{other}");
        }
    }
}
