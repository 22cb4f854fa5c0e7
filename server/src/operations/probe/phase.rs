//! Which steps of a run are probed, and where the result is written down.

use super::{Book, Probes};
use crate::operations::Runs;
use crate::stages::Place;
use app::domain::operation::Operation;
use app::domain::plan::step::StepKind;
use app::domain::run::measured::{Measured, Probe};
use app::domain::run::state::State;
use app::domain::run::{Event, RunId};
use std::sync::Arc;

/// Where a run is, as far as probing is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Probed {
    /// No route is being set.
    Not,
    /// It turns to the step that sets a route.
    Sets {
        /// Which.
        step: u32,
        /// Whether it was sent already, when another process had the run in hand.
        is_sent: bool,
    },
    /// It waits for the route to be in force.
    Waits {
        /// The step that sent it.
        step: u32,
    },
}

impl Probed {
    /// Of a run that turns to a step.
    #[must_use]
    pub fn of(state: &State, step: u32) -> Self {
        let sets = |step: u32| state.step(step).filter(|step| step.kind == StepKind::SetRoute);
        if let Some(state) = sets(step) {
            return Self::Sets { step, is_sent: state.sent };
        }
        let is_wait = state.step(step).is_some_and(|step| step.kind == StepKind::Wait);
        match step.checked_sub(1).filter(|_| is_wait) {
            // Where nothing was sent there is nothing to notice.
            Some(before) if sets(before).is_some_and(|step| step.sent) => {
                Self::Waits { step: before }
            }
            _ => Self::Not,
        }
    }

    /// Whether the route was sent, as far as this run knows.
    #[must_use]
    pub fn is_sent(self) -> bool {
        matches!(self, Self::Waits { .. } | Self::Sets { is_sent: true, .. })
    }

    /// Sees to it that somebody counts.
    pub fn begin(self, runs: &Runs, operation: &Operation, place: &Arc<Place>) {
        let (step, is_late) = match self {
            Self::Not => return runs.probes.stop(&operation.id),
            Self::Sets { step, is_sent } => (step, is_sent),
            Self::Waits { step } => (step, true),
        };
        let book = Book {
            evidence: runs.evidence.clone(),
            clock: runs.clock.clone(),
            at: operation.endpoint.clone(),
        };
        runs.probes.accompany(&operation.id, step, is_late, place, book);
    }

    /// Nothing was sent, and nothing is now: nobody needs to count.
    pub fn rest(self, runs: &Runs, run: &RunId) {
        if matches!(self, Self::Sets { is_sent: false, .. }) {
            runs.probes.stop(run);
        }
    }

    /// The event with what was counted, when it ends what is probed.
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
    use app::domain::run::{Output, Recorded};
    use app::domain::timestamp::Timestamp;

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
    fn where_nobody_probes_the_step_says_so() {
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
