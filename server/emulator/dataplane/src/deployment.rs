//! One generation of a deployment: its instances, its admission limit, and its drain.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use http::Uri;
use tokio::sync::Notify;

use crate::connection::{Backend, Lane};
use crate::failure::StartFailure;
use crate::process::Launch;
use crate::recorder::Recorder;
use crate::spec::{DeploymentSpec, InstanceStatus};
use crate::supervised::Supervised;
use crate::supervisor::Instance;

/// The traffic of a deployment over all its generations.
#[derive(Default)]
pub(crate) struct DeploymentTraffic {
    pub(crate) live: Recorder,
    pub(crate) mirrored: Recorder,
}

/// A generation of a deployment. Its instances stop when the last reference is dropped.
pub(crate) struct Deployment {
    pub(crate) name: String,
    pub(crate) request_timeout: Duration,
    /// How many requests may be in flight before callers get 429.
    pub(crate) in_flight_max: usize,
    pub(crate) traffic: Arc<DeploymentTraffic>,
    /// The path of scoring requests.
    pub(crate) scoring: Uri,
    instances: Vec<Supervised>,
    /// By lane, because clients and copies are counted differently.
    in_flight: [AtomicUsize; 2],
    is_draining: AtomicBool,
    drained: Notify,
    next: AtomicUsize,
}

/// Why a deployment does not accept a request.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// It is draining; the current rules name another generation, or another deployment.
    Draining,
    /// Too many requests are in flight.
    Busy,
}

/// A request's place in a deployment; dropping it frees the place.
pub(crate) struct Admission {
    pub(crate) deployment: Arc<Deployment>,
    lane: Lane,
}

/// The instance for a request. It counts the request as in flight until dropped.
pub(crate) struct Chosen {
    pub(crate) backend: Arc<Backend>,
    instance: Arc<Instance>,
}

impl Deployment {
    /// Starts the instances. `generation` must be unique in the working folder.
    pub(crate) fn start(
        launch: &Arc<Launch>,
        generation: &str,
        traffic: Arc<DeploymentTraffic>,
    ) -> Deployment {
        let DeploymentSpec { name, instances, request_timeout, .. } = &launch.spec;
        let per_instance = launch.spec.max_concurrent_requests_per_instance as usize;
        let scoring = launch.spec.program().and_then(|own| own.routes.scoring.parse().ok());
        let supervise = |n| {
            let id = format!("{name}-{generation}-{n}");
            Supervised::start(id, format!("{generation}-{n}"), launch.clone())
        };
        Deployment {
            name: name.clone(),
            request_timeout: *request_timeout,
            in_flight_max: 2 * per_instance.max(1) * *instances as usize,
            traffic,
            scoring: scoring.unwrap_or(Uri::from_static("/score")),
            instances: (0..*instances).map(supervise).collect(),
            in_flight: [AtomicUsize::new(0), AtomicUsize::new(0)],
            is_draining: AtomicBool::new(false),
            drained: Notify::new(),
            next: AtomicUsize::new(0),
        }
    }

    /// Resolves when every instance is ready, or when one has failed to start.
    pub(crate) async fn started(&self) -> Result<(), StartFailure> {
        futures::future::try_join_all(self.instances.iter().map(Supervised::started)).await?;
        Ok(())
    }

    pub(crate) fn statuses(&self) -> impl Iterator<Item = InstanceStatus> {
        self.instances.iter().map(|supervised| supervised.instance.status())
    }

    /// Admits a request if there is room. Copies only use what clients leave, and never cause a client to
    /// be rejected. A shadow can therefore be called by name, or go live, while copies are still in flight.
    pub(crate) fn admit(self: &Arc<Deployment>, lane: Lane) -> Result<Admission, Refusal> {
        let mut before = self.in_flight[lane as usize].fetch_add(1, Ordering::SeqCst);
        let admission = Admission { deployment: self.clone(), lane };
        if lane == Lane::Mirrored {
            before += self.in_flight[Lane::Live as usize].load(Ordering::SeqCst);
        }
        // Checked after counting: a drain that does not see this request is visible here.
        if self.is_draining.load(Ordering::SeqCst) {
            return Err(Refusal::Draining);
        }
        if before >= self.in_flight_max {
            return Err(Refusal::Busy);
        }
        Ok(admission)
    }

    /// The ready instance with the fewest requests in flight. Avoids `avoided` if there is another one.
    pub(crate) fn choose(&self, avoided: Option<&Chosen>) -> Option<Chosen> {
        let count = self.instances.len();
        // Ties rotate, so that idle instances share the work.
        let first = self.next.fetch_add(1, Ordering::Relaxed) % count.max(1);
        let all = (0..count).map(|n| &self.instances[(first + n) % count].instance);
        let cost = |instance: &Arc<Instance>| {
            let is_avoided = avoided.is_some_and(|chosen| Arc::ptr_eq(&chosen.instance, instance));
            (is_avoided, instance.in_flight.load(Ordering::Relaxed))
        };
        let ready = all.filter_map(|instance| Some((instance, instance.backend.load_full()?)));
        let (instance, backend) = ready.min_by_key(|(instance, _)| cost(instance))?;
        instance.in_flight.fetch_add(1, Ordering::Relaxed);
        Some(Chosen { backend, instance: instance.clone() })
    }

    /// Rejects new requests, and resolves when those in flight are answered. The rules must already point
    /// elsewhere.
    pub(crate) async fn drain(&self) {
        self.is_draining.store(true, Ordering::SeqCst);
        loop {
            let drained = self.drained.notified();
            if self.is_idle() {
                return;
            }
            drained.await;
        }
    }

    fn is_idle(&self) -> bool {
        self.in_flight.iter().all(|lane| lane.load(Ordering::SeqCst) == 0)
    }

    pub(crate) fn request_stop(&self) {
        self.instances.iter().for_each(Supervised::request_stop);
    }

    /// Stops all processes.
    pub(crate) async fn stop(&self) {
        self.request_stop();
        futures::future::join_all(self.instances.iter().map(Supervised::stop)).await;
    }
}

impl Drop for Admission {
    fn drop(&mut self) {
        let Admission { deployment, lane } = self;
        deployment.in_flight[*lane as usize].fetch_sub(1, Ordering::SeqCst);
        if deployment.is_draining.load(Ordering::SeqCst) && deployment.is_idle() {
            // The drain subscribes before it checks the counts, so it never misses this notification.
            deployment.drained.notify_waiters();
        }
    }
}

impl Drop for Chosen {
    fn drop(&mut self) {
        self.instance.in_flight.fetch_sub(1, Ordering::Relaxed);
    }
}
