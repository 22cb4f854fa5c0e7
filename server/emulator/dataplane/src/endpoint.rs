//! One endpoint: its rules and deployments in one view that is read without locks, its logs, and its
//! traffic.

use std::collections::BTreeMap;
use std::sync::Arc;

use arc_swap::ArcSwap;
use parking_lot::Mutex;
use time::OffsetDateTime;

use crate::connection::Lane;
use crate::deployment::{Admission, Deployment, DeploymentTraffic, Refusal};
use crate::log::{Container, Log};
use crate::recorder::Recorder;
use crate::rules::{EndpointRules, Split};
use crate::traffic::{MinuteTraffic, PastRequest};

/// An admission is retried if the deployment was replaced meanwhile; it never is this many times in a row.
const ADMISSION_TRIES_MAX: usize = 64;

/// Everything that belongs to one scoring URI, apart from its queue of copies.
#[derive(Default)]
pub(crate) struct Endpoint {
    view: ArcSwap<View>,
    /// Held while a new view is built, so that no change is lost.
    writing: Mutex<()>,
    /// Deployments whose new generation is not ready yet.
    starting: Mutex<BTreeMap<String, Arc<Deployment>>>,
    logs: Mutex<BTreeMap<(String, Container), Arc<Log>>>,
    traffic: Mutex<BTreeMap<String, Arc<DeploymentTraffic>>>,
    /// Requests that were rejected before a deployment was chosen.
    pub(crate) unchosen: Recorder,
}

/// The view that the router uses. It is immutable, and replaced as a whole.
#[derive(Clone, Default)]
pub(crate) struct View {
    pub(crate) rules: Option<Arc<Routes>>,
    pub(crate) deployments: BTreeMap<String, Arc<Deployment>>,
}

pub(crate) struct Routes {
    pub(crate) rules: EndpointRules,
    split: Split,
}

/// Which deployment should answer a request.
#[derive(Clone, Copy)]
pub(crate) enum Target<'a> {
    /// A deployment chosen by the live percentages.
    Weighted,
    Named(&'a str),
}

/// Why no deployment answers.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Unadmitted {
    /// No deployment has a positive weight.
    NoWeight,
    NotFound(String),
    /// The chosen deployment has weight, but is not running.
    NotRunning(String),
    /// The chosen deployment has too many requests in flight.
    Busy(String),
}

impl Endpoint {
    pub(crate) fn view(&self) -> arc_swap::Guard<Arc<View>> {
        self.view.load()
    }

    fn change<T>(&self, change: impl FnOnce(&mut View) -> T) -> T {
        let _writing = self.writing.lock();
        let mut view = View::clone(&self.view.load());
        let result = change(&mut view);
        self.view.store(Arc::new(view));
        result
    }

    pub(crate) fn set_rules(&self, rules: EndpointRules) {
        let split = Split::new(&rules.live);
        self.change(|view| view.rules = Some(Arc::new(Routes { rules, split })));
    }

    /// Finds a deployment for a request, and takes a place in it.
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
                Err(Refusal::Busy) => return Err(Unadmitted::Busy(deployment.name.clone())),
                // Its successor is already in the next view.
                Err(Refusal::Draining) => {
                    refused = Unadmitted::NotRunning(deployment.name.clone());
                }
            }
        }
        Err(refused)
    }

    /// Registers a generation that is starting, and cancels an earlier one that still was.
    pub(crate) fn begin_start(&self, deployment: &Arc<Deployment>) {
        let older = self.starting.lock().insert(deployment.name.clone(), deployment.clone());
        if let Some(older) = older {
            older.request_stop();
        }
    }

    pub(crate) fn abandon_start(&self, deployment: &Arc<Deployment>) {
        forget(&mut self.starting.lock(), deployment);
    }

    /// Puts a ready generation into service and returns the one it replaces. Fails if it was cancelled.
    pub(crate) fn finish_start(
        &self,
        deployment: &Arc<Deployment>,
    ) -> Result<Option<Arc<Deployment>>, ()> {
        let mut starting = self.starting.lock();
        if !forget(&mut starting, deployment) {
            return Err(());
        }
        let name = deployment.name.clone();
        Ok(self.change(|view| view.deployments.insert(name, deployment.clone())))
    }

    /// Takes a deployment out of service; returns its generations, which must be drained and stopped.
    pub(crate) fn take_deployment(&self, name: &str) -> Vec<Arc<Deployment>> {
        let starting = self.starting.lock().remove(name);
        let serving = self.change(|view| view.deployments.remove(name));
        self.logs.lock().retain(|(deployment, _), _| deployment != name);
        starting.inspect(|starting| starting.request_stop()).into_iter().chain(serving).collect()
    }

    pub(crate) fn deployment_names(&self) -> Vec<String> {
        let mut names: Vec<String> = self.starting.lock().keys().cloned().collect();
        names.extend(self.view.load().deployments.keys().cloned());
        names.sort();
        names.dedup();
        names
    }

    /// The generations of a deployment: the one in service, then one that is starting.
    pub(crate) fn generations(&self, name: &str) -> Vec<Arc<Deployment>> {
        let serving = self.view.load().deployments.get(name).cloned();
        serving.into_iter().chain(self.starting.lock().get(name).cloned()).collect()
    }

    /// Whether requests reach a deployment.
    pub(crate) fn serves(&self, name: &str) -> bool {
        self.view.load().deployment(name).is_some()
    }

    pub(crate) fn log(&self, deployment: &str, container: Container) -> Option<Arc<Log>> {
        self.logs.lock().get(&(deployment.to_owned(), container)).cloned()
    }

    pub(crate) fn log_or_new(&self, deployment: &str, container: Container) -> Arc<Log> {
        self.logs.lock().entry((deployment.to_owned(), container)).or_default().clone()
    }

    /// The recorder of a deployment's traffic; it outlives the deployment.
    pub(crate) fn traffic_of(&self, deployment: &str) -> Arc<DeploymentTraffic> {
        self.traffic.lock().entry(deployment.to_owned()).or_default().clone()
    }

    /// Counts requests of the past, which a deployment answered, or nobody.
    pub(crate) fn import(
        &self,
        deployment: Option<&str>,
        requests: impl Iterator<Item = PastRequest>,
    ) {
        match deployment {
            Some(name) => self.traffic_of(name).live.import(requests),
            None => self.unchosen.import(requests),
        }
    }

    pub(crate) fn traffic(&self, from: OffsetDateTime, to: OffsetDateTime) -> Vec<MinuteTraffic> {
        let mut minutes = self.unchosen.read(from, to, None, false);
        for (name, traffic) in self.traffic.lock().iter() {
            minutes.extend(traffic.live.read(from, to, Some(name), false));
            minutes.extend(traffic.mirrored.read(from, to, Some(name), true));
        }
        // The sort is stable: within a minute the order is by name, with live traffic before mirrored.
        minutes.sort_by_key(|minute| minute.minute);
        minutes
    }
}

impl View {
    /// A deployment by its name. Names are not case-sensitive in Azure, so they are not here.
    fn deployment(&self, name: &str) -> Option<&Arc<Deployment>> {
        self.deployments.get(name).or_else(|| named(self.deployments.iter(), name))
    }

    fn choose(&self) -> Option<&str> {
        self.rules.as_ref()?.split.choose(&mut rand::rng())
    }
}

/// A start in progress; dropping it before the end abandons the start.
pub(crate) struct Start<'a> {
    pub(crate) endpoint: &'a Endpoint,
    pub(crate) deployment: &'a Arc<Deployment>,
}

impl Drop for Start<'_> {
    fn drop(&mut self) {
        self.endpoint.abandon_start(self.deployment);
    }
}

/// Finds an entry whose name differs in case, after the exact look-up failed.
pub(crate) fn named<'a, T>(
    mut all: impl Iterator<Item = (&'a String, &'a T)>,
    name: &str,
) -> Option<&'a T> {
    all.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

/// Removes a generation that was starting; returns whether it still was.
fn forget(starting: &mut BTreeMap<String, Arc<Deployment>>, deployment: &Arc<Deployment>) -> bool {
    let is_it = starting.get(&deployment.name).is_some_and(|one| Arc::ptr_eq(one, deployment));
    is_it && starting.remove(&deployment.name).is_some()
}
