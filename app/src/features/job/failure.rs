//! Why a job failed: in plain words, with the line of the log that says so.

use crate::paths;
use crate::port::{Cause, JobView};
use crate::ui::message::Message;
use crate::ui::section::Section;
use crate::ui::written::Written;
use domain::job::JobId;
use domain::job::view::Progress;
use leptos::either::Either;
use leptos::prelude::*;

/// The cause of a failure; nothing while the job has not failed.
#[component]
pub fn Failure(view: JobView) -> impl IntoView {
    let Progress::Failed { message } = view.job.progress else { return None };
    let id = view.job.id;
    Some(view! {
        <Section id="failure" title="Why it failed">
            {match view.cause {
                // The failed step has the message too.
                Some(cause) => Either::Left(view! { <CauseWords id cause /> }),
                None => Either::Right(view! { <Message text=message /> }),
            }}
        </Section>
    })
}

#[component]
fn CauseWords(id: JobId, cause: Cause) -> impl IntoView {
    let Cause { what, remedy, line, quote } = cause;
    view! {
        <div class="diagnosis">
            <p><strong>{what}</strong></p>
            <p>{remedy}</p>
            <p class="told">
                <a href=paths::job_log_line(&id, line)>"Line " {line} " of the log"</a>
                ": " <code><Written text=quote /></code>
            </p>
        </div>
    }
}
