//! Supervises one instance over all its processes: starts, probes, restarts, gives up and stops them.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::time::Duration;

use arc_swap::ArcSwapOption;
use parking_lot::Mutex;
use tokio::sync::watch;
use tokio::time::Instant;

use crate::connection::Backend;
use crate::failure::StartFailure;
use crate::health::Health;
use crate::observer::ContainerEvent;
use crate::process::{Announced, Announcing, Launch, Process};
use crate::spec::{InstanceState, InstanceStatus, Probe};

/// A new instance is given up after this many restarts without ever being ready.
const START_RESTARTS_MAX: u32 = 5;
const BACKOFF_FIRST: Duration = Duration::from_millis(50);
const BACKOFF_MAX: Duration = Duration::from_secs(10);
/// An instance that was ready for this long starts again with short delays.
const STABLE_AFTER: Duration = Duration::from_secs(10);
const TAIL_LINES: usize = 20;

/// What the router sees of an instance.
pub(crate) struct Instance {
    id: String,
    /// Where requests go; `None` unless the instance is ready.
    pub(crate) backend: ArcSwapOption<Backend>,
    pub(crate) in_flight: AtomicUsize,
    restarts: AtomicU32,
    state: Mutex<(InstanceState, Option<u32>)>,
}

/// The outcome of the first start.
#[derive(Clone, Debug)]
pub(crate) enum Start {
    Pending,
    Ready,
    Failed(StartFailure),
}

/// The task that supervises one instance.
pub(crate) struct Supervisor {
    instance: Arc<Instance>,
    launch: Arc<Launch>,
    socket_name: String,
    stop: watch::Receiver<bool>,
    start: watch::Sender<Start>,
    ready_since: Option<Instant>,
}

/// How a process ended.
enum End {
    Stopped,
    GivenUp(StartFailure),
    Died(String),
}

impl Instance {
    pub(crate) fn new(id: String) -> Instance {
        Instance {
            id,
            backend: ArcSwapOption::empty(),
            in_flight: AtomicUsize::new(0),
            restarts: AtomicU32::new(0),
            state: Mutex::new((InstanceState::Starting, None)),
        }
    }

    pub(crate) fn status(&self) -> InstanceStatus {
        let (state, pid) = *self.state.lock();
        let restarts = self.restarts.load(Ordering::Relaxed);
        InstanceStatus { id: self.id.clone(), state, restarts, pid }
    }

    fn set_state(&self, state: InstanceState, pid: Option<u32>) {
        *self.state.lock() = (state, pid);
    }
}

impl Supervisor {
    pub(crate) fn new(
        instance: Arc<Instance>,
        launch: Arc<Launch>,
        socket_name: String,
        stop: watch::Receiver<bool>,
        start: watch::Sender<Start>,
    ) -> Supervisor {
        Supervisor { instance, launch, socket_name, stop, start, ready_since: None }
    }

    /// Runs until the instance is stopped or given up.
    pub(crate) async fn run(mut self) {
        let mut backoff = BACKOFF_FIRST;
        loop {
            let end = self.live().await;
            self.instance.backend.store(None);
            let was_stable =
                self.ready_since.take().is_some_and(|since| since.elapsed() > STABLE_AFTER);
            match end {
                End::Stopped => break self.finish(StartFailure::Cancelled),
                End::GivenUp(failure) => break self.finish(failure),
                End::Died(how) => {
                    if was_stable {
                        backoff = BACKOFF_FIRST;
                    }
                    if let Some(failure) = self.crash_loop() {
                        self.log(&format!("{how}; given up"));
                        break self.finish(failure);
                    }
                    self.log(&format!("{how}; restarting in {} ms", backoff.as_millis()));
                    self.show(ContainerEvent::BackOff, "Back-off restarting failed container");
                }
            }
            self.instance.set_state(InstanceState::BackOff, None);
            let is_stopped = tokio::select! {
                () = tokio::time::sleep(backoff) => false,
                _ = self.stop.wait_for(|stop| *stop) => true,
            };
            if is_stopped {
                break self.finish(StartFailure::Cancelled);
            }
            backoff = (backoff * 2).min(BACKOFF_MAX);
            self.instance.restarts.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Runs one process from its start to its end.
    async fn live(&mut self) -> End {
        self.instance.set_state(InstanceState::Starting, None);
        let restarts = self.instance.restarts.load(Ordering::Relaxed);
        let socket = format!("{}-{restarts}.sock", self.socket_name);
        let (mut process, announced) = match self.launch.start(&self.instance.id, &socket) {
            Ok(started) => started,
            Err(error) if self.is_starting() => {
                return End::GivenUp(StartFailure::Spawn { reason: error.to_string() });
            }
            Err(error) => return End::Died(format!("the process could not be started: {error}")),
        };
        self.instance.set_state(InstanceState::Starting, process.pid());
        self.launch.show_start(&self.instance.id);
        let mut stop = self.stop.clone();
        let end = tokio::select! {
            // If the sender was dropped, the deployment is gone, which also means stop.
            _ = stop.wait_for(|stop| *stop) => None,
            end = self.attend(&mut process, announced) => Some(end),
        };
        self.instance.backend.store(None);
        match end {
            None => {
                self.show(ContainerEvent::Killing, "Stopping container inference-server");
                process.end().await;
                End::Stopped
            }
            Some(end) => {
                process.kill().await;
                end
            }
        }
    }

    /// Supervises a process until it ends or must be ended.
    async fn attend(&mut self, process: &mut Process, announced: Announcing) -> End {
        let pid = process.pid();
        let announced = tokio::select! {
            // An announcement that has already arrived counts, even if the process has ended since.
            biased;
            announced = announced => announced,
            status = process.ended() => return died(status),
            () = self.given_time() => {
                return self.not_alive(self.launch.spec.liveness.failure_threshold);
            }
        };
        let Ok(Announced { address, pid: own }) = announced else {
            // Its output is closed, so the process is about to end.
            return died(process.ended().await);
        };
        // A supervised program has its own process.
        let pid = own.or(pid);
        let backend = Arc::new(Backend::new(address));
        tokio::select! {
            status = process.ended() => died(status),
            end = self.probe(&backend, pid) => end,
        }
    }

    /// Ends when a program should long have listened on its port.
    async fn given_time(&self) {
        let Probe { initial_delay, period, failure_threshold, .. } = self.launch.spec.liveness;
        match self.launch.spec.program() {
            Some(_) => tokio::time::sleep(initial_delay + period * failure_threshold.max(1)).await,
            None => std::future::pending().await,
        }
    }

    /// Probes forever; returns when the process should be ended.
    async fn probe(&mut self, backend: &Arc<Backend>, pid: Option<u32>) -> End {
        let spec = &self.launch.spec;
        let mut liveness = Health::liveness(spec.liveness, spec.program());
        let mut readiness = Health::readiness(spec.readiness, spec.program());
        loop {
            tokio::time::sleep_until(liveness.due.min(readiness.due)).await;
            let is_starting = self.ready_since.is_none();
            liveness.check(backend, is_starting).await;
            if liveness.verdict == Some(false) {
                return self.not_alive(liveness.failures);
            }
            readiness.check(backend, is_starting).await;
            match readiness.verdict {
                Some(true) if liveness.verdict == Some(true) => self.set_ready(backend, pid),
                Some(false) if self.is_starting() => {
                    self.launch.show_unready(&self.instance.id, readiness.failures);
                    return End::GivenUp(StartFailure::ReadinessProbe {
                        instance: self.instance.id.clone(),
                        failures: readiness.failures,
                        log_tail: self.launch.log.tail(TAIL_LINES),
                    });
                }
                Some(false) => self.set_unready(pid, readiness.failures),
                _ => {}
            }
        }
    }

    fn not_alive(&self, failures: u32) -> End {
        let message = format!("Liveness probe failed {failures} times");
        self.show(ContainerEvent::LivenessProbeFailed, &message);
        if !self.is_starting() {
            return End::Died(format!("the liveness probe failed {failures} times"));
        }
        End::GivenUp(StartFailure::LivenessProbe {
            instance: self.instance.id.clone(),
            failures,
            log_tail: self.launch.log.tail(TAIL_LINES),
        })
    }

    fn set_ready(&mut self, backend: &Arc<Backend>, pid: Option<u32>) {
        if self.instance.backend.load().is_some() {
            return;
        }
        // Anybody who reads that it is ready must find it answering.
        self.instance.backend.store(Some(backend.clone()));
        self.instance.set_state(InstanceState::Ready, pid);
        self.ready_since.get_or_insert_with(Instant::now);
        self.log(&format!("is ready at {}", backend.address));
        self.start.send_replace(Start::Ready);
    }

    fn set_unready(&self, pid: Option<u32>, failures: u32) {
        if self.instance.backend.swap(None).is_some() {
            self.launch.show_unready(&self.instance.id, failures);
            self.log("is no longer ready and gets no requests");
        }
        self.instance.set_state(InstanceState::Unready, pid);
    }

    /// Whether the instance has never been ready.
    fn is_starting(&self) -> bool {
        matches!(*self.start.borrow(), Start::Pending)
    }

    fn crash_loop(&self) -> Option<StartFailure> {
        let restarts = self.instance.restarts.load(Ordering::Relaxed);
        (self.is_starting() && restarts >= START_RESTARTS_MAX).then(|| StartFailure::CrashLoop {
            instance: self.instance.id.clone(),
            restarts,
            log_tail: self.launch.log.tail(TAIL_LINES),
        })
    }

    fn finish(&self, failure: StartFailure) {
        self.instance.set_state(InstanceState::Stopped, None);
        if self.is_starting() {
            self.start.send_replace(Start::Failed(failure));
        }
    }

    fn show(&self, event: ContainerEvent, message: &str) {
        self.launch.show_event(&self.instance.id, event, message);
    }

    fn log(&self, what: &str) {
        self.launch.write_log(&format!("Instance {}: {what}", self.instance.id));
    }
}

fn died(status: std::io::Result<std::process::ExitStatus>) -> End {
    End::Died(match status {
        Ok(status) => format!("the process ended ({status})"),
        Err(error) => format!("the exit status of the process is unknown: {error}"),
    })
}
