//! What a person can do about a job, one plain form each.

use crate::paths;
use crate::port::JobView;
use crate::ui::section::Section;
use domain::job::build::Method;
use domain::job::form::FAILED_ONLY;
use domain::job::view::Progress;
use leptos::either::Either;
use leptos::prelude::*;

/// What the buttons depend on.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Offered {
    progress: Progress,
    may_not_cancel: Option<String>,
    may_not_repeat: Option<String>,
    is_workflow: bool,
}

/// The buttons of a job.
#[component]
pub fn Actions(view: JobView) -> impl IntoView {
    let (cancel, repeat) = (paths::cancel_job(&view.job.id), paths::repeat_job(&view.job.id));
    let offered = Offered {
        is_workflow: matches!(view.job.build.method, Method::Workflow { .. }),
        progress: view.job.progress,
        may_not_cancel: view.may_not_cancel,
        may_not_repeat: view.may_not_repeat,
    };
    let buttons = match offered.progress.is_open() {
        true => Either::Left(view! { <Cancel action=cancel offered /> }),
        false => Either::Right(view! { <Repeat action=repeat offered /> }),
    };
    view! { <Section id="actions" title="Actions"><div class="job-actions">{buttons}</div></Section> }
}

#[component]
fn Cancel(action: String, offered: Offered) -> impl IntoView {
    let asked = match &offered.progress {
        Progress::Cancelling { by } => Some(format!("{by} has already cancelled this job.")),
        _ => None,
    };
    let why_not = asked.or(offered.may_not_cancel);
    let help = match offered.is_workflow {
        true => "Cancels the workflow run on GitHub, with all its jobs.",
        false => "Stops the build before it registers an environment version.",
    };
    view! {
        <form method="post" action=action class="actions">
            <button type="submit" class="button" data-variant="danger" disabled=why_not.is_some()
                aria-describedby="cancel-about">
                "Cancel"
            </button>
            <p id="cancel-about" class="reason">{why_not.unwrap_or_else(|| help.to_owned())}</p>
        </form>
    }
}

#[component]
fn Repeat(action: String, offered: Offered) -> impl IntoView {
    let Offered { progress, may_not_repeat, is_workflow, .. } = offered;
    let why_not = may_not_repeat;
    let can_rerun = is_workflow && progress != Progress::Succeeded;
    let failed = can_rerun.then(|| {
        let help = "GitHub runs the failed jobs of the same workflow run again.".to_owned();
        let about = why_not.clone().unwrap_or(help);
        view! {
            <form method="post" action=action.clone() class="actions">
                <input type="hidden" name=FAILED_ONLY value="true" />
                <button type="submit" class="button" data-variant="lead" disabled=why_not.is_some()
                    aria-describedby="rerun-about">
                    "Re-run failed jobs"
                </button>
                <p id="rerun-about" class="reason">{about}</p>
            </form>
        }
    });
    let help = "Starts a new job for the same commit with the same inputs.".to_owned();
    let is_off = why_not.is_some();
    // After a success, deploying the image comes first.
    let variant = if can_rerun || progress == Progress::Succeeded { "plain" } else { "lead" };
    view! {
        {failed}
        <form method="post" action=action class="actions">
            <button type="submit" class="button" data-variant=variant disabled=is_off
                aria-describedby="repeat-about">
                "Build again"
            </button>
            <p id="repeat-about" class="reason">{why_not.unwrap_or(help)}</p>
        </form>
    }
}
