//! One endpoint: its rules and deployments in one view that is read without waiting, its logs, its traffic.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arc_swap::ArcSwap;
use time::OffsetDateTime;

use crate::connection::Lane;
use crate::deployment::{Admission, Deployment, DeploymentTraffic, Refusal};
use crate::log::{Container, Log};
use crate::mirror::Outbox;
use crate::plane::named;
use crate::recorder::Recorder;
use crate::rules::{EndpointRules, Split};
use crate::traffic::MinuteTraffic;

/// An admission is tried again when the deployment was replaced meanwhile; so often in a row it never is.
const ADMISSION_TRIES_MAX: usize = 64;

/// Everything that belongs to one scoring URI.
pub(crate) struct Endpoint {
    view: ArcSwap<View>,
    /// Held while a new view is made, so that none is lost.
    writing: Mutex<()>,
    /// Deployments whose new generation is not ready yet.
    starting: Mutex<BTreeMap<String, Arc<Deployment>>>,
    logs: Mutex<BTreeMap<(String, Container), Arc<Log>>>,
    traffic: Mutex<BTreeMap<String, Arc<DeploymentTraffic>>>,
    /// Requests that were turned away before a deployment was chosen.
    pub(crate) unchosen: Recorder,
    /// Where copies for a shadow are left.
    pub(crate) copies: Outbox,
}

/// What the router goes by. It never changes; it is replaced.
#[derive(Clone, Default)]
pub(crate) struct View {
    pub(crate) rules: Option<Arc<Routes>>,
    pub(crate) deployments: BTreeMap<String, Arc<Deployment>>,
}

/// The rules, ready for use.
pub(crate) struct Routes {
    pub(crate) rules: EndpointRules,
    split: Split,
}

/// Who shall answer a request.
#[derive(Clone, Copy)]
pub(crate) enum Target<'a> {
    /// Whoever the live percentages choose.
    Weighted,
    /// This one.
    Named(&'a str),
}

/// Why nobody does.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Unadmitted {
    /// No deployment has a positive weight.
    NoWeight,
    /// The named deployment does not exist.
    NotFound(String),
    /// The chosen deployment has weight, but does not run.
    NotRunning(String),
    /// The chosen deployment has too much in flight.
    Busy(String),
}

impl Endpoint {
    pub(crate) fn new(copies: Outbox) -> Endpoint {
        Endpoint {
            view: ArcSwap::default(),
            writing: Mutex::default(),
            starting: Mutex::default(),
            logs: Mutex::default(),
            traffic: Mutex::default(),
            unchosen: Recorder::default(),
            copies,
        }
    }

    pub(crate) fn view(&self) -> arc_swap::Guard<Arc<View>> {
        self.view.load()
    }

    fn change<T>(&self, change: impl FnOnce(&mut View) -> T) -> T {
        let _writing = lock(&self.writing);
        let mut view = View::clone(&self.view.load());
        let result = change(&mut view);
        self.view.store(Arc::new(view));
        result
    }

    pub(crate) fn set_rules(&self, rules: EndpointRules) {
        let split = Split::new(&rules.live);
        self.change(|view| view.rules = Some(Arc::new(Routes { rules, split })));
    }

    /// Finds a deployment for a request and takes a place in it.
    pub(crate) fn admit(&self, target: Target<'_>, lane: Lane) -> Result<Admission, Unadmitted> {
        let mut refused = Unadmitted::NoWeight;
        for _ in 0..ADMISSION_TRIES_MAX {
            let view = self.view.load();
            let chosen = match target {
                Target::Named(name) => name,
                Target::Weighted => view.choose().ok_or(Unadmitted::NoWeight)?,
            };
            let Some(deployment) = view.deployment(chosen) else {
                refused = match target {
                    Target::Named(name) => Unadmitted::NotFound(name.to_owned()),
                    Target::Weighted => Unadmitted::NotRunning(chosen.to_owned()),
                };
                // If the view was replaced since, the choice was made from an old one.
                if Arc::ptr_eq(&view, &self.view.load()) {
                    return Err(refused);
                }
                continue;
            };
            match deployment.admit(lane) {
                Ok(admission) => return Ok(admission),
                Err(Refusal::Busy) => return Err(Unadmitted::Busy(deployment.name().to_owned())),
                // Its successor is already in the next view.
                Err(Refusal::Draining) => {
                    refused = Unadmitted::NotRunning(deployment.name().to_owned());
                }
            }
        }
        Err(refused)
    }

    /// Registers a generation that is starting, and cancels one that still was.
    pub(crate) fn begin_start(&self, deployment: &Arc<Deployment>) {
        let name = deployment.name().to_owned();
        if let Some(older) = lock(&self.starting).insert(name, deployment.clone()) {
            older.request_stop();
        }
    }

    pub(crate) fn abandon_start(&self, deployment: &Arc<Deployment>) {
        let mut starting = lock(&self.starting);
        let is_it = |other: &Arc<Deployment>| Arc::ptr_eq(other, deployment);
        if starting.get(deployment.name()).is_some_and(is_it) {
            starting.remove(deployment.name());
        }
    }

    /// Puts a ready generation into service and returns the one it replaces; an error if it was cancelled.
    pub(crate) fn finish_start(
        &self,
        deployment: &Arc<Deployment>,
    ) -> Result<Option<Arc<Deployment>>, ()> {
        let mut starting = lock(&self.starting);
        let is_it = |other: &Arc<Deployment>| Arc::ptr_eq(other, deployment);
        if !starting.get(deployment.name()).is_some_and(is_it) {
            return Err(());
        }
        starting.remove(deployment.name());
        let name = deployment.name().to_owned();
        Ok(self.change(|view| view.deployments.insert(name, deployment.clone())))
    }

    /// Takes a deployment out of service; returns its generations, to be drained and stopped.
    pub(crate) fn take_deployment(&self, name: &str) -> Vec<Arc<Deployment>> {
        let starting = lock(&self.starting).remove(name);
        let serving = self.change(|view| view.deployments.remove(name));
        lock(&self.logs).retain(|(deployment, _), _| deployment != name);
        starting.inspect(|starting| starting.request_stop()).into_iter().chain(serving).collect()
    }

    pub(crate) fn deployment_names(&self) -> Vec<String> {
        let mut names: Vec<String> = lock(&self.starting).keys().cloned().collect();
        names.extend(self.view.load().deployments.keys().cloned());
        names.sort();
        names.dedup();
        names
    }

    /// The generations of a deployment: the one in service, then one that is starting.
    pub(crate) fn generations(&self, name: &str) -> Vec<Arc<Deployment>> {
        let serving = self.view.load().deployments.get(name).cloned();
        serving.into_iter().chain(lock(&self.starting).get(name).cloned()).collect()
    }

    pub(crate) fn log(&self, deployment: &str, container: Container) -> Option<Arc<Log>> {
        lock(&self.logs).get(&(deployment.to_owned(), container)).cloned()
    }

    pub(crate) fn log_or_new(&self, deployment: &str, container: Container) -> Arc<Log> {
        lock(&self.logs).entry((deployment.to_owned(), container)).or_default().clone()
    }

    /// Where a deployment's traffic is recorded; it outlives the deployment.
    pub(crate) fn traffic_of(&self, deployment: &str) -> Arc<DeploymentTraffic> {
        lock(&self.traffic).entry(deployment.to_owned()).or_default().clone()
    }

    pub(crate) fn traffic(&self, from: OffsetDateTime, to: OffsetDateTime) -> Vec<MinuteTraffic> {
        let mut minutes = self.unchosen.read(from, to, None, false);
        for (name, traffic) in lock(&self.traffic).iter() {
            minutes.extend(traffic.live.read(from, to, Some(name), false));
            minutes.extend(traffic.mirrored.read(from, to, Some(name), true));
        }
        // The sort is stable: within a minute the order is that of the names, live before mirrored.
        minutes.sort_by_key(|minute| minute.minute);
        minutes
    }
}

impl View {
    /// A deployment by its name. Azure compares names without regard to case, hence so do callers.
    fn deployment(&self, name: &str) -> Option<&Arc<Deployment>> {
        self.deployments.get(name).or_else(|| named(self.deployments.iter(), name))
    }

    fn choose(&self) -> Option<&str> {
        self.rules.as_ref()?.split.choose(&mut rand::rng())
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
