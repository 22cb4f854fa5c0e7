//! One step of a job.

use crate::paths;
use crate::ui::badge::{Badge, Tone};
use crate::ui::message::Message;
use crate::ui::time::{Time, lasted};
use domain::job::Fact;
use domain::job::state::{StepState, StepStatus};
use domain::job::view::Progress;
use domain::timestamp::Timestamp;
use leptos::prelude::*;

/// A step's status as a word and a tone. In a job that has ended, pending steps never run; in one that somebody
/// cancelled, the last step did not fail on its own.
fn word(step: &StepState, progress: &Progress) -> (String, Tone) {
    let is_over = !progress.is_open();
    match step.status {
        StepStatus::Failed if matches!(progress, Progress::Cancelled { .. }) => {
            ("Stopped".to_owned(), Tone::Warn)
        }
        StepStatus::Pending if is_over => ("Not run".to_owned(), Tone::Quiet),
        StepStatus::Pending => ("Pending".to_owned(), Tone::Quiet),
        StepStatus::Running if is_over => ("Stopped".to_owned(), Tone::Warn),
        StepStatus::Running if step.tries > 0 => (format!("Retrying ({})", step.tries), Tone::Warn),
        StepStatus::Running => ("Running".to_owned(), Tone::Busy),
        StepStatus::Succeeded => ("Done".to_owned(), Tone::Good),
        StepStatus::Failed => ("Failed".to_owned(), Tone::Bad),
    }
}

/// One step: its status, its times, and what it waits for, found or failed at.
#[component]
pub fn Step(
    step: StepState,
    /// The job's progress.
    progress: Progress,
    now: Timestamp,
) -> impl IntoView {
    let (word, tone) = word(&step, &progress);
    let current = (step.status == StepStatus::Running && progress.is_open()).then_some("step");
    let StepState { kind, started, ended, note, output, .. } = step;
    let links = output.into_iter().flat_map(|output| output.facts).filter_map(link);
    let links = links.collect::<Vec<_>>();
    let times = started.map(|started| {
        let took = ended.map(|ended| format!(", took {}", lasted(started, ended)));
        view! { <p class="by"><Time at=started now /> {took}</p> }
    });
    view! {
        <li class="run-step" data-kind=kind.label() aria-current=current>
            <Badge tone word />
            <div>
                <h3 class="title">{kind.label()}</h3>
                {note.map(|note| view! { <div class="detail"><Message text=note /></div> })}
                {links}
            </div>
            {times}
        </li>
    }
}

/// Where the deployment after a build goes on.
fn link(fact: Fact) -> Option<impl IntoView> {
    let (href, words) = match fact {
        Fact::Deployment { run } => (paths::run(&run), "Open the run"),
        Fact::Change { change } => (paths::change(&change), "Open the change"),
        _ => return None,
    };
    Some(view! { <p class="detail"><a href=href>{words}</a></p> })
}
