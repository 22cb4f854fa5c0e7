//! One step of a run.

use crate::domain::run::state::Standing;
use crate::domain::run::view::RunStep;
use crate::domain::timestamp::Timestamp;
use crate::ui::badge::{Badge, Tone};
use crate::ui::time::{Time, lasted};
use leptos::prelude::*;

fn word(step: &RunStep) -> (&'static str, Tone) {
    match step.state.standing {
        Standing::Pending => ("To come", Tone::Quiet),
        Standing::Running if step.state.tries > 0 => ("Trying again", Tone::Warn),
        Standing::Running => ("Running", Tone::Busy),
        Standing::Succeeded => ("Done", Tone::Good),
        Standing::Failed => ("Failed", Tone::Bad),
    }
}

/// One step: what, how it stands, since when, and Azure's own words.
#[component]
pub fn Step(
    /// Counted from 1.
    number: usize,
    /// The step.
    step: RunStep,
    /// The clock against which ages are told.
    now: Signal<Timestamp>,
) -> impl IntoView {
    let (word, tone) = word(&step);
    let RunStep { planned, state } = step;
    let times = state.started.map(|started| {
        let took = state.ended.map(|ended| format!(", took {}", lasted(started, ended)));
        view! { <p class="by"><Time at=started now /> {took}</p> }
    });
    let answer = state.output.and_then(|output| output.answer).map(|answer| {
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
                {state.note.map(|note| view! { <p class="detail">{note}</p> })}
                {answer}
            </div>
            {times}
        </li>
    }
}
