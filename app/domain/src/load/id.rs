//! The ids of load tests and their runs, and the names that a test's plan gets.

use crate::checked_text::checked_text;
use crate::name::EndpointName;
use crate::text::shortened;
use crate::timestamp::Timestamp;
use serde::{Deserialize, Serialize};
use std::str::FromStr;

/// Minimum length of the id of a load test or a run, in characters (Azure Load Testing: reference of the YAML, `testId`).
pub const ID_MIN: usize = 2;
/// Maximum length of the id of a load test or a run, in characters (the same).
pub const ID_MAX: usize = 50;
/// Maximum length of the name of a secret, in characters (Key Vault: about keys, secrets and certificates).
pub const SECRET_NAME_MAX: usize = 127;
/// Hexadecimal digits of the commit in a run's id.
const COMMIT_DIGITS: usize = 8;
/// Maximum number of runs of one test (Azure Load Testing: service limits).
const RUNS_MAX: u32 = 5_000;
/// The variable from which a plan takes the endpoint's address.
pub const URL_VARIABLE: &str = "ENDPOINT_URL";
/// The secret from which a plan takes the endpoint's key.
pub const KEY_SECRET: &str = "API_KEY";
const SCORE: &str = "/score";

/// Why a text is not a legal id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// A character that Azure Load Testing does not allow.
    #[error(
        "“{0}” cannot be an id of Azure Load Testing: it allows lower-case letters, digits, hyphens and underscores"
    )]
    Characters(String),
    /// Too short or too long.
    #[error(
        "the id “{id}” has {length} characters, but Azure Load Testing allows {ID_MIN} to {ID_MAX}"
    )]
    Length {
        /// The refused text, shortened for display.
        id: String,
        length: usize,
    },
    /// The endpoint's name has capitals.
    #[error(
        "an endpoint with capitals in its name, such as {0}, cannot have a load test: Azure Load Testing allows lower-case \
         letters only"
    )]
    Endpoint(EndpointName),
    /// The commit's hash is too short, or is no hash.
    #[error("“{0}” is not a commit's hash of at least {COMMIT_DIGITS} hexadecimal digits")]
    Commit(String),
    /// Every id that this console tries is taken.
    #[error(
        "the test has {RUNS_MAX} runs, the limit of Azure Load Testing. Use another name for the test"
    )]
    Full,
}

/// Whether Azure Load Testing allows a character in an id.
#[must_use]
pub fn is_legal(c: char) -> bool {
    c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_'
}

fn check(text: &str) -> Result<(), IdError> {
    let length = text.chars().count();
    if !text.chars().all(is_legal) {
        Err(IdError::Characters(shortened(text, 60)))
    } else if (ID_MIN..=ID_MAX).contains(&length) {
        Ok(())
    } else {
        Err(IdError::Length { id: shortened(text, 60), length })
    }
}

/// Declares a type of id.
macro_rules! test_id {
    ($(#[$doc:meta])* $type:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $type(String);

        impl FromStr for $type {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> {
                check(text).map(|()| Self(text.to_owned()))
            }
        }

        checked_text!($type);
    };
}

test_id!(
    /// The id of a load test.
    TestId
);
test_id!(
    /// The id of a run of a load test.
    TestRunId
);

impl TestId {
    /// The id of a test on an endpoint: `lt-{endpoint}-{name}`.
    ///
    /// # Errors
    /// [`IdError`] if the endpoint's name has capitals, or if the id is too long or has other characters.
    pub fn of(endpoint: &EndpointName, name: &str) -> Result<Self, IdError> {
        if !endpoint.as_str().chars().all(is_legal) {
            return Err(IdError::Endpoint(endpoint.clone()));
        }
        format!("lt-{endpoint}-{name}").parse()
    }
}

impl TestRunId {
    /// The id of a run for a commit: `commit-{first 8 digits}-{name}`. If it is taken, the first free one with a number at
    /// its end: `commit-01234567-nbq-2`. Creating a run under a taken id would change the old run.
    ///
    /// # Errors
    /// [`IdError`] if the commit or the name is not legal, or if all ids are taken.
    pub fn for_commit(
        commit: &str,
        name: &str,
        is_taken: impl Fn(&str) -> bool,
    ) -> Result<Self, IdError> {
        let digits = commit.get(..COMMIT_DIGITS).unwrap_or_default().to_ascii_lowercase();
        let is_hash = !digits.is_empty() && commit.bytes().all(|byte| byte.is_ascii_hexdigit());
        if !is_hash {
            return Err(IdError::Commit(shortened(commit, 60)));
        }
        free(&format!("commit-{digits}-{name}"), is_taken)
    }

    /// The id of a run without a commit, for example from a deployment's page: `at-20261130-191500-{name}`.
    ///
    /// # Errors
    /// As [`Self::for_commit`].
    pub fn at(
        now: Timestamp,
        name: &str,
        is_taken: impl Fn(&str) -> bool,
    ) -> Result<Self, IdError> {
        let clock = now.field().replace(['-', ':'], "").replace('T', "-");
        let whole = format!("at-{clock}-{name}");
        check(name)?;
        // A test's name may be longer here, because no release depends on this id.
        free(whole.get(..ID_MAX).unwrap_or(&whole), is_taken)
    }
}

/// The id itself, or the first free one with a number. The end of a long id gives way to the number.
fn free(id: &str, is_taken: impl Fn(&str) -> bool) -> Result<TestRunId, IdError> {
    check(id)?;
    if !is_taken(id) {
        return Ok(TestRunId(id.to_owned()));
    }
    let numbered = |number: u32| {
        let end = format!("-{number}");
        let start = id.get(..ID_MAX - end.len()).unwrap_or(id);
        format!("{start}{end}")
    };
    let mut ids = (2..=RUNS_MAX).map(numbered);
    ids.find(|id| !is_taken(id)).map(TestRunId).ok_or(IdError::Full)
}

/// The name of a secret in Key Vault: 1 to 127 letters, digits and hyphens. Key Vault ignores case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SecretName(String);

impl FromStr for SecretName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let is_legal = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        if is_legal && (1..=SECRET_NAME_MAX).contains(&text.len()) {
            return Ok(Self(text.to_owned()));
        }
        let shown = shortened(text, 60);
        Err(format!(
            "“{shown}” cannot name a secret: use 1 to {SECRET_NAME_MAX} letters, digits and hyphens"
        ))
    }
}

checked_text!(SecretName);

impl SecretName {
    /// The secret with an endpoint's key: `api-key-{endpoint}`. Names of endpoints are always legal here: they have at
    /// most 32 letters, digits and hyphens.
    #[must_use]
    pub fn of_key(endpoint: &EndpointName) -> Self {
        Self(format!("api-key-{endpoint}"))
    }

    /// The secret's address without a version: the service reads the newest one at each run.
    #[must_use]
    pub fn address(&self, vault: &str) -> String {
        format!("{}/secrets/{}", vault.trim_end_matches('/'), self.0)
    }
}

/// The endpoint's address as plans expect it in [`URL_VARIABLE`]: the scoring URI without `/score` at its end.
#[must_use]
pub fn endpoint_url(scoring_uri: &str) -> &str {
    let uri = scoring_uri.trim().trim_end_matches('/');
    uri.strip_suffix(SCORE).unwrap_or(uri)
}

#[cfg(test)]
mod tests;
