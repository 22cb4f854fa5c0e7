//! Load testing resources with their tests and runs in the state. Times are Unix milliseconds of the emulator's clock.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A load testing resource.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Resource {
    pub name: String,
    pub location: String,
    /// Part of its data plane's address.
    pub guid: String,
    pub tags: Map<String, Value>,
    pub identity: Map<String, Value>,
    /// `description` and `encryption`.
    pub properties: Map<String, Value>,
    pub stamp: Stamp,
    pub tests: BTreeMap<String, Test>,
    pub runs: BTreeMap<String, Run>,
}

/// Who created and changed something, and when.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Stamp {
    pub created_ms: i64,
    pub created_by: String,
    pub modified_ms: i64,
    pub modified_by: String,
}

impl Stamp {
    pub fn new(now_ms: i64, by: &str) -> Self {
        let by = by.to_owned();
        Self { created_ms: now_ms, created_by: by.clone(), modified_ms: now_ms, modified_by: by }
    }

    pub fn change(&mut self, now_ms: i64, by: &str) {
        self.modified_ms = now_ms;
        by.clone_into(&mut self.modified_by);
    }
}

/// The kind of a test.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kind {
    #[serde(rename = "URL")]
    Url,
    #[serde(rename = "JMX")]
    Jmx,
    Locust,
}

impl Kind {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Url => "URL",
            Self::Jmx => "JMX",
            Self::Locust => "Locust",
        }
    }
}

/// The type of an uploaded file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum FileKind {
    JmxFile,
    UserProperties,
    AdditionalArtifacts,
    ZippedArtifacts,
    UrlTestConfig,
    TestScript,
}

impl FileKind {
    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::JmxFile => "JMX_FILE",
            Self::UserProperties => "USER_PROPERTIES",
            Self::AdditionalArtifacts => "ADDITIONAL_ARTIFACTS",
            Self::ZippedArtifacts => "ZIPPED_ARTIFACTS",
            Self::UrlTestConfig => "URL_TEST_CONFIG",
            Self::TestScript => "TEST_SCRIPT",
        }
    }

    /// Whether it says what to do. A test has one such file.
    pub fn is_plan(self) -> bool {
        matches!(self, Self::JmxFile | Self::UrlTestConfig | Self::TestScript)
    }

    /// The kind of test that it is for.
    pub fn test(self) -> Option<Kind> {
        match self {
            Self::JmxFile => Some(Kind::Jmx),
            Self::UrlTestConfig => Some(Kind::Url),
            Self::TestScript => Some(Kind::Locust),
            _ => None,
        }
    }
}

/// `validationStatus`
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Validation {
    Initiated,
    Success,
    Failure,
    NotRequired,
}

impl Validation {
    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Initiated => "VALIDATION_INITIATED",
            Self::Success => "VALIDATION_SUCCESS",
            Self::Failure => "VALIDATION_FAILURE",
            Self::NotRequired => "VALIDATION_NOT_REQUIRED",
        }
    }
}

/// A file of a test.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct InputFile {
    pub name: String,
    pub kind: FileKind,
    pub validation: Validation,
    pub failure: Option<String>,
    /// The name of the stored file, which is new for each upload.
    pub blob: String,
}

/// A secret of a test or run.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Secret {
    /// The URL of a secret in a vault.
    Reference(String),
    /// An encrypted value.
    Sealed(String),
}

/// A test.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Test {
    pub id: String,
    /// `None` until it is given, or a file says it.
    pub kind: Option<Kind>,
    /// The other writable fields, as a GET returns them.
    pub body: Map<String, Value>,
    pub secrets: BTreeMap<String, Secret>,
    /// By name.
    pub files: BTreeMap<String, InputFile>,
    pub components: Map<String, Value>,
    pub server_metrics: Map<String, Value>,
    pub stamp: Stamp,
}

/// `status`
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Status {
    Accepted,
    #[serde(rename = "NOTSTARTED")]
    NotStarted,
    Provisioning,
    Provisioned,
    Configuring,
    Configured,
    Executing,
    Executed,
    Deprovisioning,
    Deprovisioned,
    Done,
    Cancelling,
    Cancelled,
    Failed,
    ValidationFailure,
}

impl Status {
    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "ACCEPTED",
            Self::NotStarted => "NOTSTARTED",
            Self::Provisioning => "PROVISIONING",
            Self::Provisioned => "PROVISIONED",
            Self::Configuring => "CONFIGURING",
            Self::Configured => "CONFIGURED",
            Self::Executing => "EXECUTING",
            Self::Executed => "EXECUTED",
            Self::Deprovisioning => "DEPROVISIONING",
            Self::Deprovisioned => "DEPROVISIONED",
            Self::Done => "DONE",
            Self::Cancelling => "CANCELLING",
            Self::Cancelled => "CANCELLED",
            Self::Failed => "FAILED",
            Self::ValidationFailure => "VALIDATION_FAILURE",
        }
    }

    /// Whether it stays.
    pub fn is_over(self) -> bool {
        matches!(self, Self::Done | Self::Cancelled | Self::Failed)
    }
}

/// `testResult`
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Verdict {
    Passed,
    Failed,
    NotApplicable,
}

/// Why a run failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunError {
    pub code: String,
    pub message: String,
}

/// A run of a test. It keeps what the test was when it started.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Run {
    pub id: String,
    pub test: String,
    pub kind: Kind,
    /// As [`Test::body`], and at the end with the results of the criteria.
    pub body: Map<String, Value>,
    pub secrets: BTreeMap<String, Secret>,
    pub files: Vec<InputFile>,
    pub components: Map<String, Value>,
    pub server_metrics: Map<String, Value>,
    pub status: Status,
    pub verdict: Option<Verdict>,
    pub errors: Vec<RunError>,
    /// `testRunStatistics`
    pub statistics: Option<Value>,
    pub virtual_users: Option<u32>,
    pub started_ms: Option<i64>,
    pub ended_ms: Option<i64>,
    /// When its engines began to send, and when they ended.
    pub execution_ms: (Option<i64>, Option<i64>),
    pub has_results: bool,
    pub has_logs: bool,
    pub stamp: Stamp,
}
