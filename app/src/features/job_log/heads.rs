//! The sections of the log: their heads, and the list of them.

use super::log::Log;
use super::model::{Head, Model};
use crate::paths;
use crate::ui::badge::{Badge, Tone};
use crate::ui::written::Written;
use leptos::prelude::*;

/// A section's title, length and result.
#[component]
pub fn HeadText(head: Head) -> impl IntoView {
    let extent = head.extent();
    let failed = head.failed.then(|| view! { " " <Badge tone=Tone::Bad word="Failed" /> });
    view! {
        <span class="log-title"><Written text=head.title /></span>
        " "
        <span class="reason">{extent}</span>
        {failed}
    }
}

/// The list of sections, with links to their first lines.
#[component]
pub fn Sections(log: Log) -> impl IntoView {
    let heads = move || {
        log.follow_layout();
        log.model.with_untracked(Model::heads)
    };
    let none = Memo::new(move |_| heads().is_empty());
    let title = move || format!("Sections of the log ({})", heads().len());
    view! {
        <details class="log-parts" hidden=none>
            <summary>{title}</summary>
            <p class="actions scripted">
                <button type="button" class="button" data-variant="quiet" on:click=move |_| log.toggle_all(true)>"Expand all"</button>
                <button type="button" class="button" data-variant="quiet" on:click=move |_| log.toggle_all(false)>"Collapse all"</button>
            </p>
            <ol tabindex="0" role="region" aria-label="Sections">
                <For each=heads key=Head::clone let(head)>
                    <Section log head />
                </For>
            </ol>
        </details>
    }
}

#[component]
fn Section(log: Log, head: Head) -> impl IntoView {
    let first = head.first;
    let href = log.id.with_value(|id| paths::job_log_line(id, first));
    let go = move |event: web_sys::MouseEvent| {
        // Before the viewer is there, the link leads to the page with the line.
        if log.screen.scroller.get_untracked().is_some() {
            event.prevent_default();
            log.change(|model| model.show_head(first));
        }
    };
    view! { <li><a href=href on:click=go><HeadText head /></a></li> }
}
