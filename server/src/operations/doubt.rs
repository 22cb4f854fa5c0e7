//! What this process remembers of the steps that it carries on, beside the journal: how often in a row a read
//! contradicted what is known, whether all that was sent was refused, and how long a step takes, by what has
//! passed and not by the time of day. All of it may be lost: whoever goes on begins to count again.

use super::steps::Outcome;
use crate::azure;
use crate::clock::{Clock, Passed};
use crate::patience::Patience;
use app::domain::run::RunId;
use app::domain::run::state::StepState;
use std::collections::HashMap;
use std::mem::{Discriminant, discriminant};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What is remembered of all runs in hand.
#[derive(Debug, Default)]
pub struct Memory(Mutex<HashMap<RunId, Kept>>);

#[derive(Debug)]
struct Kept {
    step: u32,
    /// Reads in a row that contradicted what is known, with the same consequence.
    doubts: u32,
    /// Which consequence.
    of: Option<Discriminant<Outcome>>,
    /// Whether Azure has refused for certain everything that this step has sent.
    is_refused: bool,
    /// How long it had taken when this process turned to it, by the time of day.
    before_ms: i64,
    since: Passed,
}

/// What a step is told of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Remembered {
    /// How long it has taken, in milliseconds. Only what other processes did of it is told by the time of day.
    pub took_ms: i64,
    /// Whether something that it sent may have been carried out.
    pub may_have_sent: bool,
}

impl Memory {
    fn lock(&self) -> MutexGuard<'_, HashMap<RunId, Kept>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A run turns to a step, or goes on with it.
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

    /// How long this process has had a run's step in hand, in milliseconds.
    pub fn in_hand_ms(&self, run: &RunId, clock: &Clock) -> i64 {
        self.lock().get(run).map_or(0, |kept| clock.passed().since(kept.since))
    }

    /// What is made of an outcome: one in doubt counts once it was the same for long enough.
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

    /// Counts a read that may be old, of something that is no step's; whether it is believed now.
    pub fn is_believed(&self, run: &RunId, patience: Patience) -> bool {
        let mut all = self.lock();
        let Some(kept) = all.get_mut(run) else { return false };
        kept.doubts = kept.doubts.saturating_add(1);
        kept.doubts >= patience.looks()
    }

    /// Something was sent. `had_sent` tells whether it was for the first time.
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

    /// A run is not in hand any more.
    pub fn forget(&self, run: &RunId) {
        self.lock().remove(run);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use app::domain::plan::step::StepKind;
    use app::domain::run::Output;
    use app::domain::run::state::State;
    use app::domain::timestamp::Timestamp;
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
    fn one_read_is_never_believed_and_any_other_begins_the_count_again() {
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
    fn how_long_a_step_takes_knows_no_jump() {
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
    fn only_what_was_refused_for_certain_each_time_was_not_sent() {
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
        // Another process had it in hand: nobody knows.
        let (memory, clock) = (Memory::default(), Clock::manual(Timestamp(0)));
        let told = memory.turn(&RunId("r".to_owned()), 0, &step(Some(0), true), &clock);
        assert!(told.may_have_sent);
    }
}
