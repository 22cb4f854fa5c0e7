//! The data plane's interface for the control plane.

use std::collections::HashMap;
use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use arc_swap::ArcSwap;
use bytes::Bytes;
use http::{Request, Response};
use parking_lot::Mutex;
use time::OffsetDateTime;

use crate::answer::ScoreBody;
use crate::clock::Clock;
use crate::deployment::Deployment;
use crate::endpoint::{Endpoint, Start, named};
use crate::failure::StartFailure;
use crate::log::Container;
use crate::mirror::{MirrorThread, Outbox};
use crate::observer::{Observer, SeenLine, Tap};
use crate::process::Launch;
use crate::router::{self, BodyError, Way};
use crate::rules::EndpointRules;
use crate::spec::{DeploymentSpec, InstanceStatus};
use crate::traffic::{MinuteTraffic, PastRequest};

/// The configuration of a data plane.
#[derive(Clone, Debug)]
pub struct DataPlaneConfig {
    /// The program that serves a model, and its leading arguments; `--model FILE --name NAME …` is appended
    /// (see [`crate::instance::InstanceArgs`]).
    pub instance_command: Vec<OsString>,
    pub clock: Clock,
    /// The folder of the instances' sockets and temporary files. It is created if missing, but not its parent, which its
    /// owner may have removed at the end.
    pub work_dir: PathBuf,
}

/// Everything behind the scoring URIs. Clones share it.
#[derive(Clone)]
pub struct DataPlane {
    inner: Arc<Inner>,
}

struct Inner {
    config: DataPlaneConfig,
    endpoints: ArcSwap<HashMap<String, Arc<Served>>>,
    /// Held while the endpoints are replaced, so that no change is lost.
    writing: Mutex<()>,
    mirror: MirrorThread,
    tap: Tap,
    next_generation: AtomicU32,
}

/// An endpoint, and the queue of copies for its shadow.
struct Served {
    name: String,
    endpoint: Arc<Endpoint>,
    copies: Outbox,
}

impl DataPlane {
    /// A data plane without endpoints.
    ///
    /// # Panics
    ///
    /// If the system cannot start a thread for the mirror.
    pub fn new(config: DataPlaneConfig) -> DataPlane {
        let inner = Inner {
            config,
            endpoints: ArcSwap::default(),
            writing: Mutex::default(),
            mirror: MirrorThread::start().expect("a process that starts can start a thread"),
            tap: Tap::default(),
            next_generation: AtomicU32::new(0),
        };
        DataPlane { inner: Arc::new(inner) }
    }

    /// Shows everything to an observer from now on. There is at most one.
    pub fn observe(&self, observer: Arc<dyn Observer>) {
        self.inner.tap.set(observer);
    }

    /// Creates an endpoint, or replaces its rules in one step. This fails no request in flight.
    pub fn set_endpoint(&self, endpoint: &str, rules: EndpointRules) {
        self.inner.endpoint_or_new(endpoint).set_rules(rules);
    }

    /// Removes an endpoint, its logs and its traffic. Its instances stop when their requests are answered.
    pub fn remove_endpoint(&self, endpoint: &str) {
        let Some(served) = self.inner.change(|endpoints| endpoints.remove(endpoint)) else {
            return;
        };
        for deployment in served.endpoint.deployment_names() {
            // Requests in flight keep their own reference; the last one to end stops the instances.
            drop(served.endpoint.take_deployment(&deployment));
        }
    }

    /// Starts a deployment's instances, and resolves when all are ready. Until then, an older generation of
    /// the same name serves; it is drained before this resolves. Dropping the future cancels the start.
    pub async fn start_deployment(
        &self,
        endpoint: &str,
        spec: DeploymentSpec,
    ) -> Result<(), StartFailure> {
        let name = endpoint;
        let endpoint = self.inner.endpoint_or_new(name);
        let deployment = self.inner.launch(name, &endpoint, spec)?;
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

    /// Takes a deployment out of service, waits for its requests in flight, and stops its processes.
    /// Removes its logs, but not its traffic.
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

    /// Whether a deployment is in service. It is from the moment when all its instances are ready, also while they are
    /// restarted later, until it is stopped.
    pub fn serves(&self, endpoint: &str, deployment: &str) -> bool {
        self.inner.endpoint(endpoint).is_some_and(|endpoint| endpoint.serves(deployment))
    }

    /// The last `tail` lines of a container's log; `None` if nothing was ever written to it.
    pub fn log(
        &self,
        endpoint: &str,
        deployment: &str,
        container: Container,
        tail: usize,
    ) -> Option<String> {
        Some(self.inner.endpoint(endpoint)?.log(deployment, container)?.tail(tail))
    }

    /// Writes a line to a container's log, even before the deployment is started.
    pub fn write_log(&self, endpoint: &str, deployment: &str, container: Container, line: &str) {
        let at = self.inner.config.clock.now();
        if let Some(observer) = self.inner.tap.get() {
            let text = line;
            let instance = None;
            observer.line(&SeenLine { at, endpoint, deployment, container, instance, text });
        }
        let endpoint = self.inner.endpoint_or_new(endpoint);
        endpoint.log_or_new(deployment, container).write(at, line);
    }

    /// Counts requests of the past, oldest first, that a deployment answered, or nobody. They must be older than what is
    /// recorded now, or from another minute.
    pub fn import_traffic(
        &self,
        endpoint: &str,
        deployment: Option<&str>,
        requests: impl Iterator<Item = PastRequest>,
    ) {
        self.inner.endpoint_or_new(endpoint).import(deployment, requests);
    }

    /// The traffic in `from..to`, minute by minute. A minute without requests has no entry.
    pub fn traffic(
        &self,
        endpoint: &str,
        from: OffsetDateTime,
        to: OffsetDateTime,
    ) -> Vec<MinuteTraffic> {
        self.inner.endpoint(endpoint).map_or_else(Vec::new, |endpoint| endpoint.traffic(from, to))
    }

    /// Answers one request to an endpoint's scoring URI, or to the `swagger.json` next to it.
    pub async fn score<B>(&self, endpoint: &str, request: Request<B>) -> Response<ScoreBody>
    where
        B: http_body::Body<Data = Bytes>,
        B::Error: Into<BodyError>,
    {
        match self.inner.served(endpoint) {
            Some(served) => {
                let Served { name, endpoint, copies } = &*served;
                let Inner { config, tap, .. } = &*self.inner;
                let way = Way { name, endpoint, copies, clock: &config.clock, tap };
                router::score(way, request).await
            }
            None => router::no_endpoint(request.headers()),
        }
    }

    /// Drains and stops everything, and removes all endpoints.
    pub async fn shutdown(&self) {
        let endpoints = self.inner.change(std::mem::take);
        let ends = endpoints.values().flat_map(|served| {
            let names = served.endpoint.deployment_names();
            names.into_iter().flat_map(|name| served.endpoint.take_deployment(&name))
        });
        let ends: Vec<_> = ends.collect();
        futures::future::join_all(ends.iter().map(end)).await;
    }
}

impl Inner {
    /// An endpoint by its name, which is part of a DNS name and therefore not case-sensitive.
    fn served(&self, name: &str) -> Option<Arc<Served>> {
        let endpoints = self.endpoints.load();
        endpoints.get(name).or_else(|| named(endpoints.iter(), name)).cloned()
    }

    fn endpoint(&self, name: &str) -> Option<Arc<Endpoint>> {
        self.served(name).map(|served| served.endpoint.clone())
    }

    fn endpoint_or_new(&self, name: &str) -> Arc<Endpoint> {
        if let Some(endpoint) = self.endpoint(name) {
            return endpoint;
        }
        self.change(|endpoints| {
            let copies = || self.mirror.outbox(self.config.clock.clone());
            let new = || {
                Arc::new(Served {
                    name: name.to_owned(),
                    endpoint: Arc::default(),
                    copies: copies(),
                })
            };
            endpoints.entry(name.to_owned()).or_insert_with(new).endpoint.clone()
        })
    }

    fn change<T>(&self, change: impl FnOnce(&mut HashMap<String, Arc<Served>>) -> T) -> T {
        let _writing = self.writing.lock();
        let mut endpoints = HashMap::clone(&self.endpoints.load());
        let result = change(&mut endpoints);
        self.endpoints.store(Arc::new(endpoints));
        result
    }

    /// Starts the instances of a new generation.
    fn launch(
        &self,
        name: &str,
        endpoint: &Endpoint,
        spec: DeploymentSpec,
    ) -> Result<Arc<Deployment>, StartFailure> {
        let DataPlaneConfig { instance_command, clock, work_dir } = &self.config;
        match std::fs::create_dir(work_dir) {
            Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => {
                return Err(StartFailure::Spawn { reason: error.to_string() });
            }
            _ => {}
        }
        let launch = Launch {
            command: instance_command.clone(),
            work_dir: work_dir.clone(),
            log: endpoint.log_or_new(&spec.name, Container::InferenceServer),
            clock: clock.clone(),
            endpoint: name.to_owned(),
            tap: self.tap.clone(),
            spec,
        };
        // Unique even if another process uses the same folder.
        let number = self.next_generation.fetch_add(1, Ordering::Relaxed);
        let generation = format!("{:x}-{number:x}", std::process::id());
        let traffic = endpoint.traffic_of(&launch.spec.name);
        let deployment = Arc::new(Deployment::start(&Arc::new(launch), &generation, traffic));
        endpoint.begin_start(&deployment);
        Ok(deployment)
    }
}

/// Drains a generation that no rule names any more, and stops it.
async fn end(deployment: &Arc<Deployment>) {
    deployment.drain().await;
    deployment.stop().await;
}
