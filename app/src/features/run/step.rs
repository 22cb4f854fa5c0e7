//! One step of a run.

use super::measured::Readings;
use super::phases::PhasesTook;
use crate::domain::run::measured::Measured;
use crate::domain::run::state::Standing;
use crate::domain::run::usual::Usual;
use crate::domain::run::view::RunStep;
use crate::domain::timestamp::Timestamp;
use crate::features::diagnosis::DiagnosisWords;
use crate::ui::badge::{Badge, Tone};
use crate::ui::message::Message;
use crate::ui::time::{Time, lasted, span};
use leptos::prelude::*;

fn word(step: &RunStep, is_over: bool) -> (&'static str, Tone) {
    match step.state.standing {
        Standing::Pending if is_over => ("Not carried out", Tone::Quiet),
        Standing::Pending => ("To come", Tone::Quiet),
        Standing::Running if step.state.tries > 0 => ("Trying again", Tone::Warn),
        Standing::Running => ("Running", Tone::Busy),
        Standing::Succeeded => ("Done", Tone::Good),
        Standing::Failed => ("Failed", Tone::Bad),
    }
}

/// `, usually 3 min`
pub(super) fn usually(usual: Option<Usual>) -> Option<String> {
    usual.map(|Usual { ms, .. }| format!(", usually {}", span(ms)))
}

/// One step: what, how it stands, since when, and Azure's own words.
#[component]
pub fn Step(
    /// Counted from 1.
    number: usize,
    /// The step.
    step: RunStep,
    /// Whether the run has ended, so that nothing more comes.
    is_over: bool,
    /// The clock from which ages are computed.
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
        let label = format!("Azure’s answer to step {number}");
        view! {
            <details>
                <summary>"Azure’s answer"</summary>
                <pre class="raw" tabindex="0" role="region" aria-label=label>{answer}</pre>
            </details>
        }
    });
    view! {
        <li class="run-step" data-kind=planned.kind.label()>
            <Badge tone=tone word=word.to_owned() />
            <div>
                <p class="title">{planned.kind.label()}</p>
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
