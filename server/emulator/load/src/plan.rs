//! What to do in a load test.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use http::{HeaderName, HeaderValue, Method, Uri};

use crate::failure::LoadFailure;

/// More engines than Azure allows by default (45 for a test), and as many as one machine may be asked for.
const ENGINES_MAX: u32 = 45;
/// Azure stops a test after 24 hours at the latest.
const DURATION_MAX: Duration = Duration::from_secs(24 * 3600);
const REQUESTS_MAX: usize = 1_000;
/// A million requests per second is more than one machine can send.
const RATE_MAX: f64 = 1_000_000.0;
/// Each user or connection needs a file descriptor.
const CONNECTIONS_MAX: u32 = 20_000;
const USERS_MAX: u32 = 100_000;

/// A load test.
#[derive(Clone, Debug)]
pub struct LoadTest {
    pub plan: Plan,
    /// Test engines, 1..=45. A rate or a number of users is that of all engines together; users of a JMeter plan are
    /// those of each engine.
    pub engines: u32,
    pub auto_stop: Option<AutoStop>,
}

/// The kind of test.
#[derive(Clone, Debug)]
pub enum Plan {
    Url(UrlPlan),
    Locust(LocustPlan),
    Jmeter(JmeterPlan),
}

/// Requests that our own generator sends.
#[derive(Clone, Debug)]
pub struct UrlPlan {
    /// 1..=1000. They are sent in order, again and again.
    pub requests: Vec<UrlRequest>,
    pub load: UrlLoad,
    /// From no load to the full load, linearly. Part of the duration.
    pub ramp_up: Duration,
    /// At most 24 hours.
    pub duration: Duration,
    /// How long the whole response to one request may take, from its actual start.
    pub timeout: Duration,
    /// Certificates (DER) that are trusted besides those of this machine.
    pub extra_roots: Vec<Vec<u8>>,
}

/// One request.
#[derive(Clone)]
pub struct UrlRequest {
    /// The name in results.
    pub name: String,
    pub method: Method,
    /// `http` or `https`.
    pub url: Uri,
    pub headers: Vec<(HeaderName, HeaderValue)>,
    pub body: bytes::Bytes,
}

/// How much a URL plan sends.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum UrlLoad {
    /// An open model: requests start by the clock, at a constant distance, whether or not the server keeps up.
    Rate {
        /// Above 0 and up to 1,000,000 for all engines together.
        per_second: f64,
        /// Connections of each engine, 1..=20,000. They are opened as needed. A request that finds none free
        /// waits, and its latency counts from its intended start.
        connections_max: u32,
    },
    /// A closed model: each user sends its next request when the last one was answered. Latencies count from the actual
    /// start, so a stall counts once for each user only.
    Users(u32),
}

/// A test that the real Locust carries out.
#[derive(Clone)]
pub struct LocustPlan {
    /// The test's files. The test runs in a copy. Links are refused.
    pub folder: PathBuf,
    /// The path of the locustfile in the folder.
    pub main: String,
    /// Variables of the processes.
    pub environment: BTreeMap<String, String>,
    /// As `environment`. They are never printed; the mask must know them.
    pub secrets: BTreeMap<String, String>,
    /// 1..=100,000 for all engines together; `LOCUST_USERS`, otherwise 1, if `None`.
    pub users: Option<u32>,
    /// Users that start per second; `LOCUST_SPAWN_RATE`, otherwise 1, if `None`.
    pub spawn_rate: Option<f64>,
    /// `LOCUST_RUN_TIME` if `None`. A test without either ends by its load shape, by cancellation or after 24 hours.
    pub duration: Option<Duration>,
    /// Gives each engine its own part of every CSV file.
    pub split_csvs: bool,
    /// `--host`; `LOCUST_HOST`, otherwise that of the locustfile, if `None`.
    pub host: Option<String>,
    /// Where virtual environments are kept for later tests.
    pub environments: PathBuf,
}

/// A test that the installed JMeter carries out.
#[derive(Clone)]
pub struct JmeterPlan {
    /// The test's files. The test runs in a copy. Links are refused.
    pub folder: PathBuf,
    /// The path of the `.jmx` file in the folder.
    pub main: String,
    /// The path of a file with user properties in the folder.
    pub properties: Option<String>,
    /// Gives each engine its own part of every CSV file.
    pub split_csvs: bool,
    /// Variables of the processes.
    pub environment: BTreeMap<String, String>,
    /// As `environment`. They are never printed; the mask must know them.
    pub secrets: BTreeMap<String, String>,
}

/// When a test stops by itself.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AutoStop {
    /// The share of failed requests above which the test stops, 0..=100.
    pub error_percent: Option<f64>,
    /// The last seconds that count, at least one.
    pub window: Duration,
    /// The number of users of an engine above which the test stops.
    pub users_per_engine_max: Option<u32>,
}

// Values of variables, headers and bodies may be secret.
impl fmt::Debug for UrlRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UrlRequest")
            .field("name", &self.name)
            .field("method", &self.method)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for LocustPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocustPlan")
            .field("main", &self.main)
            .field("users", &self.users)
            .field("spawn_rate", &self.spawn_rate)
            .field("duration", &self.duration)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for JmeterPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JmeterPlan").field("main", &self.main).finish_non_exhaustive()
    }
}

impl LoadTest {
    /// Checks what does not need the plan's files.
    pub(crate) fn check(&self) -> Result<(), LoadFailure> {
        let refuse = |reason: String| Err(LoadFailure::Refused(reason));
        if !(1..=ENGINES_MAX).contains(&self.engines) {
            return refuse(format!(
                "{} engines are asked for; write 1 to {ENGINES_MAX}",
                self.engines
            ));
        }
        if let Some(rule) = &self.auto_stop {
            if rule.error_percent.is_some_and(|percent| !(0.0..=100.0).contains(&percent)) {
                return refuse(
                    "the error percentage of the auto-stop is not within 0 to 100".into(),
                );
            }
            if rule.window < Duration::from_secs(1) {
                return refuse("the time window of the auto-stop is shorter than a second".into());
            }
        }
        match &self.plan {
            Plan::Url(plan) => plan.check(),
            Plan::Locust(plan) => plan.check(),
            Plan::Jmeter(plan) => check_variables(&plan.environment, &plan.secrets),
        }
    }
}

impl UrlPlan {
    fn check(&self) -> Result<(), LoadFailure> {
        let refuse = |reason: String| Err(LoadFailure::Refused(reason));
        if self.requests.is_empty() || self.requests.len() > REQUESTS_MAX {
            return refuse(format!("a URL test needs 1 to {REQUESTS_MAX} requests"));
        }
        for request in &self.requests {
            let is_web = matches!(request.url.scheme_str(), Some("http" | "https"));
            if !is_web || request.url.host().is_none_or(str::is_empty) {
                return refuse(format!(
                    "the URL of the request {:?} does not begin with http:// or https:// and a host",
                    request.name
                ));
            }
        }
        if self.duration.is_zero() || self.duration > DURATION_MAX {
            return refuse("the duration of a test is above 0 and at most 24 hours".into());
        }
        if self.ramp_up > self.duration {
            return refuse("the ramp-up time is longer than the test".into());
        }
        if self.timeout.is_zero() || self.timeout > DURATION_MAX {
            return refuse("the time limit of a request is above 0 and at most 24 hours".into());
        }
        let is_valid = match self.load {
            UrlLoad::Rate { per_second, connections_max } => {
                per_second > 0.0
                    && per_second <= RATE_MAX
                    && (1..=CONNECTIONS_MAX).contains(&connections_max)
            }
            UrlLoad::Users(users) => (1..=CONNECTIONS_MAX).contains(&users),
        };
        if !is_valid {
            return refuse(format!(
                "the load is outside its limits: a rate up to {RATE_MAX} per second, up to {CONNECTIONS_MAX} users or connections"
            ));
        }
        Ok(())
    }
}

impl LocustPlan {
    pub(crate) fn check(&self) -> Result<(), LoadFailure> {
        let refuse = |reason: String| Err(LoadFailure::Refused(reason));
        if self.users.is_some_and(|users| !(1..=USERS_MAX).contains(&users)) {
            return refuse(format!("the number of users is not within 1 to {USERS_MAX}"));
        }
        if self.spawn_rate.is_some_and(|rate| !rate.is_finite() || rate <= 0.0) {
            return refuse("the spawn rate is not a number above 0".into());
        }
        if self.duration.is_some_and(|time| time < Duration::from_secs(1) || time > DURATION_MAX) {
            return refuse("the duration of a Locust test is between a second and 24 hours".into());
        }
        check_variables(&self.environment, &self.secrets)
    }
}

/// Names that the operating system accepts, and values without its end mark.
fn check_variables(
    environment: &BTreeMap<String, String>,
    secrets: &BTreeMap<String, String>,
) -> Result<(), LoadFailure> {
    for (name, value) in environment.iter().chain(secrets) {
        if name.is_empty() || name.contains(['=', '\0']) || value.contains('\0') {
            return Err(LoadFailure::Refused(format!(
                "the environment variable {name:?} has a name or a value that no process can have"
            )));
        }
    }
    Ok(())
}
