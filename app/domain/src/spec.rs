//! A deployment's YAML as screens show it: its plan, or its problems by line. The server parses the YAML.

use super::name::DeploymentName;
use super::plan::Plan;
use serde::{Deserialize, Serialize};

/// Maximum size of a deployment's YAML, in bytes.
pub const YAML_BYTES_MAX: usize = 64 * 1024;
/// The message for a file that is not UTF-8.
pub const NOT_UTF8: &str = "The file is not UTF-8 text. Save it as UTF-8 and choose it again.";

/// The message for a text of `bytes` bytes, which is too long.
#[must_use]
pub fn too_long(bytes: usize) -> String {
    format!(
        "The text has {bytes} bytes; a deployment's YAML may have at most {YAML_BYTES_MAX}. Nothing was changed."
    )
}

/// A problem with a YAML text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct YamlProblem {
    /// The line, counted from 1, if known.
    pub line: Option<u32>,
    /// The column, counted from 1, if known.
    pub column: Option<u32>,
    /// The key that the problem concerns, if any (`request_settings.request_timeout_ms`).
    pub field: Option<String>,
    /// The finding, the rule and the remedy.
    pub message: String,
}

impl YamlProblem {
    /// `Line 3, column 7`; `None` if the line is unknown.
    #[must_use]
    pub fn place(&self) -> Option<String> {
        let line = self.line?;
        Some(match self.column {
            Some(column) => format!("Line {line}, column {column}"),
            None => format!("Line {line}"),
        })
    }
}

/// The result of checking a deployment's YAML for one endpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Check {
    /// The YAML is valid; the plan shows the effect and the guards' verdicts.
    Readable { name: DeploymentName, plan: Box<Plan> },
    /// The YAML is invalid.
    Unreadable { problems: Vec<YamlProblem> },
}
