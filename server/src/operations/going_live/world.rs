//! A small Azure with one endpoint, and a console on a protected stage without a store and a network: it begins,
//! carries on, and decides as the engine does, by the same functions.

use super::witness::{Good, Ids, Run as Seen, Shares, Witness};
use crate::operations::begin::refusal;
use crate::operations::plan::observed::{Live, Observed};
use crate::operations::plan::step::{Step, Until};
use crate::operations::plan::{Planned, Wish, plan};
use crate::operations::revert::warrant_back;
use crate::store::runs::{Run, kinds};
use app::domain::evidence::standing::rising;
use app::domain::glass;
use app::domain::guard::facts::Facts;
use app::domain::name::DeploymentName;
use app::domain::operation::{Action, Operation, Progress};
use app::domain::policy::promotion::Promotion;
use app::domain::provisioning::ProvisioningState;
use app::domain::route::Route;
use app::domain::run::measured::Measured;
use app::domain::run::roll_back::{Newest, way_back, way_back_of_failed};
use app::domain::run::state::{Phase, State, Todo};
use app::domain::run::warrant::{Consent, Expected, Warrant, held_by_freeze, unlike};
use app::domain::run::{EVENTS_MAX, Ending, Event, Output, Recorded, RunId, TRIES_MAX};
use app::domain::stage::EndpointKey;
use app::domain::timestamp::Timestamp;
use std::collections::BTreeMap;
use std::sync::Arc;

pub(super) const NAMES: [&str; 3] = ["blue", "green", "red"];

/// What tells a deployment from another one of its name: its settings, and when it was created.
pub(super) type Id = (u32, i64);

/// What Azure makes of a PUT.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    /// It is done, and says so.
    Taken,
    /// It is done; the answer is lost.
    Lost,
    /// It is to be sent later.
    Throttled,
    /// It says yes and does nothing.
    Ignored,
}

/// Something that happens.
#[derive(Debug, Clone)]
pub(super) enum Op {
    /// A route is proposed and approved.
    Approve(Route),
    /// What is approved is started.
    Start,
    /// The engine goes on.
    Carry {
        times: usize,
        answer: Answer,
    },
    /// What bakes is good, or not.
    Bake(bool),
    /// Somebody asks for the roll-back of a run, counted from the newest.
    RollBack(usize),
    Retry,
    Leave,
    Cancel,
    SetElsewhere(Route),
    UpdateElsewhere(&'static str),
    CreateAgainElsewhere(&'static str),
    Freeze(bool),
    /// Glass is broken for a route; whether the freeze is set aside, too.
    Glass(Route, bool),
    /// A run that changes no route.
    Create,
}

/// A rule that is left out, to see that it is missed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rule {
    /// What gets more live traffic is compared with what was approved.
    Comparison,
    /// What can be rolled back without an approval.
    WayBack,
    /// What a freeze holds back.
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
    runs: Vec<(Run, Seen, Ids)>,
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
                self.begin(
                    Action::CreateDeployment { deployment },
                    planned,
                    warrant,
                    Some(approved),
                );
            }
        }
    }

    fn approve(&mut self, to: &Route) {
        let planned = self.plan(to);
        if refusal(&planned).is_none() {
            self.approved = Some(Change { route: to.clone(), planned, ids: self.ids() });
        }
    }

    /// As a change starts: planned again, and refused when it is no longer what was approved.
    fn start(&mut self) {
        let Some(Change { route, planned, ids }) = self.approved.take() else { return };
        let again = self.plan(&route);
        if again.plan.hash != planned.plan.hash || refusal(&again).is_some() {
            return;
        }
        let approved = Good { shares: shares(&route), ids };
        let warrant = Warrant::new(Consent::Approved, again.plan.made_of.clone());
        let action = Action::SetRoute { before: self.route.clone(), after: route };
        self.begin(action, again, warrant, Some(approved));
    }

    fn running(&self) -> Option<usize> {
        self.runs.iter().position(|(run, ..)| run.state.is_running())
    }

    fn newest_sent(&self) -> Option<&Run> {
        let all = self.runs.iter().rev().map(|(run, ..)| run);
        all.into_iter().find(|run| !run.past().sent.is_empty())
    }

    fn newest(&self) -> Option<Newest> {
        let run = self.newest_sent()?;
        Some(Newest { takes_back: run.takes_back().cloned(), run: run.operation.id.clone() })
    }

    /// As the store writes an intent down.
    fn begin(
        &mut self,
        action: Action,
        planned: Planned,
        warrant: Warrant,
        approved: Option<Good>,
    ) -> bool {
        let taken = match &action {
            Action::RollBack { run, .. } => Some(run.clone()),
            _ => None,
        };
        let is_taken = |run: &Run| taken.as_ref() == Some(&run.operation.id);
        let is_free = self.runs.iter().all(|(run, ..)| !run.state.is_running() || is_taken(run));
        if !is_free || (self.is_frozen && !warrant.consent.passes_freeze()) {
            return false;
        }
        let former = self.newest_sent().and_then(|run| run.past().good_after());
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
        let of_taken = self.runs.iter().find(|(run, ..)| is_taken(run));
        let seen = Seen {
            glass: warrant.consent.glass().map(|glass| glass.sets_aside(glass::Rule::Freeze)),
            approved,
            base: shares(&self.route),
            former: of_taken.map_or(known, |(_, seen, _)| seen.former.clone()),
        };
        let run = Run {
            state: State::new(kinds(&planned.steps)),
            operation: Operation {
                id,
                endpoint: at(),
                action,
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
        self.runs.push((run, seen, self.ids()));
        self.push(self.runs.len() - 1, Event::Requested);
        true
    }
}

mod azure;
mod engine;
mod met;

pub(super) use met::Met;
