//! Why a load test could not be carried out.

use std::io;

use crate::sample::Summary;

/// Why there is no complete result. Each text says what happened and what to do.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum LoadFailure {
    /// The plan is not valid, or this machine cannot carry it out.
    #[error("{0}")]
    Refused(String),
    /// Locust could not be installed.
    #[error("{0}")]
    NotInstalled(String),
    /// The test script or its `requirements.txt` is wrong.
    #[error("{}", script(.file, *.line, .quoted, .error, .advice))]
    Script {
        /// The path in the plan's folder.
        file: String,
        /// The line, from 1, if known.
        line: Option<u32>,
        /// The text of that line.
        quoted: String,
        error: String,
        /// What to do; may be empty.
        advice: String,
    },
    /// The test began, and an engine ended early. What was measured before is kept.
    #[error("{reason}")]
    Broken { reason: String, summary: Box<Summary> },
    /// It was cancelled before the first request.
    #[error("the load test was cancelled before it began")]
    Cancelled,
    /// This machine's files or processes failed.
    #[error("{0}")]
    Io(String),
}

fn script(file: &str, line: Option<u32>, quoted: &str, error: &str, advice: &str) -> String {
    let mut text = file.to_owned();
    if let Some(line) = line {
        text += &format!(", line {line}");
    }
    text += &format!(": {error}");
    if !quoted.is_empty() {
        text += &format!(". The line is `{quoted}`");
    }
    if !advice.is_empty() {
        text += &format!(". {advice}");
    }
    text
}

impl LoadFailure {
    pub(crate) fn refused(reason: impl Into<String>) -> Self {
        Self::Refused(reason.into())
    }

    /// Work with files or processes failed.
    pub(crate) fn io(what: &str, error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                Self::Io(format!("{what}: no space left on device"))
            }
            _ => Self::Io(format!("{what}: {error}")),
        }
    }
}
