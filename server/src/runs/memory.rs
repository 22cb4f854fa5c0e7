//! The state of running steps that this process keeps outside the journal: the number of consecutive reads that
//! contradicted the known state, whether Azure refused all writes, and the duration by the monotonic clock. A process
//! that takes over starts without this state.

use super::steps::Outcome;
use crate::azure;
use crate::clock::{Clock, Passed};
use crate::lock::lock;
use crate::patience::Patience;
use domain::run::RunId;
use domain::run::state::StepState;
use std::collections::HashMap;
use std::mem::{Discriminant, discriminant};
use std::sync::{Mutex, MutexGuard};

/// The state of all runs that this process holds.
#[derive(Debug, Default)]
pub struct Memory(Mutex<HashMap<RunId, Kept>>);

#[derive(Debug)]
struct Kept {
    step: u32,
    /// Consecutive reads that contradicted the known state, with the same verdict.
    doubts: u32,
    of: Option<Discriminant<Outcome>>,
    /// Whether Azure has definitely refused every write of this step.
    is_refused: bool,
    /// The step's duration before this process took it over, in milliseconds by the time of day.
    before_ms: i64,
    since: Passed,
}

/// The part of this state that a step uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Remembered {
    /// The step's duration in milliseconds. Only the part in other processes depends on the time of day.
    pub took_ms: i64,
    /// Whether Azure may have carried out one of the step's writes.
    pub may_have_sent: bool,
}

impl Memory {
    fn lock(&self) -> MutexGuard<'_, HashMap<RunId, Kept>> {
        lock(&self.0)
    }

    /// Begins or continues a step of a run.
    pub fn turn(&self, run: &RunId, step: u32, state: &StepState, clock: &Clock) -> Remembered {
        let (now, passed) = (clock.now(), clock.passed());
        let mut all = self.lock();
        let begin = || Kept {
            step,
            doubts: 0,
            of: None,
            is_refused: false,
            before_ms: state.started.map_or(0, |started| now.since(started).max(0)),
            since: passed,
        };
        let kept = all.entry(run.clone()).or_insert_with(begin);
        if kept.step != step {
            *kept = begin();
        }
        Remembered {
            took_ms: kept.before_ms.saturating_add(passed.since(kept.since)),
            may_have_sent: state.sent && !kept.is_refused,
        }
    }

    /// How long this process has held the run's step, in milliseconds.
    pub fn in_hand_ms(&self, run: &RunId, clock: &Clock) -> i64 {
        self.lock().get(run).map_or(0, |kept| clock.passed().since(kept.since))
    }

    /// Replaces a doubt by its verdict after enough consecutive reads with the same verdict.
    pub fn weigh(&self, run: &RunId, patience: Patience, outcome: Outcome) -> Outcome {
        let mut all = self.lock();
        let Some(kept) = all.get_mut(run) else { return outcome };
        if let Outcome::Doubt { verdict, .. } = &outcome
            && kept.of.replace(discriminant(&**verdict)) != Some(discriminant(&**verdict))
        {
            kept.doubts = 0;
        }
        match outcome {
            Outcome::Doubt { verdict, .. } if kept.doubts.saturating_add(1) >= patience.looks() => {
                kept.doubts = 0;
                *verdict
            }
            Outcome::Doubt { .. } => {
                kept.doubts += 1;
                outcome
            }
            certain => {
                kept.doubts = 0;
                certain
            }
        }
    }

    /// Counts a doubtful read outside a step. Returns whether there were enough consecutive reads to believe it.
    pub fn is_believed(&self, run: &RunId, patience: Patience) -> bool {
        let mut all = self.lock();
        let Some(kept) = all.get_mut(run) else { return false };
        kept.doubts = kept.doubts.saturating_add(1);
        kept.doubts >= patience.looks()
    }

    /// Records that a step sent a write. `had_sent` means that the step had sent one before.
    pub fn sent(&self, run: &RunId, had_sent: bool, refusal: Option<&azure::Error>) {
        use azure::Error::{Conflict, Denied, NotFound, Rejected, Throttled};
        let is_certain = matches!(
            refusal,
            Some(Throttled { .. } | Conflict(_) | Denied(_) | Rejected { .. } | NotFound(_))
        );
        if let Some(kept) = self.lock().get_mut(run) {
            kept.doubts = 0;
            kept.is_refused = is_certain && (!had_sent || kept.is_refused);
        }
    }

    /// Drops the state of a run that this process no longer holds.
    pub fn forget(&self, run: &RunId) {
        self.lock().remove(run);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::plan::step::StepKind;
    use domain::run::Output;
    use domain::run::state::State;
    use domain::timestamp::Timestamp;
    use serde_json::Value;

    const YEAR_MS: i64 = 365 * 24 * 3_600_000;

    fn step(started: Option<i64>, sent: bool) -> StepState {
        let state = State::new([StepKind::SetRoute]).steps.remove(0);
        StepState { started: started.map(Timestamp), sent, ..state }
    }

    fn doubt() -> Outcome {
        let verdict = super::super::steps::fail("No.", &Value::Null);
        Outcome::Doubt { verdict: Box::new(verdict), note: "Again.".to_owned(), checkpoint: None }
    }

    #[test]
    fn one_read_is_never_believed_and_a_different_read_restarts_the_count() {
        let (memory, run, clock) =
            (Memory::default(), RunId("r".to_owned()), Clock::manual(Timestamp(0)));
        let patience = Patience::lasting(std::time::Duration::from_millis(100));
        assert_eq!(patience.looks(), 3);
        memory.turn(&run, 0, &step(Some(0), false), &clock);
        let weigh = |outcome| matches!(memory.weigh(&run, patience, outcome), Outcome::Fail { .. });
        let other = || Outcome::Doubt {
            verdict: Box::new(Outcome::Done(Output::default())),
            note: "Again.".to_owned(),
            checkpoint: None,
        };
        assert!(!weigh(doubt()) && !weigh(doubt()) && !weigh(other()) && !weigh(doubt()));
        assert!(!weigh(doubt()) && weigh(doubt()));
        let wait =
            Outcome::Wait { after: None, checkpoint: None, note: String::new(), phase: None };
        assert!(!weigh(doubt()) && !weigh(doubt()) && !weigh(wait));
        assert!(!weigh(doubt()) && !weigh(doubt()) && weigh(doubt()));
    }

    #[test]
    fn a_clock_that_jumps_does_not_change_a_steps_duration() {
        let (memory, run, clock) =
            (Memory::default(), RunId("r".to_owned()), Clock::manual(Timestamp(YEAR_MS)));
        let state = step(Some(YEAR_MS - 3_000), false);
        assert_eq!(memory.turn(&run, 0, &state, &clock).took_ms, 3_000);
        clock.jump(YEAR_MS);
        clock.advance(2_000);
        assert_eq!(memory.turn(&run, 0, &state, &clock).took_ms, 5_000);
        clock.jump(-2 * YEAR_MS);
        assert_eq!(memory.turn(&run, 0, &state, &clock).took_ms, 5_000);
        assert_eq!(memory.in_hand_ms(&run, &clock), 2_000);
    }

    #[test]
    fn a_step_may_have_sent_unless_azure_refused_every_write() {
        let throttled = azure::Error::Throttled { retry_after: None };
        let lost = azure::Error::Unavailable("lost".to_owned());
        for (sendings, may_have) in [
            (vec![Some(&throttled)], false),
            (vec![Some(&throttled), Some(&throttled)], false),
            (vec![Some(&lost), Some(&throttled)], true),
            (vec![Some(&throttled), Some(&lost)], true),
            (vec![None], true),
        ] {
            let (memory, run, clock) =
                (Memory::default(), RunId("r".to_owned()), Clock::manual(Timestamp(0)));
            memory.turn(&run, 0, &step(Some(0), false), &clock);
            for (index, sending) in sendings.iter().enumerate() {
                memory.sent(&run, index > 0, *sending);
            }
            let told = memory.turn(&run, 0, &step(Some(0), true), &clock);
            assert_eq!(told.may_have_sent, may_have, "{sendings:?}");
        }
        // Another process held the step before, so the result is unknown.
        let (memory, clock) = (Memory::default(), Clock::manual(Timestamp(0)));
        let told = memory.turn(&RunId("r".to_owned()), 0, &step(Some(0), true), &clock);
        assert!(told.may_have_sent);
    }
}
