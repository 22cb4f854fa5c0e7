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
    let (id, has_log) = (view.job.id, view.log_removed.is_none());
    Some(view! {
        <Section id="failure" title="Why it failed">
            {match view.cause {
                // The failed step has the message too.
                Some(cause) => Either::Left(view! { <CauseWords id cause has_log /> }),
                None => Either::Right(view! { <Message text=message /> }),
            }}
        </Section>
    })
}

#[component]
fn CauseWords(
    id: JobId,
    cause: Cause,
    /// Whether the line can still be read.
    has_log: bool,
) -> impl IntoView {
    let Cause { what, remedy, line, quote } = cause;
    let place = view! { "Line " {line} " of the log" };
    view! {
        <div class="diagnosis">
            <p><strong>{what}</strong></p>
            <p>{remedy}</p>
            <p class="told">
                {match has_log {
                    true => Either::Left(view! { <a href=paths::job_log_line(&id, line)>{place}</a> }),
                    false => Either::Right(place),
                }}
                ": " <code><Written text=quote /></code>
            </p>
        </div>
    }
}
