//! The load test's inputs, and Azure Load Testing's rules for ids.

use crate::checked_text::checked_text;
use crate::load::id::{ID_MAX, is_legal};
use crate::name::EndpointName;
use crate::release::input::{Asked, Given};
use crate::release::note::Weight;
use crate::release::path::RepoPath;
use crate::release::reader::Reader;
use serde::{Deserialize, Serialize};
use std::str::FromStr;

/// Length of the prefix that a run's id adds to the test's name.
const RUN_PREFIX: usize = "commit-01234567-".len();

/// The name of a test plan. Teams rename a plan whenever they change it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct LoadTestName(String);

/// Why a text is not a valid name of a load test.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LoadTestNameError {
    #[error(
        "“{0}” cannot name a load test: use lower-case letters, digits, hyphens and underscores"
    )]
    Characters(String),
    #[error("the name has {0} characters; a load test's id has at most {ID_MAX}")]
    Long(usize),
}

impl LoadTestName {
    /// The id of the test on an endpoint: `lt-{endpoint}-{name}`.
    #[must_use]
    pub fn test_id(&self, endpoint: &EndpointName) -> String {
        format!("lt-{endpoint}-{}", self.0)
    }
}

impl FromStr for LoadTestName {
    type Err = LoadTestNameError;
    fn from_str(text: &str) -> Result<Self, LoadTestNameError> {
        let length = text.chars().count();
        if length > ID_MAX {
            Err(LoadTestNameError::Long(length))
        } else if text.chars().all(is_legal) {
            Ok(Self(text.to_owned()))
        } else {
            Err(LoadTestNameError::Characters(text.to_owned()))
        }
    }
}

checked_text!(LoadTestName);

/// The load test of a release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoadTest {
    pub run: Asked<bool>,
    pub config: Option<Asked<RepoPath>>,
    pub name: Option<Asked<LoadTestName>>,
}

const CONFIG: &str = "load_test_config";
const NAME: &str = "load_test_name";

pub(super) fn read(
    reader: &mut Reader<'_>,
    endpoint: Option<&Asked<EndpointName>>,
) -> Option<LoadTest> {
    let run = reader.flag("run_load_test", "Write true to run a load test, or false.");
    let config = reader.text_if_given(CONFIG);
    // Without a run, an invalid name is harmless: GitHub accepts any text.
    let is_idle = run == Some(Asked::Known(false));
    let name = if is_idle { idle_name(reader) } else { reader.text_if_given(NAME) };
    if run == Some(Asked::Known(true)) {
        for (key, given) in [(CONFIG, config.is_some()), (NAME, name.is_some())] {
            if !given && !reader.is_wrong(key) {
                let state = if reader.is_written(key) { "empty" } else { "missing" };
                let message = format!(
                    "{key} is {state}, but run_load_test is true. Add {key}, or set run_load_test to false"
                );
                reader.problem(key, message);
            }
        }
    }
    if !is_idle {
        ids(reader, endpoint.and_then(Asked::known), name.as_ref().and_then(Asked::known));
    }
    Some(LoadTest { run: run?, config, name })
}

fn idle_name(reader: &mut Reader<'_>) -> Option<Asked<LoadTestName>> {
    let given = &reader.given(NAME)?.given;
    let text = given.as_text().unwrap_or_default();
    match text.parse::<LoadTestName>() {
        Err(error) if !matches!(given, Given::Expression(_) | Given::Other(_)) => {
            let message = format!(
                "{NAME}: {error}. The console ignores the name, because no load test runs."
            );
            reader.note(Weight::Warning, NAME, message);
            None
        }
        _ => reader.text_if_given(NAME),
    }
}

/// Checks the ids of the test and its run.
fn ids(reader: &mut Reader<'_>, endpoint: Option<&EndpointName>, name: Option<&LoadTestName>) {
    const RULE: &str =
        "Azure Load Testing allows lower-case letters, digits, hyphens and underscores";
    if let Some(endpoint) = endpoint
        && !endpoint.as_str().chars().all(is_legal)
    {
        let id = format!("lt-{endpoint}-{}", name.map_or("…", LoadTestName::as_str));
        let message = format!(
            "endpoint_name is {endpoint}, and the load test's id would be {id}: {RULE}, so an endpoint with capitals \
             in its name cannot have a load test. Set run_load_test to false, or give the endpoint another name"
        );
        reader.problem("endpoint_name", message);
    }
    let Some(name) = name else { return };
    let length = |id: &str| id.chars().count();
    let test = endpoint.map(|endpoint| name.test_id(endpoint));
    if let Some(id) = test.filter(|id| length(id) > ID_MAX) {
        let message = format!(
            "{NAME}: the test's id {id} has {} characters; Azure Load Testing allows {ID_MAX}. \
             Shorten the name by {}",
            length(&id),
            length(&id) - ID_MAX
        );
        reader.problem(NAME, message);
    } else if RUN_PREFIX + length(name.as_str()) > ID_MAX {
        let message = format!(
            "{NAME}: a run's id, commit-…-{name}, has {} characters; Azure Load Testing allows {ID_MAX}. \
             Shorten the name by {}",
            RUN_PREFIX + length(name.as_str()),
            RUN_PREFIX + length(name.as_str()) - ID_MAX
        );
        reader.problem(NAME, message);
    }
}
