//! A deployment's YAML as the screens see it: either what it means, or what is wrong with it, line by
//! line. Parsing itself is the server's work.

use super::name::DeploymentName;
use super::plan::Plan;
use serde::{Deserialize, Serialize};

/// Largest deployment YAML, in bytes.
pub const YAML_BYTES_MAX: usize = 64 * 1024;

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
