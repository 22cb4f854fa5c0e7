//! What the control plane specifies: a deployment's instances, limits and probes.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use crate::fault::Fault;

/// The specification of one deployment.
#[derive(Clone, Debug)]
pub struct DeploymentSpec {
    pub name: String,
    /// The number of processes.
    pub instances: u32,
    /// The model file, or a folder that contains one; without a readable model, a default model is served.
    pub model: Option<PathBuf>,
    /// Variables of every instance's environment.
    pub environment_variables: BTreeMap<String, String>,
    /// How long the model may take to answer before the caller gets 408.
    pub request_timeout: Duration,
    /// Half of the number of requests that one instance may have in flight before callers get 429.
    pub max_concurrent_requests_per_instance: u32,
    /// Is the process alive (`GET /`)? If not, it is restarted.
    pub liveness: Probe,
    /// Is the process ready (`GET /ready`)? If not, it gets no requests.
    pub readiness: Probe,
    pub fault: Option<Fault>,
    /// What an instance runs; the built-in model server if `None`, or if there is a fault, which only that can play.
    pub program: Option<Program>,
}

/// A program that serves a model over HTTP, instead of the built-in model server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    /// Program and arguments. It must listen on the port in the variable `PORT`, on loopback or all addresses.
    pub command: Vec<OsString>,
    pub work_dir: PathBuf,
    /// Its own variables, which a deployment's variables override.
    pub environment: BTreeMap<String, String>,
    /// The position in `command` at which a container runtime takes `--env` and `--volume`; `None` for a plain process.
    pub flags_at: Option<usize>,
    pub routes: Routes,
}

/// The paths at which a program answers (`inferenceConfig` of an environment).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Routes {
    pub liveness: String,
    pub readiness: String,
    /// Where requests to the endpoint's `/score` go.
    pub scoring: String,
}

impl Default for Routes {
    /// Those of the built-in model server.
    fn default() -> Routes {
        Routes {
            liveness: "/".to_owned(),
            readiness: "/ready".to_owned(),
            scoring: "/score".to_owned(),
        }
    }
}

impl DeploymentSpec {
    /// One instance with the defaults that Azure documents, and with the fault that the name selects.
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
            program: None,
        }
    }

    /// The program that instances run, unless they run the built-in model server.
    pub(crate) fn program(&self) -> Option<&Program> {
        self.program.as_ref().filter(|_| self.fault.is_none())
    }
}

/// How an instance's health is checked over HTTP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Probe {
    /// How long after the start the first check happens. Shortened while a deployment starts, because
    /// nobody wants to wait ten seconds for a process that is up in ten milliseconds.
    pub initial_delay: Duration,
    pub period: Duration,
    pub timeout: Duration,
    /// How many consecutive successes make the check pass.
    pub success_threshold: u32,
    /// How many consecutive failures make it fail.
    pub failure_threshold: u32,
}

impl Default for Probe {
    /// The defaults observed on Azure.
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

/// The state of an instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InstanceState {
    /// The process is starting or restarting.
    Starting,
    /// It accepts requests.
    Ready,
    /// It is alive but not ready, and gets no requests.
    Unready,
    /// The process has ended, and waits for its restart.
    BackOff,
    /// It was stopped or given up.
    Stopped,
}

/// The state of one instance, for display.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InstanceStatus {
    /// Stable across restarts; also the `instanceId` dimension of metrics.
    pub id: String,
    pub state: InstanceState,
    /// The number of restarts.
    pub restarts: u32,
    /// The process, if it is running.
    pub pid: Option<u32>,
}
