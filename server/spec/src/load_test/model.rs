//! The values of a load test's configuration.

/// How the test plan is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TestKind {
    /// HTTP requests in a JSON file.
    Url,
    /// A JMeter script.
    Jmx,
    /// A Python script for Locust.
    Locust,
}

impl TestKind {
    /// The word in the file and in the service's `kind`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Url => "URL",
            Self::Jmx => "JMX",
            Self::Locust => "Locust",
        }
    }
}

/// A file that the configuration names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestFile {
    /// The path relative to the configuration's folder, with `/`.
    pub path: String,
    /// The last part of the path: the name under which the service stores the file.
    pub name: String,
}

/// What a file is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The test plan.
    Plan,
    /// JMeter's user properties, or Locust's configuration.
    Properties,
    /// A file that the plan reads.
    Additional,
    /// An archive that the service unpacks beside the plan.
    Zip,
}

/// A name with the address of a secret or certificate in Key Vault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VaultReference {
    /// The name that the plan uses.
    pub name: String,
    /// `https://{vault}.vault.azure.net/secrets/{name}` or `…/certificates/{name}`, with or without a version.
    pub address: String,
}

/// The comparison of a fail criterion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Condition {
    /// The test fails if the value is greater than the threshold.
    Above,
    /// The test fails if the value is less than the threshold.
    Below,
}

impl Condition {
    /// The sign in client criteria and in the service's bodies.
    #[must_use]
    pub fn sign(self) -> &'static str {
        match self {
            Self::Above => ">",
            Self::Below => "<",
        }
    }

    /// The word in the file's server criteria.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Above => "GreaterThan",
            Self::Below => "LessThan",
        }
    }
}

/// A fail criterion on what clients measure: `avg(response_time_ms) > 300`.
#[derive(Debug, Clone, PartialEq)]
pub struct ClientCriterion {
    /// The requests that it judges; all requests if `None`.
    pub request: Option<String>,
    /// A word of [`AGGREGATES`](super::AGGREGATES) as the file spells it: `p999` for 99.9 %.
    pub aggregate: &'static str,
    /// A word of [`METRICS`](super::METRICS).
    pub metric: &'static str,
    pub condition: Condition,
    /// In milliseconds, percent, requests or requests per second. Whole unless it is a percentage or a rate.
    pub value: f64,
}

/// A fail criterion on a metric of an Azure resource.
#[derive(Debug, Clone, PartialEq)]
pub struct ServerCriterion {
    /// The resource's ARM id.
    pub resource: String,
    pub namespace: String,
    pub metric: String,
    pub aggregation: String,
    pub condition: Condition,
    pub value: f64,
}

/// When the service stops a run by itself.
#[derive(Debug, Clone, PartialEq)]
pub enum AutoStop {
    /// Never.
    Disabled,
    /// The service's defaults apply to what is `None`: 90 % errors in 60 seconds.
    At {
        /// Failed requests in percent, 0 to 100.
        error_percent: Option<f64>,
        /// The window in which errors are counted, in seconds.
        window_s: Option<u32>,
        /// The maximum number of virtual users of one engine.
        users_per_engine: Option<u32>,
    },
}

/// The engines in one region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Region {
    /// In lower case: `westeurope`.
    pub name: String,
    pub engines: u32,
}

/// The identity with which the service reads secrets or metrics.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Identity {
    /// That of the load testing resource.
    #[default]
    System,
    /// A user-assigned identity, by its ARM id.
    User(String),
}

/// The identities of the engines, which the plan can use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EngineIdentity {
    /// The engines have none, and the file says so.
    None,
    /// That of the load testing resource.
    System,
    /// User-assigned identities, by their ARM ids; at least one.
    User(Vec<String>),
}

/// A metric that the service records during the test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Metric {
    pub name: String,
    pub namespace: String,
    /// `Average`, `Total`, …; several are separated by commas.
    pub aggregation: String,
}

/// An Azure resource that the service watches during the test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppComponent {
    /// The resource's ARM id.
    pub resource: String,
    /// By default the last part of the id.
    pub name: String,
    pub kind: Option<String>,
    /// If empty, the service records its default metrics.
    pub metrics: Vec<Metric>,
}

/// The configuration of a load test.
#[derive(Debug, Clone, PartialEq)]
pub struct LoadTest {
    /// In lower case. The CLI ignores it and takes the id from its command line, as releases do.
    pub test_id: Option<String>,
    pub display_name: Option<String>,
    pub description: Option<String>,
    pub kind: TestKind,
    pub plan: TestFile,
    /// The number of engines, 1 to [`ENGINES_MAX`](super::ENGINES_MAX).
    pub engines: u32,
    /// The distribution of the engines; empty for the resource's own region.
    pub regions: Vec<Region>,
    pub configuration_files: Vec<TestFile>,
    pub zip_artifacts: Vec<TestFile>,
    pub properties: Option<TestFile>,
    /// Whether each engine gets its own part of each CSV file.
    pub split_csvs: Option<bool>,
    /// Environment variables in the order of the file.
    pub env: Vec<(String, String)>,
    pub secrets: Vec<VaultReference>,
    pub certificate: Option<VaultReference>,
    pub vault_identity: Identity,
    pub metrics_identity: Identity,
    /// `None` if the file does not mention the engines' identity.
    pub engine_identity: Option<EngineIdentity>,
    /// The ARM id of the subnet in which the engines run.
    pub subnet: Option<String>,
    pub public_ip_disabled: Option<bool>,
    pub client_criteria: Vec<ClientCriterion>,
    pub server_criteria: Vec<ServerCriterion>,
    pub auto_stop: Option<AutoStop>,
    /// `None` if the file has no `appComponents`.
    pub app_components: Option<Vec<AppComponent>>,
}

impl LoadTest {
    /// All files, the plan first.
    #[must_use]
    pub fn files(&self) -> Vec<(Role, &TestFile)> {
        let mut all = vec![(Role::Plan, &self.plan)];
        all.extend(self.properties.iter().map(|file| (Role::Properties, file)));
        all.extend(self.configuration_files.iter().map(|file| (Role::Additional, file)));
        all.extend(self.zip_artifacts.iter().map(|file| (Role::Zip, file)));
        all
    }

    /// The service's `fileType` of a file.
    #[must_use]
    pub fn file_type(&self, role: Role) -> &'static str {
        let is_jmx = super::files::has_extension(&self.plan.path, &["jmx"]);
        match (role, self.kind) {
            (Role::Plan, TestKind::Jmx) => "JMX_FILE",
            (Role::Plan, TestKind::Locust) => "TEST_SCRIPT",
            (Role::Plan, TestKind::Url) if is_jmx => "JMX_FILE",
            (Role::Plan, TestKind::Url) => "URL_TEST_CONFIG",
            (Role::Properties, _) => "USER_PROPERTIES",
            (Role::Additional, _) => "ADDITIONAL_ARTIFACTS",
            (Role::Zip, _) => "ZIPPED_ARTIFACTS",
        }
    }
}
