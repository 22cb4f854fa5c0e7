//! Test requests: one body, sent to the endpoint as its clients would, or to one deployment by name.

use super::name::DeploymentName;
use serde::{Deserialize, Serialize};

/// Largest body of a test request, in bytes.
pub const BODY_BYTES_MAX: usize = 256 * 1024;

/// A request to an item-response model, to start from.
pub const SAMPLE: &str = r#"{"student":{"answers":[{"item":"q1","correct":true},{"item":"q2","correct":false}]},"top":5}"#;

/// Where a test request goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// By the endpoint's split, as any client's request.
    Split,
    /// To one deployment, by the `azureml-model-deployment` header; never mirrored.
    Deployment(DeploymentName),
}

/// What came back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// Where it was sent.
    pub target: Target,
    /// Who answered, as the response's header says.
    pub answered_by: Option<String>,
    /// The HTTP status.
    pub status: u16,
    /// From sending to the last byte, in milliseconds.
    pub duration_ms: u32,
    /// The body, indented when it is JSON, cut at 64 kB.
    pub body: String,
    /// A plain-words reading of an error status, with what to do.
    pub hint: Option<String>,
}
