//! The data plane as the control plane sees it.

use std::collections::HashMap;
use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use time::OffsetDateTime;

use crate::clock::Clock;
use crate::deployment::Deployment;
use crate::endpoint::Endpoint;
use crate::failure::StartFailure;
use crate::log::Container;
use crate::mirror::MirrorThread;
use crate::process::Launch;
use crate::router;
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
    inner: Arc<Inner>,
}

struct Inner {
    config: DataPlaneConfig,
    endpoints: ArcSwap<HashMap<String, Arc<Endpoint>>>,
    /// Held while the endpoints are replaced, so that no change is lost.
    writing: Mutex<()>,
    mirror: MirrorThread,
    next_generation: AtomicU32,
}

impl DataPlane {
    /// A data plane without endpoints.
    ///
    /// # Panics
    ///
    /// If the system has no thread left for the mirror.
    pub fn new(config: DataPlaneConfig) -> DataPlane {
        let inner = Inner {
            config,
            endpoints: ArcSwap::default(),
            writing: Mutex::default(),
            mirror: MirrorThread::start().expect("a process that starts can start a thread"),
            next_generation: AtomicU32::new(0),
        };
        DataPlane { inner: Arc::new(inner) }
    }

    /// Creates an endpoint, or replaces its rules in one step. Requests under way are never failed by it.
    pub fn set_endpoint(&self, endpoint: &str, rules: EndpointRules) {
        self.inner.endpoint_or_new(endpoint).set_rules(rules);
    }

    /// Forgets an endpoint, its logs and its traffic. What still runs in it ends once its requests are answered.
    pub fn remove_endpoint(&self, endpoint: &str) {
        let Some(endpoint) = self.inner.change(|endpoints| endpoints.remove(endpoint)) else {
            return;
        };
        for deployment in endpoint.deployment_names() {
            // Dropped here, kept by requests under way; the last one to go stops the instances.
            drop(endpoint.take_deployment(&deployment));
        }
    }

    /// Starts a deployment's instances and resolves when all are ready. An older generation of the same name serves
    /// until then; it is drained afterwards, before this resolves. When the future is dropped, so is the start.
    pub async fn start_deployment(
        &self,
        endpoint: &str,
        spec: DeploymentSpec,
    ) -> Result<(), StartFailure> {
        let endpoint = self.inner.endpoint_or_new(endpoint);
        let deployment = self.inner.launch(&endpoint, spec)?;
        let start = Start { endpoint: &endpoint, deployment: &deployment };
        if let Err(failure) = deployment.started().await {
            drop(start);
            deployment.stop().await;
            return Err(failure);
        }
        match endpoint.finish_start(&deployment) {
            Ok(Some(older)) => end(&older).await,
            Ok(None) => {}
            Err(()) => {
                deployment.stop().await;
                return Err(StartFailure::Cancelled);
            }
        }
        Ok(())
    }

    /// Takes a deployment out of service, waits for its requests under way, then ends its processes. Its logs are
    /// forgotten, its traffic is not.
    pub async fn stop_deployment(&self, endpoint: &str, deployment: &str) {
        let Some(endpoint) = self.inner.endpoint(endpoint) else { return };
        for generation in endpoint.take_deployment(deployment) {
            end(&generation).await;
        }
    }

    /// The instances of a deployment: those in service, then those of a generation that is still starting.
    pub fn instances(&self, endpoint: &str, deployment: &str) -> Vec<InstanceStatus> {
        let Some(endpoint) = self.inner.endpoint(endpoint) else { return Vec::new() };
        let generations = endpoint.generations(deployment);
        generations.iter().flat_map(|generation| generation.statuses()).collect()
    }

    /// The last `tail` lines of a container's log; none if nothing was ever written to it.
    pub fn log(
        &self,
        endpoint: &str,
        deployment: &str,
        container: Container,
        tail: usize,
    ) -> Option<String> {
        Some(self.inner.endpoint(endpoint)?.log(deployment, container)?.tail(tail))
    }

    /// Writes a line to a container's log, also before the deployment is started.
    pub fn write_log(&self, endpoint: &str, deployment: &str, container: Container, line: &str) {
        let endpoint = self.inner.endpoint_or_new(endpoint);
        endpoint.log_or_new(deployment, container).write(self.inner.config.clock.now(), line);
    }

    /// What was asked and answered, minute by minute, in `from..to`. A minute without requests has no entry.
    pub fn traffic(
        &self,
        endpoint: &str,
        from: OffsetDateTime,
        to: OffsetDateTime,
    ) -> Vec<MinuteTraffic> {
        self.inner.endpoint(endpoint).map_or_else(Vec::new, |endpoint| endpoint.traffic(from, to))
    }

    /// Answers one request to an endpoint's scoring URI, or to the `swagger.json` beside it.
    pub async fn score<B>(&self, endpoint: &str, request: Request<B>) -> Response<ScoreBody>
    where
        B: http_body::Body<Data = Bytes>,
        B::Error: Into<BodyError>,
    {
        match self.inner.endpoint(endpoint) {
            Some(endpoint) => router::score(&endpoint, &self.inner.config.clock, request).await,
            None => router::no_endpoint(request.headers()),
        }
    }

    /// Drains and ends everything, and forgets all endpoints.
    pub async fn shutdown(&self) {
        let endpoints = self.inner.change(std::mem::take);
        let ends = endpoints.values().flat_map(|endpoint| {
            let names = endpoint.deployment_names();
            names.into_iter().flat_map(|name| endpoint.take_deployment(&name))
        });
        let ends: Vec<_> = ends.collect();
        futures::future::join_all(ends.iter().map(end)).await;
    }
}

/// A start under way; abandoned when dropped, unless it was finished.
struct Start<'a> {
    endpoint: &'a Endpoint,
    deployment: &'a Arc<Deployment>,
}

impl Drop for Start<'_> {
    fn drop(&mut self) {
        self.endpoint.abandon_start(self.deployment);
    }
}

impl Inner {
    /// An endpoint by its name, which stands for a DNS label: case does not matter.
    fn endpoint(&self, name: &str) -> Option<Arc<Endpoint>> {
        let endpoints = self.endpoints.load();
        endpoints.get(name).or_else(|| named(endpoints.iter(), name)).cloned()
    }

    fn endpoint_or_new(&self, name: &str) -> Arc<Endpoint> {
        if let Some(endpoint) = self.endpoint(name) {
            return endpoint;
        }
        self.change(|endpoints| {
            let new = || Arc::new(Endpoint::new(self.mirror.outbox(self.config.clock.clone())));
            endpoints.entry(name.to_owned()).or_insert_with(new).clone()
        })
    }

    fn change<T>(&self, change: impl FnOnce(&mut HashMap<String, Arc<Endpoint>>) -> T) -> T {
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let mut endpoints = HashMap::clone(&self.endpoints.load());
        let result = change(&mut endpoints);
        self.endpoints.store(Arc::new(endpoints));
        result
    }

    /// Starts the instances of a new generation.
    fn launch(
        &self,
        endpoint: &Endpoint,
        spec: DeploymentSpec,
    ) -> Result<Arc<Deployment>, StartFailure> {
        let DataPlaneConfig { instance_command, clock, work_dir } = &self.config;
        std::fs::create_dir_all(work_dir)
            .map_err(|error| StartFailure::Spawn { reason: error.to_string() })?;
        let launch = Launch {
            command: instance_command.clone(),
            work_dir: work_dir.clone(),
            log: endpoint.log_or_new(&spec.name, Container::InferenceServer),
            clock: clock.clone(),
            spec,
        };
        // Unique even if another process works in the same folder.
        let number = self.next_generation.fetch_add(1, Ordering::Relaxed);
        let generation = format!("{:x}-{number:x}", std::process::id());
        let traffic = endpoint.traffic_of(&launch.spec.name);
        let deployment = Arc::new(Deployment::start(&Arc::new(launch), &generation, traffic));
        endpoint.begin_start(&deployment);
        Ok(deployment)
    }
}

/// What bears a name in another case, after a look-up by the name as given found nothing.
pub(crate) fn named<'a, T>(
    mut all: impl Iterator<Item = (&'a String, &'a T)>,
    name: &str,
) -> Option<&'a T> {
    all.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

/// Drains a generation that no rule leads to any more, and ends it.
async fn end(deployment: &Arc<Deployment>) {
    deployment.drain().await;
    deployment.stop().await;
}
