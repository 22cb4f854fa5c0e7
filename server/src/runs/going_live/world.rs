//! A small Azure with one endpoint, and a console on a protected stage without store or network. The console begins,
//! advances and decides with the same functions as the engine.

use super::witness::{Good, Ids, Run as Seen, Shares, Witness};
use crate::planner::observed::{Live, Observed};
use crate::planner::pinned::Pinned;
use crate::planner::step::{Step, Until};
use crate::planner::{Planned, plan};
use crate::runs::automatic_roll_back::warrant_back;
use crate::runs::plan::refusal;
use crate::store::runs::{Run, kinds};
use domain::evidence::status::rising;
use domain::glass;
use domain::guard::inputs::GuardInputs;
use domain::intent::{Intent, Named};
use domain::name::DeploymentName;
use domain::policy::promotion::Promotion;
use domain::provisioning::ProvisioningState;
use domain::route::Route;
use domain::run::measured::Measured;
use domain::run::operation::{Operation, Progress};
use domain::run::roll_back::{Newest, way_back, way_back_of_failed};
use domain::run::state::{Phase, State, Todo};
use domain::run::warrant::{Consent, Expected, Warrant, held_by_freeze, unlike};
use domain::run::{EVENTS_MAX, Ending, Event, Output, Recorded, RunId, TRIES_MAX};
use domain::stage::EndpointKey;
use domain::timestamp::Timestamp;
use std::collections::BTreeMap;
use std::sync::Arc;

pub(super) const NAMES: [&str; 3] = ["blue", "green", "red"];

/// The identity of a deployment: the version of its settings, and the time of its creation.
pub(super) type Id = (u32, i64);

/// Azure's reaction to a PUT.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    /// Azure carries out the PUT and responds.
    Taken,
    /// Azure carries out the PUT, but the response is lost.
    Lost,
    /// Azure rejects the PUT for now.
    Throttled,
    /// Azure accepts the PUT, but changes nothing.
    Ignored,
}

/// One operation of a sequence.
#[derive(Debug, Clone)]
pub(super) enum Op {
    /// Somebody proposes a route, and another person approves it.
    Approve(Route),
    /// Somebody starts the approved change.
    Start,
    /// The engine advances the run.
    Carry {
        times: usize,
        answer: Answer,
    },
    /// The current bake ends; `true` when its conditions are met.
    Bake(bool),
    /// Somebody rolls back a run, counted from the newest.
    RollBack(usize),
    Retry,
    Leave,
    Cancel,
    SetElsewhere(Route),
    UpdateElsewhere(&'static str),
    CreateAgainElsewhere(&'static str),
    Freeze(bool),
    /// Somebody breaks glass for a route; `true` sets the freeze aside too.
    Glass(Route, bool),
    /// A run that changes no route.
    Create,
}

/// A rule that is disabled, to show that the property then fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rule {
    /// Compares the deployments that get more live traffic with the approved ones.
    Comparison,
    /// Limits roll-backs without an approval.
    WayBack,
    /// Holds back runs on a frozen stage.
    Freeze,
}

struct Change {
    route: Route,
    planned: Planned,
    ids: Ids,
}

pub(super) struct World {
    pub(super) met: Met,
    without: Option<Rule>,
    route: Route,
    ids: BTreeMap<&'static str, Id>,
    now: i64,
    is_frozen: bool,
    promotion: Option<Promotion>,
    approved: Option<Change>,
    runs: Vec<(Run, Seen)>,
    witness: Witness,
    verdict: Option<bool>,
}

fn shares(route: &Route) -> Shares {
    route.split().iter().map(|(name, share)| (name.to_string(), share)).collect()
}

fn at() -> EndpointKey {
    EndpointKey {
        stage: "anet-prod".parse().expect("a stage"),
        endpoint: "anet-ep".parse().expect("an endpoint"),
    }
}

impl World {
    pub(super) fn new(promotion: Option<Promotion>, without: Option<Rule>) -> Self {
        Self {
            met: Met::default(),
            without,
            route: "blue=100".parse().expect("a route"),
            ids: NAMES.iter().map(|name| (*name, (0, 0))).collect(),
            now: 1,
            is_frozen: false,
            promotion,
            approved: None,
            runs: Vec::new(),
            witness: Witness::default(),
            verdict: None,
        }
    }

    pub(super) fn play(&mut self, op: &Op) {
        self.now += 1;
        match op {
            Op::Approve(to) => self.approve(to),
            Op::Start => self.start(),
            Op::Carry { times, answer } => {
                for time in 0..*times {
                    let answer = if time + 1 == *times { *answer } else { Answer::Taken };
                    self.carry_on(answer);
                }
            }
            Op::Bake(good) => {
                self.verdict = Some(*good);
                self.carry_on(Answer::Taken);
                self.verdict = None;
            }
            Op::RollBack(of) => self.roll_back(*of),
            Op::Retry => self.decide(Event::RetryRequested { by: "Dana".to_owned() }),
            Op::Leave => {
                let ending = Ending::Left { by: "Dana".to_owned() };
                self.decide(Event::Finished { ending });
            }
            Op::Cancel => self.decide(Event::CancelRequested { by: "Dana".to_owned() }),
            Op::SetElsewhere(to) => self.route = to.clone(),
            Op::UpdateElsewhere(name) => {
                let version = u32::try_from(self.now).expect("small");
                self.ids.entry(name).and_modify(|id| id.0 = version);
            }
            Op::CreateAgainElsewhere(name) => {
                self.ids.insert(name, (0, self.now));
            }
            Op::Freeze(is_frozen) => self.is_frozen = *is_frozen,
            Op::Glass(to, sets_freeze_aside) => self.break_glass(to, *sets_freeze_aside),
            Op::Create => {
                let until = Until::EndpointSucceeded { route: self.route.clone() };
                let planned = self.plan(&self.route.clone());
                let planned = Planned { steps: vec![Step::Wait { until }], ..planned };
                let deployment = "green".parse().expect("a name");
                let warrant = Warrant::new(Consent::Approved, planned.plan.made_of.clone());
                let approved = Good { shares: shares(&self.route), ids: self.ids() };
                let intent = Intent::CreateDeployment { at: at(), deployment };
                self.begin(intent, planned, warrant, Some(approved));
            }
        }
    }

    fn approve(&mut self, to: &Route) {
        let planned = self.plan(to);
        if refusal(&planned).is_none() {
            self.approved = Some(Change { route: to.clone(), planned, ids: self.ids() });
        }
    }

    /// Starts a change as the console does: plans again, and rejects if the plan is no longer the approved one.
    fn start(&mut self) {
        let Some(Change { route, planned, ids }) = self.approved.take() else { return };
        let again = self.plan(&route);
        if again.plan.hash != planned.plan.hash || refusal(&again).is_some() {
            return;
        }
        let approved = Good { shares: shares(&route), ids };
        let warrant = Warrant::new(Consent::Approved, again.plan.made_of.clone());
        let intent = Intent::SetRoute { at: at(), route };
        self.begin(intent, again, warrant, Some(approved));
    }

    fn running(&self) -> Option<usize> {
        self.runs.iter().position(|(run, _)| run.state.is_running())
    }

    fn newest_settled(&self) -> Option<&Run> {
        let all = self.runs.iter().rev().map(|(run, _)| run);
        all.into_iter().find(|run| run.past().settles_route())
    }

    fn newest(&self) -> Option<Newest> {
        let run = self.newest_settled()?;
        Some(Newest { takes_back: run.takes_back().cloned(), run: run.operation.id.clone() })
    }

    /// Appends an intent as the store does.
    fn begin(
        &mut self,
        intent: Named,
        planned: Planned,
        warrant: Warrant,
        approved: Option<Good>,
    ) -> bool {
        let taken = match &intent {
            Intent::RollBack { run, .. } => Some(run.clone()),
            _ => None,
        };
        let is_taken = |run: &Run| taken.as_ref() == Some(&run.operation.id);
        let is_free = self.runs.iter().all(|(run, _)| !run.state.is_running() || is_taken(run));
        if !is_free || (self.is_frozen && !warrant.consent.passes_freeze()) {
            return false;
        }
        let former = self.newest_settled().and_then(|run| run.past().good_after());
        let id = RunId(self.runs.len().to_string());
        for index in 0..self.runs.len() {
            let run = &self.runs[index].0;
            let back = Ending::RolledBack { by: "Dana".to_owned(), run: id.clone() };
            let ending = match (is_taken(run), &run.state.phase) {
                (true, Phase::Running | Phase::Attention) => back,
                (false, Phase::Attention) => Ending::Left { by: "Dana".to_owned() },
                _ => continue,
            };
            self.push(index, Event::Finished { ending });
        }
        let known = self.witness.good.clone();
        let known = known.unwrap_or(Good { shares: shares(&self.route), ids: self.ids() });
        let of_taken = self.runs.iter().find(|(run, _)| is_taken(run));
        let seen = Seen {
            glass: warrant.consent.glass().map(|glass| glass.sets_aside(glass::Rule::Freeze)),
            approved,
            base: shares(&self.route),
            former: of_taken.map_or(known, |(_, seen)| seen.former.clone()),
        };
        let run = Run {
            state: State::new(kinds(&planned.steps)),
            operation: Operation {
                id,
                target: at().into(),
                intent,
                moved: None,
                by: "Dana".to_owned(),
                started: Timestamp(self.now),
                ended: None,
                progress: Progress::Intended,
            },
            person: String::new(),
            hash: planned.plan.hash,
            steps: planned.steps,
            warrant: Some(warrant.after(former)),
            due: Timestamp(0),
        };
        self.runs.push((run, seen));
        self.push(self.runs.len() - 1, Event::Requested);
        true
    }
}

mod azure;
mod engine;
mod met;

pub(super) use met::Met;
