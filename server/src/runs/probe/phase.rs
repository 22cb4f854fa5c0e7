//! Decides which steps of a run are probed, and writes the result into the run's journal.

use super::{Book, Probes};
use crate::runs::Runs;
use crate::stages::StageContext;
use domain::plan::step::StepKind;
use domain::run::measured::{Measured, Probe};
use domain::run::state::State;
use domain::run::{Event, RunId};
use domain::stage::EndpointKey;
use std::sync::Arc;

/// The progress of a run, as far as probing depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Probed {
    /// No route is being set.
    Not,
    /// The run is at the step that sets a route.
    Sets {
        step: u32,
        /// Whether the route was already sent, by another process.
        is_sent: bool,
    },
    /// The run waits until the route takes effect.
    Waits {
        /// The step that sent the route.
        step: u32,
    },
}

impl Probed {
    /// The phase of a step's probes.
    #[must_use]
    pub fn of(state: &State, step: u32) -> Self {
        let sets = |step: u32| state.step(step).filter(|step| step.kind == StepKind::SetRoute);
        if let Some(state) = sets(step) {
            return Self::Sets { step, is_sent: state.sent };
        }
        let is_wait = state.step(step).is_some_and(|step| step.kind == StepKind::Wait);
        match step.checked_sub(1).filter(|_| is_wait) {
            // Without a write there is nothing to measure.
            Some(before) if sets(before).is_some_and(|step| step.sent) => {
                Self::Waits { step: before }
            }
            _ => Self::Not,
        }
    }

    /// Whether the run has sent the route.
    #[must_use]
    pub fn is_sent(self) -> bool {
        matches!(self, Self::Waits { .. } | Self::Sets { is_sent: true, .. })
    }

    /// Starts or stops the prober as the step requires.
    pub fn begin(self, runs: &Runs, (run, at): (&RunId, &EndpointKey), place: &Arc<StageContext>) {
        let (step, is_late) = match self {
            Self::Not => return runs.probes.stop(run),
            Self::Sets { step, is_sent } => (step, is_sent),
            Self::Waits { step } => (step, true),
        };
        let book =
            Book { evidence: runs.evidence.clone(), clock: runs.clock.clone(), at: at.clone() };
        runs.probes.accompany(run, step, is_late, place, book);
    }

    /// Stops the prober if the route was not sent.
    pub fn rest(self, runs: &Runs, run: &RunId) {
        if matches!(self, Self::Sets { is_sent: false, .. }) {
            runs.probes.stop(run);
        }
    }

    /// Adds the counts to the event if it ends the probing.
    #[must_use]
    pub fn told(self, runs: &Runs, run: &RunId, event: Event) -> Event {
        self.written(&runs.probes, run, event)
    }

    fn written(self, probes: &Probes, run: &RunId, mut event: Event) -> Event {
        let measured: Option<&mut Measured> = match (self, &mut event) {
            (Self::Waits { .. }, Event::StepSucceeded { output, .. }) => Some(&mut output.measured),
            (
                Self::Waits { .. } | Self::Sets { is_sent: true, .. },
                Event::StepFailed { measured, .. },
            ) => Some(measured),
            _ => None,
        };
        if let Some(measured) = measured {
            measured.probe = Some(probes.so_far(run).unwrap_or(Probe::Unasked));
        }
        event
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::run::{Output, Recorded};
    use domain::timestamp::Timestamp;

    #[test]
    fn probing_lasts_from_the_step_that_sets_a_route_to_the_end_of_its_wait() {
        let kinds = [StepKind::Check, StepKind::SetRoute, StepKind::Wait, StepKind::Bake];
        let mut state = State::new(kinds);
        let mut found = Vec::new();
        let mut events = vec![Event::Requested];
        for step in 0..4 {
            events.push(Event::StepStarted { step });
            if step == 1 {
                events.push(Event::StepSending { step });
            }
            events.push(Event::StepSucceeded { step, output: Output::default() });
        }
        for event in events {
            let begun = if let Event::StepStarted { step } = event { Some(step) } else { None };
            let sent = matches!(event, Event::StepSending { .. });
            state = state.next(&Recorded { at: Timestamp(0), event }).expect("legal");
            found.extend(begun.or(sent.then_some(1)).map(|step| Probed::of(&state, step)));
        }
        let sets = |is_sent| Probed::Sets { step: 1, is_sent };
        let waits = Probed::Waits { step: 1 };
        assert_eq!(found, [Probed::Not, sets(false), sets(true), waits, Probed::Not]);
    }

    #[test]
    fn a_step_without_a_prober_says_that_it_was_not_probed() {
        let (probes, run) = (Probes::default(), RunId("r".to_owned()));
        let done = |step| Event::StepSucceeded { step, output: Output::default() };
        let told = |probed: Probed, event| match probed.written(&probes, &run, event) {
            Event::StepSucceeded { output, .. } => output.measured.probe,
            Event::StepFailed { measured, .. } => measured.probe,
            other => panic!("{other:?}"),
        };
        assert_eq!(told(Probed::Waits { step: 1 }, done(2)), Some(Probe::Unasked));
        assert_eq!(told(Probed::Sets { step: 1, is_sent: true }, done(1)), None);
        assert_eq!(told(Probed::Not, done(3)), None);
    }
}
