//! The engine's moves, and people's decisions about runs.

use super::*;
use domain::intent::Intent;

impl World {
    pub(super) fn push(&mut self, index: usize, event: Event) {
        let run = &mut self.runs[index].0;
        let recorded = Recorded { at: Timestamp(self.now), event };
        run.state = run.state.clone().next(&recorded).expect("a legal move");
    }

    /// Somebody decides about the newest run. An illegal decision has no effect.
    pub(super) fn decide(&mut self, event: Event) {
        let Some((run, _)) = self.runs.last() else { return };
        let is_retry = matches!(event, Event::RetryRequested { .. });
        let recorded = Recorded { at: Timestamp(self.now), event };
        if is_retry && self.is_frozen && !run.passes_freeze() {
            return;
        }
        let Ok(state) = run.state.clone().next(&recorded) else { return };
        let last = self.runs.len() - 1;
        self.runs[last].0.state = state;
    }

    /// Somebody breaks glass: the run begins on a new plan without an approval.
    pub(super) fn break_glass(&mut self, to: &Route, sets_freeze_aside: bool) {
        let planned = self.plan(to);
        if refusal(&planned).is_some() {
            return;
        }
        let rules = [glass::Rule::Approval, glass::Rule::Freeze];
        let rules = rules.into_iter().take(1 + usize::from(sets_freeze_aside));
        let set_aside = rules.map(|rule| glass::SetAside { rule, says: String::new() });
        let id = glass::GlassId(self.runs.len().to_string());
        let reason = "Clients get errors".to_owned();
        let consent = Consent::Glass(glass::Glass {
            id,
            reason,
            set_aside: set_aside.collect(),
            change: None,
        });
        let warrant = Warrant::new(consent, planned.plan.made_of.clone());
        let wanted = Good { shares: shares(to), ids: self.ids() };
        let intent = Intent::SetRoute { at: at(), route: to.clone() };
        self.met.glass += u32::from(self.begin(intent, planned, warrant, Some(wanted)));
    }

    pub(super) fn roll_back(&mut self, of: usize) {
        if self.running().is_some() || of >= self.runs.len() {
            return;
        }
        let past = self.runs[self.runs.len() - 1 - of].0.past();
        let found = way_back(&past, self.newest().as_ref(), &self.endpoint());
        let any = past.before.clone().filter(|_| self.without == Some(Rule::WayBack));
        let Some(to) = found.ok().or(any) else {
            self.met.refused += 1;
            return;
        };
        let planned = self.plan_by(&to, &GuardInputs::default());
        if refusal(&planned).is_none() {
            let warrant = warrant_back(&past, &planned);
            let intent = Intent::RollBack { at: at(), run: past.run, route: to };
            let begun = self.begin(intent, planned, warrant, None);
            self.met.back += u32::from(begun);
        }
    }

    /// One move of the engine.
    pub(super) fn carry_on(&mut self, answer: Answer) {
        let Some(index) = self.running() else { return };
        let state = &self.runs[index].0.state;
        if state.events + 20 > EVENTS_MAX {
            return;
        }
        match state.todo() {
            Todo::Nothing => {}
            Todo::Begin(step) => self.push(index, Event::StepStarted { step }),
            Todo::Finish(ending) => self.push(index, Event::Finished { ending }),
            Todo::Stop => {
                let event = state.after_failure();
                self.push(index, event);
            }
            Todo::Revert => self.revert(index),
            Todo::Carry(step) => self.carry(index, step, answer),
        }
    }

    fn revert(&mut self, index: usize) {
        let past = self.runs[index].0.past();
        let back = way_back_of_failed(&past, self.newest().as_ref(), &self.endpoint());
        let not = |why: String| Event::NotReverted { why };
        let to = match back {
            Ok(to) => to,
            Err(why) => return self.push(index, not(why.to_string())),
        };
        let planned = self.plan_by(&to, &GuardInputs::default());
        if let Some(why) = refusal(&planned) {
            return self.push(index, not(why));
        }
        let warrant = warrant_back(&past, &planned);
        let intent = Intent::RollBack { at: at(), run: past.run, route: to };
        let begun = self.begin(intent, planned, warrant, None);
        self.met.by_itself += u32::from(begun);
    }

    fn carry(&mut self, index: usize, step: u32, answer: Answer) {
        let at = usize::try_from(step).expect("small");
        let what = self.runs[index].0.steps[at].clone();
        match what {
            Step::Check { route, .. } => self.check(index, step, route.as_ref()),
            Step::SetRoute { before, after, .. } => {
                self.set_route(index, step, (&before, &after), answer);
            }
            Step::Wait { until: Until::EndpointSucceeded { route } } => {
                self.wait(index, step, &route);
            }
            Step::Bake { route, baking, .. } => {
                let Some(good) = self.verdict else { return };
                match good && self.route == route && !self.is_other(index, &baking.newcomers) {
                    true => {
                        self.done(index, step, Output::default());
                        self.holds(index, &route);
                    }
                    false => self.failed(index, step),
                }
            }
            other => panic!("{other:?} is no part of these plans"),
        }
    }

    fn is_other(&mut self, index: usize, names: &[DeploymentName]) -> bool {
        let run = &self.runs[index].0;
        let expected = Expected { warrant: run.warrant.as_ref(), found: run.state.found() };
        let is_other = unlike(expected, names, &self.endpoint().deployments).is_some();
        self.met.stopped += u32::from(is_other);
        is_other && self.without != Some(Rule::Comparison)
    }

    fn done(&mut self, index: usize, step: u32, output: Output) {
        self.push(index, Event::StepSucceeded { step, output });
    }

    fn failed(&mut self, index: usize, step: u32) {
        let message = "It failed.".to_owned();
        let measured = Measured::default();
        self.push(index, Event::StepFailed { step, message, answer: None, measured });
    }

    fn check(&mut self, index: usize, step: u32, planned: Option<&Route>) {
        let made = self.runs[index].0.warrant.clone().expect("it has one").made_of;
        let named: Vec<_> = made.into_keys().collect();
        if planned != Some(&self.route) || self.is_other(index, &named) {
            return self.failed(index, step);
        }
        let endpoint = self.endpoint();
        let live = endpoint.deployments.iter();
        let live = live.filter(|one| self.route.split().share(&one.name) > 0);
        let made_of = live.map(|one| (one.name.clone(), one.into())).collect();
        let (route, made_of) = (Some(self.route.clone()), Some(made_of));
        self.done(index, step, Output { route, made_of, ..Output::default() });
        let (known, ids) = (self.witness.good.is_some(), self.ids());
        let seen = &mut self.runs[index].1;
        if !known && seen.approved.is_some() {
            seen.former = Good { shares: seen.base.clone(), ids };
        }
    }

    fn set_route(
        &mut self,
        index: usize,
        step: u32,
        (before, after): (&Route, &Route),
        answer: Answer,
    ) {
        if self.route == *after {
            return self.done(index, step, Output::default());
        }
        if self.route != *before {
            return self.failed(index, step);
        }
        let warrant = self.runs[index].0.warrant.clone();
        let is_held = held_by_freeze(warrant.as_ref(), before, after);
        if self.is_frozen && is_held && self.without != Some(Rule::Freeze) {
            self.met.held += 1;
            return;
        }
        if self.is_other(index, &rising(before, after)) {
            return self.failed(index, step);
        }
        self.push(index, Event::StepSending { step });
        if matches!(answer, Answer::Taken | Answer::Lost) {
            let (from, to) = (shares(before), shares(after));
            let seen = &self.runs[index].1;
            Witness::put(seen, &from, &to, &self.ids(), self.is_frozen);
            self.met.forward += u32::from(seen.approved.is_some());
            self.witness.good.get_or_insert_with(|| seen.former.clone());
            self.route = after.clone();
        }
        let tries = self.runs[index].0.state.step(step).map_or(0, |step| step.tries);
        match answer {
            Answer::Taken | Answer::Ignored => self.done(index, step, Output::default()),
            Answer::Lost | Answer::Throttled if tries < TRIES_MAX => {
                let (error, due) = ("no answer".to_owned(), Timestamp(self.now));
                self.push(index, Event::RetryScheduled { step, error, due });
            }
            Answer::Lost | Answer::Throttled => self.failed(index, step),
        }
    }

    fn wait(&mut self, index: usize, step: u32, route: &Route) {
        let at = usize::try_from(step).expect("small");
        let run = &self.runs[index].0;
        let sets = at.checked_sub(1).and_then(|before| run.steps.get(before));
        let rising = match sets {
            Some(Step::SetRoute { before, after, .. }) => rising(before, after),
            _ => Vec::new(),
        };
        let (is_last, bakes) =
            (sets.is_none(), matches!(run.steps.get(at + 1), Some(Step::Bake { .. })));
        if self.route != *route || self.is_other(index, &rising) {
            return self.failed(index, step);
        }
        self.done(index, step, Output { route: Some(route.clone()), ..Output::default() });
        if !is_last && !bakes {
            self.holds(index, route);
        }
    }

    fn holds(&mut self, index: usize, route: &Route) {
        let seen = self.runs[index].1.clone();
        self.witness.holds(&seen, &shares(route));
    }
}
