//! One step of a run.

use super::measured::Readings;
use super::phases::PhasesTook;
use crate::components::diagnosis::DiagnosisWords;
use crate::ui::badge::{Badge, Tone};
use crate::ui::message::Message;
use crate::ui::time::{Time, lasted, span};
use domain::run::measured::Measured;
use domain::run::state::StepStatus;
use domain::run::typical_duration::Usual;
use domain::run::view::RunStep;
use domain::timestamp::Timestamp;
use leptos::prelude::*;

fn word(step: &RunStep, is_over: bool) -> (&'static str, Tone) {
    match step.state.standing {
        StepStatus::Pending if is_over => ("Not run", Tone::Quiet),
        StepStatus::Pending => ("Pending", Tone::Quiet),
        StepStatus::Running if step.state.tries > 0 => ("Retrying", Tone::Warn),
        StepStatus::Running => ("Running", Tone::Busy),
        StepStatus::Succeeded => ("Done", Tone::Good),
        StepStatus::Failed => ("Failed", Tone::Bad),
    }
}

/// `, usually 3 min`
pub(super) fn usually(usual: Option<Usual>) -> Option<String> {
    usual.map(|Usual { ms, .. }| format!(", usually {}", span(ms)))
}

/// One step: what it does, its status and times, and Azure's response.
#[component]
pub fn Step(
    /// Counted from 1.
    number: usize,
    step: RunStep,
    /// Whether the run has ended: then pending steps never run.
    is_over: bool,
    now: Signal<Timestamp>,
) -> impl IntoView {
    let (word, tone) = word(&step, is_over);
    let RunStep { planned, state, usual, phases, diagnosis } = step;
    let times = state.started.map(|started| {
        let took = state.ended.map(|ended| format!(", took {}", lasted(started, ended)));
        view! { <p class="by"><Time at=started now /> {took} {usually(usual)}</p> }
    });
    let (answer, measured) = match state.output {
        Some(output) => (output.answer, output.measured),
        None => (None, Measured::default()),
    };
    let answer = answer.map(|answer| {
        let label = format!("Azure’s response to step {number}");
        view! {
            <details>
                <summary>"Azure’s response"</summary>
                <pre class="raw" tabindex="0" role="region" aria-label=label>{answer}</pre>
            </details>
        }
    });
    view! {
        <li class="run-step" data-kind=planned.kind.label()>
            <Badge tone=tone word=word.to_owned() />
            <div>
                <h3 class="title">{planned.kind.label()}</h3>
                <p>{planned.text}</p>
                <PhasesTook phases now />
                {diagnosis.map(|diagnosis| view! { <DiagnosisWords diagnosis /> })}
                {state.note.map(|note| view! { <div class="detail"><Message text=note /></div> })}
                <Readings measured number />
                {answer}
            </div>
            {times}
        </li>
    }
}
