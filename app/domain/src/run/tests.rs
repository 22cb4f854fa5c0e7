//! Legal and illegal events of a run: a table, and generated sequences.

use super::measured::Measured;
use super::state::{Phase, State, StepStatus, Todo};
use super::*;
use proptest::prelude::*;

const KINDS: [StepKind; 6] = [
    StepKind::Check,
    StepKind::PutDeployment,
    StepKind::Wait,
    StepKind::SetRoute,
    StepKind::Wait,
    StepKind::Bake,
];

fn recorded(event: Event) -> Recorded {
    Recorded { at: Timestamp(7), event }
}

fn failed(step: u32) -> Event {
    let (message, measured) = ("no".to_owned(), Measured::default());
    Event::StepFailed { step, message, answer: None, measured }
}

/// An event from a word: `start 1`, `sent 1`, `wait 1`, `again 1`, `done 1`, `fail 1`, `cancel`,
/// `attention`, `not-reverted`, `retry`, `succeeded`, `failed`, `cancelled`, `rolled-back`, `left`, `requested`.
fn event(word: &str) -> Event {
    let (name, step) = word.split_once(' ').unwrap_or((word, "0"));
    let step = step.parse().expect("a number");
    let by = "Dana".to_owned();
    let finished = |ending| Event::Finished { ending };
    match name {
        "requested" => Event::Requested,
        "start" => Event::StepStarted { step },
        "sent" => Event::StepSending { step },
        "wait" => {
            Event::StepWaiting { step, note: "at work".to_owned(), checkpoint: None, phase: None }
        }
        "again" => Event::RetryScheduled { step, error: "trouble".to_owned(), due: Timestamp(9) },
        "done" => Event::StepSucceeded { step, output: Output::default() },
        "fail" => failed(step),
        "cancel" => Event::CancelRequested { by },
        "attention" => Event::NeedsAttention,
        "not-reverted" => Event::NotReverted { why: "Somebody was there.".to_owned() },
        "retry" => Event::RetryRequested { by },
        "succeeded" => finished(Ending::Succeeded),
        "failed" => finished(Ending::Failed { message: "no".to_owned() }),
        "cancelled" => finished(Ending::Cancelled { by }),
        "rolled-back" => finished(Ending::RolledBack { by, run: RunId("r".to_owned()) }),
        "left" => finished(Ending::Left { by }),
        other => panic!("{other} is not an event"),
    }
}

fn after(words: &str) -> Result<State, Illegal> {
    let journal: Vec<_> = words.split(", ").map(|word| recorded(event(word))).collect();
    State::fold(KINDS, &journal)
}

const BEGUN: &str = "requested, start 0, done 0, start 1";
/// The run has set a route, and its share bakes.
const BAKING: &str = "requested, start 0, done 0, start 1, sent 1, done 1, start 2, done 2, start 3, sent 3, \
                      done 3, start 4, done 4, start 5";

#[test]
fn legal_events_lead_to_the_next_action() {
    let cases: [(&str, Todo); 13] = [
        ("requested", Todo::Begin(0)),
        ("requested, start 0", Todo::Carry(0)),
        ("requested, start 0, done 0", Todo::Begin(1)),
        ("requested, start 0, fail 0", Todo::Stop),
        ("requested, start 0, fail 0, failed", Todo::Nothing),
        ("requested, cancel", Todo::Finish(Ending::Cancelled { by: "Dana".to_owned() })),
        ("requested, start 0, done 0, start 1, sent 1, cancel", Todo::Carry(1)),
        (
            "requested, start 0, done 0, start 1, cancel",
            Todo::Finish(Ending::Cancelled { by: "Dana".to_owned() }),
        ),
        // A cancelled run completes what it has sent before it stops.
        ("requested, start 0, done 0, start 1, sent 1, cancel, done 1", Todo::Begin(2)),
        (
            "requested, start 0, done 0, start 1, cancel, done 1, start 2, done 2",
            Todo::Finish(Ending::Cancelled { by: "Dana".to_owned() }),
        ),
        ("requested, start 0, done 0, start 1, sent 1, fail 1, attention", Todo::Nothing),
        ("requested, start 0, done 0, start 1, sent 1, fail 1, attention, retry", Todo::Begin(1)),
        // A wait that failed is retried from what it waited for.
        (
            "requested, start 0, done 0, start 1, sent 1, done 1, start 2, fail 2, attention, retry",
            Todo::Begin(1),
        ),
    ];
    for (words, todo) in cases {
        assert_eq!(after(words).expect(words).todo(), todo, "{words}");
    }
}

#[test]
fn a_failed_bake_is_rolled_back_automatically() {
    let cancelled = Todo::Finish(Ending::Cancelled { by: "Dana".to_owned() });
    for (tail, todo) in [
        ("done 5", Todo::Finish(Ending::Succeeded)),
        ("wait 5", Todo::Carry(5)),
        // A bake has sent nothing: a cancelled run stops at once.
        ("cancel", cancelled.clone()),
        ("wait 5, cancel, cancelled", Todo::Nothing),
        ("fail 5", Todo::Revert),
        // A failed bake is rolled back even if somebody asked to stop the run.
        ("fail 5, cancel", Todo::Revert),
        ("fail 5, rolled-back", Todo::Nothing),
        ("fail 5, not-reverted", Todo::Nothing),
        ("fail 5, not-reverted, rolled-back", Todo::Nothing),
        // A retry repeats the bake.
        ("fail 5, not-reverted, retry", Todo::Begin(5)),
    ] {
        let state = after(&format!("{BAKING}, {tail}")).expect(tail);
        assert_eq!(state.todo(), todo, "{tail}");
        check(&state);
    }
    for tail in [
        "sent 5",
        "not-reverted",
        "rolled-back",
        "fail 5, attention",
        "fail 5, retry",
        "fail 5, left",
        "fail 5, succeeded",
        "fail 5, failed",
        "fail 5, rolled-back, rolled-back",
        "fail 5, not-reverted, not-reverted",
        "done 5, rolled-back",
    ] {
        assert!(after(&format!("{BAKING}, {tail}")).is_err(), "{tail}");
    }
    let state = after(&format!("{BAKING}, fail 5, not-reverted")).expect("legal");
    assert_eq!(state.failure(), Some("no Somebody was there."));
    // If nothing was sent, there is nothing to roll back.
    let state = after(&BAKING.replace("sent 1, ", "").replace("sent 3, ", "")).expect("legal");
    let state = state.next(&recorded(failed(5))).expect("legal");
    assert_eq!(state.todo(), Todo::Stop);
}

#[test]
fn illegal_events_are_rejected() {
    for words in [
        "start 0",
        "requested, requested",
        "requested, start 1",
        "requested, done 0",
        "requested, start 0, sent 0",
        "requested, start 0, start 0",
        "requested, start 0, done 1",
        "requested, succeeded",
        "requested, cancelled",
        "requested, retry",
        "requested, left",
        "requested, cancel, cancel",
        "requested, cancel, start 0",
        "requested, start 0, fail 0, attention",
        "requested, start 0, fail 0, start 0",
        "requested, start 0, fail 0, failed, retry",
    ] {
        assert!(after(words).is_err(), "{words}");
    }
    for tail in ["failed", "fail 1, failed, left", "sent 1, fail 1, failed", "sent 1, rolled-back"]
    {
        assert!(after(&format!("{BEGUN}, {tail}")).is_err(), "{tail}");
    }
    let ended = "sent 1, fail 1, attention, left";
    assert!(after(&format!("{BEGUN}, {ended}")).is_ok());
    for more in ["retry", "left", "cancel", "start 1"] {
        assert!(after(&format!("{BEGUN}, {ended}, {more}")).is_err(), "{more}");
    }
}

#[test]
fn tries_are_limited_and_reset_when_azure_answers() {
    let mut state = after(BEGUN).expect("legal");
    for _ in 0..TRIES_MAX {
        state = state.next(&recorded(event("again 1"))).expect("legal");
    }
    assert!(state.clone().next(&recorded(event("again 1"))).is_err());
    let heard = state.next(&recorded(event("wait 1"))).expect("legal");
    assert!(heard.next(&recorded(event("again 1"))).is_ok());
}

#[test]
fn a_journal_has_a_maximum_length() {
    let mut state = after(BEGUN).expect("legal");
    while state.events < EVENTS_MAX {
        state = state.next(&recorded(event("wait 1"))).expect("legal");
    }
    assert!(state.next(&recorded(event("wait 1"))).is_err());
}

#[test]
fn events_survive_serialization() {
    for word in [
        "requested",
        "start 1",
        "wait 1",
        "again 1",
        "done 1",
        "fail 1",
        "not-reverted",
        "rolled-back",
    ] {
        let event = event(word);
        let text = serde_json::to_string(&event).expect("JSON");
        assert_eq!(serde_json::from_str::<Event>(&text).expect("an event"), event);
    }
}

const NAMES: [&str; 16] = [
    "requested",
    "start",
    "sent",
    "wait",
    "again",
    "done",
    "fail",
    "cancel",
    "attention",
    "not-reverted",
    "retry",
    "succeeded",
    "failed",
    "cancelled",
    "rolled-back",
    "left",
];

/// Checks the invariants of every state.
fn check(state: &State) {
    let current = usize::try_from(state.current()).expect("small");
    for (index, step) in state.steps.iter().enumerate() {
        match index.cmp(&current) {
            std::cmp::Ordering::Less => assert_eq!(step.standing, StepStatus::Succeeded),
            std::cmp::Ordering::Equal => assert_ne!(step.standing, StepStatus::Succeeded),
            std::cmp::Ordering::Greater => assert_eq!(step.standing, StepStatus::Pending),
        }
        assert!(!step.sent || has_effect(step.kind));
        assert!(step.tries <= TRIES_MAX);
    }
    match &state.phase {
        Phase::New => assert_eq!(state.events, 0),
        Phase::Running => assert_ne!(state.todo(), Todo::Nothing),
        Phase::Attention => assert!(state.failure().is_some() && state.has_sent()),
        Phase::Finished(Ending::Succeeded) => assert_eq!(current, state.steps.len()),
        Phase::Finished(Ending::Failed { .. }) => assert!(!state.has_sent()),
        Phase::Finished(Ending::Cancelled { .. }) => assert!(state.cancel.is_some()),
        Phase::Finished(_) => assert!(state.failure().is_some()),
    }
}

proptest! {
    #[test]
    fn no_sequence_of_events_leaves_an_illegal_state(
        words in proptest::collection::vec((0..NAMES.len(), 0_u32..7), 0..200)
    ) {
        let mut state = State::new(KINDS);
        for (name, step) in words {
            let tried = recorded(event(&format!("{} {step}", NAMES[name])));
            let was_over = matches!(state.phase, Phase::Finished(_));
            if let Ok(next) = state.clone().next(&tried) {
                prop_assert!(!was_over);
                check(&next);
                state = next;
            }
        }
    }

    /// A run ends whatever Azure answers, if the engine always takes the next action.
    #[test]
    fn a_run_ends_whatever_azure_answers(answers in proptest::collection::vec(0..6_u8, 60)) {
        let mut state = State::new(KINDS).next(&recorded(Event::Requested)).expect("legal");
        for answer in answers {
            let event = match state.todo() {
                Todo::Nothing => break,
                Todo::Begin(step) => Event::StepStarted { step },
                Todo::Stop => state.after_failure(),
                Todo::Finish(ending) => Event::Finished { ending },
                Todo::Revert if answer == 0 => event("not-reverted"),
                Todo::Revert => event("rolled-back"),
                Todo::Carry(step) => match answer {
                    0 => failed(step),
                    1 if has_effect(state.steps[step as usize].kind) => Event::StepSending { step },
                    2 => event(&format!("again {step}")),
                    _ => Event::StepSucceeded { step, output: Output::default() },
                },
            };
            let next = state.next(&recorded(event));
            prop_assert!(next.is_ok(), "{next:?}");
            state = next.expect("legal");
            check(&state);
        }
    }
}
