//! The load test's inputs.

use crate::domain::name::EndpointName;
use crate::domain::release::input::Asked;
use crate::domain::release::path::RepoPath;
use crate::domain::release::reader::Reader;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// Longest id of a load test, in characters (Azure Load Testing: `testId`, 2 to 50).
pub const TEST_ID_MAX: usize = 50;

/// The name of a test plan; it changes whenever the plan does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct LoadTestName(String);

/// Why a text names no test.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LoadTestNameError {
    /// A character that is not allowed.
    #[error(
        "“{0}” cannot name a load test: use lower-case letters, digits, hyphens and underscores"
    )]
    Characters(String),
    /// Too long.
    #[error("the name has {0} characters, and a load test's id has {TEST_ID_MAX} at most")]
    Long(usize),
}

impl LoadTestName {
    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The id of its test on an endpoint: `lt-{endpoint}-{name}`.
    #[must_use]
    pub fn test_id(&self, endpoint: &EndpointName) -> String {
        format!("lt-{endpoint}-{}", self.0)
    }
}

impl FromStr for LoadTestName {
    type Err = LoadTestNameError;
    fn from_str(text: &str) -> Result<Self, LoadTestNameError> {
        let length = text.chars().count();
        let legal = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_';
        if length > TEST_ID_MAX {
            Err(LoadTestNameError::Long(length))
        } else if text.chars().all(legal) {
            Ok(Self(text.to_owned()))
        } else {
            Err(LoadTestNameError::Characters(text.to_owned()))
        }
    }
}

impl TryFrom<String> for LoadTestName {
    type Error = LoadTestNameError;
    fn try_from(text: String) -> Result<Self, LoadTestNameError> {
        text.parse()
    }
}

impl From<LoadTestName> for String {
    fn from(name: LoadTestName) -> Self {
        name.0
    }
}

impl fmt::Display for LoadTestName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// The load test of a release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoadTest {
    /// Whether it is run.
    pub run: Asked<bool>,
    /// Its configuration.
    pub config: Option<Asked<RepoPath>>,
    /// The name of its plan.
    pub name: Option<Asked<LoadTestName>>,
}

pub(super) fn read(
    reader: &mut Reader<'_>,
    endpoint: Option<&Asked<EndpointName>>,
) -> Option<LoadTest> {
    const CONFIG: &str = "load_test_config";
    const NAME: &str = "load_test_name";
    let run = reader.flag("run_load_test", "Write true to run a load test, or false.");
    let config = reader.text_if_given(CONFIG);
    let name: Option<Asked<LoadTestName>> = reader.text_if_given(NAME);
    if run == Some(Asked::Known(true)) {
        for key in [CONFIG, NAME] {
            if reader.given(key).is_none() {
                let state = if reader.is_written(key) { "empty" } else { "missing" };
                let message = format!(
                    "{key} is {state}, and run_load_test is true. Give it, or set run_load_test to false"
                );
                reader.problem(key, message);
            }
        }
    }
    if let (Some(Asked::Known(name)), Some(Asked::Known(endpoint))) = (&name, endpoint) {
        let id = name.test_id(endpoint);
        let length = id.chars().count();
        if length > TEST_ID_MAX {
            let message = format!(
                "{NAME}: the test's id {id} has {length} characters; Azure Load Testing allows {TEST_ID_MAX}. \
                 Shorten the name by {}",
                length - TEST_ID_MAX
            );
            reader.problem(NAME, message);
        }
    }
    Some(LoadTest { run: run?, config, name })
}
