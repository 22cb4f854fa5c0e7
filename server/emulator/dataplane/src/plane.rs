//! The data plane as the control plane sees it.

use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use time::OffsetDateTime;

use crate::clock::Clock;
use crate::failure::StartFailure;
use crate::log::Container;
use crate::rules::EndpointRules;
use crate::spec::{DeploymentSpec, InstanceStatus};
use crate::traffic::MinuteTraffic;

/// The body of an answer. It is held in full: answers are small, and a whole answer can still be given up for a retry.
pub type ScoreBody = Full<Bytes>;

/// Any error a request's body may give.
pub type BodyError = Box<dyn std::error::Error + Send + Sync>;

/// What a data plane needs to run.
#[derive(Clone, Debug)]
pub struct DataPlaneConfig {
    /// The program that serves a model, and its leading arguments; `--model FILE --name NAME …` is appended (see
    /// [`crate::instance::InstanceArgs`]).
    pub instance_command: Vec<OsString>,
    /// Stamps logs and traffic.
    pub clock: Clock,
    /// Where the instances' sockets lie. It is created when missing.
    pub work_dir: PathBuf,
}

/// Everything behind the scoring URIs. Clones share it.
#[derive(Clone)]
pub struct DataPlane {
    inner: Arc<DataPlaneConfig>,
}

impl DataPlane {
    /// A data plane without endpoints.
    pub fn new(config: DataPlaneConfig) -> DataPlane {
        DataPlane { inner: Arc::new(config) }
    }

    /// Creates an endpoint, or replaces its rules in one step. Requests under way are never failed by it.
    pub fn set_endpoint(&self, _endpoint: &str, _rules: EndpointRules) {}

    /// Forgets an endpoint, its logs and its traffic, and ends what still runs in it.
    pub fn remove_endpoint(&self, _endpoint: &str) {}

    /// Starts a deployment's instances and resolves when all are ready. An older generation of the same name serves
    /// until then; it is drained afterwards.
    pub async fn start_deployment(
        &self,
        _endpoint: &str,
        _spec: DeploymentSpec,
    ) -> Result<(), StartFailure> {
        Ok(())
    }

    /// Takes a deployment out of service, waits for its requests under way, then ends its processes.
    pub async fn stop_deployment(&self, _endpoint: &str, _deployment: &str) {}

    /// The instances of a deployment, also of one that is still starting.
    pub fn instances(&self, _endpoint: &str, _deployment: &str) -> Vec<InstanceStatus> {
        Vec::new()
    }

    /// The last `tail` lines of a container's log; none if nothing was ever written to it.
    pub fn log(
        &self,
        _endpoint: &str,
        _deployment: &str,
        _container: Container,
        _tail: usize,
    ) -> Option<String> {
        None
    }

    /// Writes a line to a container's log, also before the deployment is started.
    pub fn write_log(
        &self,
        _endpoint: &str,
        _deployment: &str,
        _container: Container,
        _line: &str,
    ) {
    }

    /// What was asked and answered, minute by minute, in `from..to`.
    pub fn traffic(
        &self,
        _endpoint: &str,
        _from: OffsetDateTime,
        _to: OffsetDateTime,
    ) -> Vec<MinuteTraffic> {
        Vec::new()
    }

    /// Answers one request to an endpoint's scoring URI, or to the `swagger.json` beside it.
    pub async fn score<B>(&self, _endpoint: &str, _request: Request<B>) -> Response<ScoreBody>
    where
        B: http_body::Body<Data = Bytes> + Send,
        B::Error: Into<BodyError>,
    {
        let mut response = Response::new(Full::default());
        *response.status_mut() = http::StatusCode::NOT_FOUND;
        response
    }

    /// Drains and ends everything.
    pub async fn shutdown(&self) {
        let _ = &self.inner;
    }
}
