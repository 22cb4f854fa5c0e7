//! Copies of live requests for a shadow.
//!
//! No client may notice the shadow. A copy goes into a bounded queue, and is dropped (and counted) if the
//! queue is full. A separate thread with its own runtime sends it, at a lower priority than the router's
//! and over its own connections. The answer is recorded and dropped.

use std::sync::Arc;
use std::thread;
use std::time::Instant;

use futures::StreamExt;
use futures::stream::FuturesUnordered;
use rand::Rng;
use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};

use crate::answer::Reply;
use crate::clock::Clock;
use crate::connection::Lane;
use crate::endpoint::{Endpoint, Routes, Target};
use crate::forward::{Call, forward};

/// How many copies may wait, per endpoint: enough for the pauses of a thread with low priority.
const QUEUE_MAX: usize = 8_192;
/// How much memory their bodies may take, per endpoint, in KiB.
const QUEUE_KIB_MAX: usize = 64 << 10;
/// How many copies may be in flight, per endpoint, unless the shadow's own limit is lower.
const UNDER_WAY_MAX: usize = 64;
/// The niceness of the mirror's thread: if CPU time is short, clients come first.
#[cfg(target_os = "linux")]
const NICENESS: i32 = 10;

pub(crate) struct Copy {
    endpoint: Arc<Endpoint>,
    routes: Arc<Routes>,
    call: Call,
    /// The memory that it takes; freed when the copy has been sent.
    _room: OwnedSemaphorePermit,
}

/// The queue of an endpoint's copies.
pub(crate) struct Outbox {
    queue: mpsc::Sender<Copy>,
    room: Arc<Semaphore>,
}

/// The thread that sends copies. It ends when this is dropped.
pub(crate) struct MirrorThread {
    runtime: Handle,
    _stop: oneshot::Sender<()>,
}

impl Outbox {
    /// Decides at random whether a request is mirrored, and queues a copy if so. Returns at once.
    pub(crate) fn offer(&self, endpoint: &Arc<Endpoint>, clock: &Clock, call: &Call) {
        let view = endpoint.view();
        let Some(routes) = &view.rules else { return };
        let Some((shadow, percent)) = &routes.rules.mirror else { return };
        if *percent < 100 && rand::rng().random_range(0..100) >= *percent {
            return;
        }
        let room = self.room.clone().try_acquire_many_owned(kib(call.body.len()));
        let (Ok(place), Ok(room)) = (self.queue.try_reserve(), room) else {
            endpoint.traffic_of(shadow).mirrored.record_dropped(clock.now());
            return;
        };
        let (endpoint, routes, call) = (endpoint.clone(), routes.clone(), call.clone());
        place.send(Copy { endpoint, routes, call, _room: room });
    }
}

/// The memory of a body, rounded up so that every copy counts.
fn kib(bytes: usize) -> u32 {
    u32::try_from(bytes / 1_024 + 1).unwrap_or(u32::MAX)
}

impl MirrorThread {
    pub(crate) fn start() -> std::io::Result<MirrorThread> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let handle = runtime.handle().clone();
        let (stop, stopped) = oneshot::channel::<()>();
        thread::Builder::new().name("mirror".to_owned()).spawn(move || {
            step_back();
            // Resolves with an error when the sender is dropped, which ends the thread.
            let _ = runtime.block_on(stopped);
        })?;
        Ok(MirrorThread { runtime: handle, _stop: stop })
    }

    /// The queue of a new endpoint, and a task that empties it.
    pub(crate) fn outbox(&self, clock: Clock) -> Outbox {
        let (queue, copies) = mpsc::channel(QUEUE_MAX);
        self.runtime.spawn(send_all(copies, clock));
        Outbox { queue, room: Arc::new(Semaphore::new(QUEUE_KIB_MAX)) }
    }
}

#[cfg(target_os = "linux")]
fn step_back() {
    // On Linux, priorities are per thread, although the call names processes.
    let thread = rustix::thread::gettid();
    if let Err(error) = rustix::process::setpriority_process(Some(thread), NICENESS) {
        tracing::warn!(%error, "the mirror's thread runs at normal priority");
    }
}

#[cfg(not(target_os = "linux"))]
fn step_back() {}

/// Sends copies until the endpoint is removed and the last of its copies is answered.
async fn send_all(mut queue: mpsc::Receiver<Copy>, clock: Clock) {
    let mut under_way = FuturesUnordered::new();
    let mut under_way_max = UNDER_WAY_MAX;
    loop {
        tokio::select! {
            copy = queue.recv(), if under_way.len() < under_way_max => {
                let Some(copy) = copy else { break };
                // Copies wait in the queue, so that a shadow with few instances does not reject them.
                under_way_max = copy.shadow_limit().clamp(1, UNDER_WAY_MAX);
                under_way.push(copy.send(&clock));
            }
            Some(()) = under_way.next() => {}
        }
    }
    // The removal of an endpoint fails no request in flight, and copies are treated in the same way.
    while under_way.next().await.is_some() {}
}

impl Copy {
    fn shadow(&self) -> &str {
        // Only rules with a mirror make copies.
        self.routes.rules.mirror.as_ref().map_or("", |(shadow, _)| shadow)
    }

    fn shadow_limit(&self) -> usize {
        let view = self.endpoint.view();
        view.deployments.get(self.shadow()).map_or(UNDER_WAY_MAX, |shadow| shadow.in_flight_max)
    }

    async fn send(self, clock: &Clock) {
        let since = Instant::now();
        let (reply, traffic) =
            match self.endpoint.admit(Target::Named(self.shadow()), Lane::Mirrored) {
                Ok(admission) => {
                    let deployment = &admission.deployment;
                    let forwarded = forward(deployment, Lane::Mirrored, &self.call).await;
                    (Reply::forwarded(forwarded), deployment.traffic.clone())
                }
                Err(unadmitted) => {
                    (Reply::unadmitted(&unadmitted), self.endpoint.traffic_of(self.shadow()))
                }
            };
        traffic.mirrored.record(clock.now(), reply.outcome(since, self.call.body.len()));
    }
}
