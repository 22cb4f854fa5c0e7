//! An example of a deployment's YAML.

use domain::endpoint::Endpoint;

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
