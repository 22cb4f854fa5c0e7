//! The rules of a job's state, and sequences of events.

use super::build::{Build, Method};
use super::state::{Phase, State, StepStatus, Todo};
use super::view::Progress;
use super::*;
use proptest::prelude::*;

fn recorded(event: Event) -> Recorded {
    Recorded { at: Timestamp(1), event }
}

fn kinds() -> [StepKind; 5] {
    [StepKind::Check, StepKind::Upload, StepKind::Schedule, StepKind::Build, StepKind::Register]
}

/// Plays events on a new job.
fn after(events: impl IntoIterator<Item = Event>) -> State {
    let journal: Vec<_> = events.into_iter().map(recorded).collect();
    State::fold(kinds(), &journal).expect("legal events")
}

fn until(step: u32) -> Vec<Event> {
    let mut events = vec![Event::Requested];
    for step in 0..step {
        events.push(Event::StepStarted { step });
        if kinds()[usize::try_from(step).expect("small")].has_effect() {
            events.push(Event::StepSending { step });
        }
        events.push(Event::StepSucceeded { step, output: Output::default() });
    }
    events.push(Event::StepStarted { step });
    events
}

fn cancel() -> Event {
    Event::CancelRequested { by: "Dana".to_owned() }
}

fn build(method: Method) -> Build {
    Build {
        stage: "anet-dev".parse().expect("a stage"),
        image: "nbq-env".parse().expect("a name"),
        description: "Serves nbq".to_owned(),
        tags: "'team=ds'".parse().expect("tags"),
        layer: "litserve".to_owned(),
        repository: "anet/ml-azua".to_owned(),
        commit: "0123456789abcdef0123456789abcdef01234567".to_owned(),
        subject: "Serve".to_owned(),
        committed: None,
        reference: None,
        release: None,
        dockerfile: "Dockerfile".to_owned(),
        context: String::new(),
        method,
        can_deploy: false,
        deploys: None,
        repeats: None,
    }
}

#[test]
fn a_job_is_queued_only_before_its_first_step() {
    let running = |step| Progress::Running { step, trouble: None };
    assert_eq!(Progress::of(&after([Event::Requested])), Progress::Waiting);
    assert_eq!(Progress::of(&after(until(0))), running(StepKind::Check));
    for (step, next) in kinds().into_iter().skip(1).enumerate() {
        let mut events = until(u32::try_from(step + 1).expect("small"));
        // The next step has not begun.
        events.pop();
        assert_eq!(Progress::of(&after(events)), running(next));
    }
}

#[test]
fn a_build_pushes_the_commit_and_latest() {
    let build = build(Method::Registry { untagged: false, timeout_minutes: 60 });
    assert_eq!(
        build.pushed(),
        ["nbq-env:0123456789abcdef0123456789abcdef01234567", "nbq-env:latest"].map(str::to_owned)
    );
    assert_eq!(build.title(), "Build nbq-env from 0123456");
    assert_eq!(build.target().key(), "image/anet-dev/nbq-env");
}

#[test]
fn a_cancelled_job_sends_nothing_more() {
    let state = after(until(1).into_iter().chain([cancel()]));
    assert_eq!(state.todo(), Todo::Finish(Ending::Cancelled { by: "Dana".to_owned() }));
    assert_eq!(Progress::of(&state), Progress::Cancelling { by: "Dana".to_owned() });
    // What was sent, and the registry's work, must be found before they can be cancelled.
    let sending = until(2).into_iter().chain([Event::StepSending { step: 2 }, cancel()]);
    assert_eq!(after(sending).todo(), Todo::Carry(2));
    let following = after(until(3).into_iter().chain([cancel()]));
    assert_eq!(following.todo(), Todo::Carry(3));
    // A build that succeeds nevertheless registers nothing.
    let done = Event::StepSucceeded { step: 3, output: Output::default() };
    let done = following.next(&recorded(done)).expect("legal");
    assert_eq!(done.todo(), Todo::Finish(Ending::Cancelled { by: "Dana".to_owned() }));
}

#[test]
fn a_failed_step_ends_the_job() {
    let failed = Event::StepFailed { step: 1, message: "No such layer.".to_owned() };
    let state = after(until(1).into_iter().chain([failed]));
    let ending = Ending::Failed { message: "No such layer.".to_owned() };
    assert_eq!(state.todo(), Todo::Finish(ending.clone()));
    let ended = state.next(&recorded(Event::Finished { ending })).expect("legal");
    assert_eq!(ended.todo(), Todo::Nothing);
    assert!(!Progress::of(&ended).is_open());
}

#[test]
fn only_steps_with_an_effect_send() {
    let state = after(until(1));
    assert!(state.next(&recorded(Event::StepSending { step: 1 })).is_err());
    let state = after(until(2));
    assert!(state.next(&recorded(Event::StepSending { step: 2 })).is_ok());
}

#[test]
fn tries_are_limited_and_start_again_after_progress() {
    let retry = || Event::RetryScheduled {
        step: 0,
        error: "503".to_owned(),
        due: Timestamp(2),
        refused: false,
    };
    let tries = usize::try_from(TRIES_MAX).expect("small");
    let state = after(until(0).into_iter().chain(std::iter::repeat_with(retry).take(tries)));
    assert!(state.clone().next(&recorded(retry())).is_err());
    let waits = Event::StepWaiting { step: 0, note: "Waiting".to_owned(), approvals: Vec::new() };
    let state = state.next(&recorded(waits)).expect("legal");
    assert!(state.next(&recorded(retry())).is_ok());
}

#[test]
fn only_a_request_that_was_refused_for_certain_was_not_sent() {
    let retry = |refused| Event::RetryScheduled {
        step: 2,
        error: "429".to_owned(),
        due: Timestamp(2),
        refused,
    };
    let sending = || Event::StepSending { step: 2 };
    let is_sent = |events: Vec<Event>| after(until(2).into_iter().chain(events)).steps[2].sent;
    assert!(is_sent(vec![sending()]));
    assert!(is_sent(vec![sending(), retry(false)]));
    assert!(!is_sent(vec![sending(), retry(true)]));
    assert!(!is_sent(vec![sending(), retry(true), sending(), retry(true)]));
    // The answer to the first request was lost, so it may have been carried out.
    assert!(is_sent(vec![sending(), retry(false), sending(), retry(true)]));
}

fn event() -> impl Strategy<Value = Event> {
    let step = 0..6_u32;
    prop_oneof![
        Just(Event::Requested),
        step.clone().prop_map(|step| Event::StepStarted { step }),
        step.clone().prop_map(|step| Event::StepSending { step }),
        step.clone().prop_map(|step| Event::StepWaiting {
            step,
            note: String::new(),
            approvals: Vec::new()
        }),
        (step.clone(), any::<bool>()).prop_map(|(step, refused)| Event::RetryScheduled {
            step,
            error: String::new(),
            due: Timestamp(0),
            refused
        }),
        step.clone().prop_map(|step| Event::StepSucceeded { step, output: Output::default() }),
        step.prop_map(|step| Event::StepFailed { step, message: "x".to_owned() }),
        Just(cancel()),
        Just(Event::Finished { ending: Ending::Succeeded }),
        Just(Event::Finished { ending: Ending::Cancelled { by: "Dana".to_owned() } }),
        Just(Event::Finished { ending: Ending::Failed { message: "x".to_owned() } }),
    ]
}

proptest! {
    #[test]
    fn steps_succeed_in_order_and_the_end_is_final(events in prop::collection::vec(event(), 0..80)) {
        let mut state = State::new(kinds());
        for event in events {
            let was_over = matches!(state.phase, Phase::Finished(_));
            let Ok(next) = state.clone().next(&recorded(event)) else { continue };
            prop_assert!(!was_over);
            let done = next.steps.iter().take_while(|s| s.status == StepStatus::Succeeded).count();
            let others = next.steps.iter().skip(done + 1);
            prop_assert!(others.clone().all(|step| step.status == StepStatus::Pending && !step.sent));
            if let Phase::Finished(Ending::Succeeded) = next.phase {
                prop_assert_eq!(done, next.steps.len());
            }
            state = next;
        }
    }
}
