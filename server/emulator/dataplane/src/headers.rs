//! The headers that the router and the instances both have to know.

use http::HeaderName;

/// Names the deployment that shall answer, and in an answer the one that did.
pub(crate) const DEPLOYMENT: HeaderName = HeaderName::from_static("azureml-model-deployment");
/// The router's id of a request, which the instance also receives.
pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
