//! A deployment's YAML to start from.

use crate::domain::endpoint::Endpoint;

/// A small deployment of the endpoint, under a name that is still free.
#[must_use]
pub fn example(endpoint: &Endpoint) -> String {
    let at = &endpoint.key.endpoint;
    let taken = |name: &str| endpoint.deployments.iter().any(|d| d.name.as_str() == name);
    let names = ["anet-green", "anet-blue", "anet-amber", "anet-violet"];
    let name = names.into_iter().find(|name| !taken(name)).unwrap_or("anet-next");
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
