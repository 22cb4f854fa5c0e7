//! Test requests, sent to the endpoint like a client's, or to one deployment by name.

use super::name::DeploymentName;
use serde::{Deserialize, Serialize};

/// Maximum size of a test request's body, in bytes.
pub const BODY_BYTES_MAX: usize = 256 * 1024;

/// An example request to an item-response model.
pub const SAMPLE: &str = r#"{"student":{"answers":[{"item":"q1","correct":true},{"item":"q2","correct":false}]},"top":5}"#;

/// A measured duration in whole milliseconds. 0 means that it was shorter than one.
#[must_use]
pub fn took(duration_ms: u32) -> String {
    match duration_ms {
        0 => "less than 1 ms".to_owned(),
        ms => format!("{ms} ms"),
    }
}

/// The target of a test request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TestTarget {
    /// The endpoint, by its split, like any client's request.
    Split,
    /// One deployment, by the `azureml-model-deployment` header. Azure never mirrors such requests.
    Deployment(DeploymentName),
}

/// The response to a test request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    pub target: TestTarget,
    /// The deployment in the response's header.
    pub answered_by: Option<String>,
    pub status: u16,
    /// Time from sending to the last byte, in milliseconds.
    pub duration_ms: u32,
    /// The body, truncated at 64 kB; JSON is indented.
    pub body: String,
    /// An explanation of an error status, with a remedy.
    pub hint: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_request_takes_no_time() {
        assert_eq!([0, 1, 250].map(took), ["less than 1 ms", "1 ms", "250 ms"]);
    }
}
