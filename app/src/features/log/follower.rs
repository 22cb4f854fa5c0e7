//! A log that can follow new lines.

use super::api::read_log;
use crate::ui::empty::Empty;
use crate::ui::typed;
use domain::log::Container;
use domain::name::DeploymentName;
use domain::stage::EndpointKey;
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::time::Duration;

/// How often a followed log is read again.
const EVERY: Duration = Duration::from_secs(2);

/// A log that follows new lines while “Follow” is checked.
#[island]
pub fn LogFollower(
    at: EndpointKey,
    name: DeploymentName,
    container: Container,
    tail: u32,
    /// The lines from when the page was rendered.
    lines: Vec<String>,
) -> impl IntoView {
    let text = RwSignal::new(lines.join("\n"));
    let follow = RwSignal::new(typed::in_checkbox("follow", false));
    let trouble = RwSignal::new(None::<String>);
    let pane = NodeRef::<html::Pre>::new();
    let read = move || {
        let (at, name) = (at.clone(), name.clone());
        spawn_local(async move {
            match read_log(at, name, container, tail).await {
                Ok(log) => {
                    trouble.set(None);
                    text.set(log.lines.join("\n"));
                }
                Err(error) => trouble.set(Some(error.to_string())),
            }
        });
    };
    follow_while(follow, read);
    Effect::new(move |_| {
        text.track();
        if let (true, Some(pane)) = (follow.get(), pane.get()) {
            pane.set_scroll_top(pane.scroll_height());
        }
    });
    let empty = Memo::new(move |_| text.with(String::is_empty));
    view! {
        <p class="actions scripted">
            <label class="choice">
                <input type="checkbox" id="follow" prop:checked=follow on:change=move |event| follow.set(event_target_checked(&event)) />
                "Follow"
            </label>
            <span class="reason" role="status">{move || trouble.get()}</span>
        </p>
        <pre class="log" tabindex="0" role="region" aria-label="Lines of the log" hidden=empty node_ref=pane>
            {text}
        </pre>
        {move || empty.get().then(|| view! { <Empty>"This container has not written anything yet."</Empty> })}
    }
}

fn follow_while(follow: RwSignal<bool>, read: impl Fn() + Clone + 'static) {
    Effect::new(move |last: Option<Option<IntervalHandle>>| {
        if let Some(Some(last)) = last {
            last.clear();
        }
        follow
            .get()
            .then(|| {
                read();
                set_interval_with_handle(read.clone(), EVERY).ok()
            })
            .flatten()
    });
}
