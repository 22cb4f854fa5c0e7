//! A deployment's YAML as the screens see it: either what it means, or what is wrong with it, line by
//! line. Parsing itself is the server's work.

use super::name::DeploymentName;
use super::plan::Plan;
use serde::{Deserialize, Serialize};

/// Largest deployment YAML, in bytes.
pub const YAML_BYTES_MAX: usize = 64 * 1024;
/// What to say of a file whose bytes are no text.
pub const NOT_UTF8: &str = "The file is not UTF-8 text. Save it as UTF-8 and choose it again.";

/// What to say of a text of so many bytes, which is too long.
#[must_use]
pub fn too_long(bytes: usize) -> String {
    format!(
        "The text has {bytes} bytes; a deployment's YAML may have {YAML_BYTES_MAX}. Nothing was changed."
    )
}

/// One thing wrong with a YAML text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct YamlProblem {
    /// The line, from 1, when it can be told.
    pub line: Option<u32>,
    /// The column, from 1, when it can be told.
    pub column: Option<u32>,
    /// The key (`request_settings.request_timeout_ms`), when it is about one.
    pub field: Option<String>,
    /// What is wrong, which rule, what to do.
    pub message: String,
}

impl YamlProblem {
    /// `Line 3, column 7`; `None` when the line cannot be told.
    #[must_use]
    pub fn place(&self) -> Option<String> {
        let line = self.line?;
        Some(match self.column {
            Some(column) => format!("Line {line}, column {column}"),
            None => format!("Line {line}"),
        })
    }
}

/// What a deployment's YAML amounts to on one endpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Check {
    /// It can be read; the plan says what would happen and what the guards think.
    Readable {
        /// The deployment's name.
        name: DeploymentName,
        /// What would happen.
        plan: Box<Plan>,
    },
    /// It cannot be read.
    Unreadable {
        /// Everything found, by line.
        problems: Vec<YamlProblem>,
    },
}
