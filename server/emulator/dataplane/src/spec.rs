//! What the control plane asks for: a deployment's instances, limits and probes.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use crate::fault::Fault;

/// One deployment, as it should run.
#[derive(Clone, Debug)]
pub struct DeploymentSpec {
    /// The deployment's name, unique in its endpoint.
    pub name: String,
    /// How many processes serve it.
    pub instances: u32,
    /// The model file, or a folder that holds one; a default model is served when it is absent or unreadable.
    pub model: Option<PathBuf>,
    /// Set in the environment of every instance.
    pub environment_variables: BTreeMap<String, String>,
    /// How long the model may take to answer before the caller gets 408.
    pub request_timeout: Duration,
    /// Half of what one instance may have in flight before callers get 429.
    pub max_concurrent_requests_per_instance: u32,
    /// Is the process alive (`GET /`)? If not, it is restarted.
    pub liveness: Probe,
    /// Does the process take requests (`GET /ready`)? If not, it gets none.
    pub readiness: Probe,
    /// What goes wrong on purpose.
    pub fault: Option<Fault>,
}

impl DeploymentSpec {
    /// One instance with the defaults Azure documents, and the fault that the name asks for.
    pub fn named(name: &str) -> DeploymentSpec {
        DeploymentSpec {
            name: name.to_owned(),
            instances: 1,
            model: None,
            environment_variables: BTreeMap::new(),
            request_timeout: Duration::from_secs(5),
            max_concurrent_requests_per_instance: 1,
            liveness: Probe::default(),
            readiness: Probe::default(),
            fault: Fault::from_deployment_name(name),
        }
    }
}

/// How an instance's health is checked over HTTP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Probe {
    /// How long after the start the first check is made (cut short while a deployment starts: nobody waits ten
    /// seconds for a process that is up in ten milliseconds).
    pub initial_delay: Duration,
    /// The time between two checks.
    pub period: Duration,
    /// How long an answer may take.
    pub timeout: Duration,
    /// How many successes in a row make the check pass.
    pub success_threshold: u32,
    /// How many failures in a row make it fail.
    pub failure_threshold: u32,
}

impl Default for Probe {
    /// The defaults seen on Azure.
    fn default() -> Probe {
        Probe {
            initial_delay: Duration::from_secs(10),
            period: Duration::from_secs(10),
            timeout: Duration::from_secs(2),
            success_threshold: 1,
            failure_threshold: 30,
        }
    }
}

/// Where an instance stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InstanceState {
    /// The process starts, or starts again.
    Starting,
    /// It takes requests.
    Ready,
    /// It is alive but not ready, and gets no requests.
    Unready,
    /// The process ended and waits to be started again.
    BackOff,
    /// It was told to end, or given up.
    Stopped,
}

/// One instance, for a person to look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InstanceStatus {
    /// Stable across restarts; also the `instanceId` dimension of metrics.
    pub id: String,
    /// Where it stands.
    pub state: InstanceState,
    /// How often its process was started again.
    pub restarts: u32,
    /// The process, while there is one.
    pub pid: Option<u32>,
}
