//! Keeps a page without islands current: reloads the page after an event, unless the person is typing.

use crate::live::listen;
use domain::evidence::form::BODY;
use leptos::prelude::*;
use std::time::Duration;
use wasm_bindgen::JsCast;
use web_sys::HtmlTextAreaElement;

/// How long a page is not reloaded after `beforeunload`. Downloads and failed navigations fire that event too, and
/// then the page stays.
const LEAVING: Duration = Duration::from_secs(5);

/// Reloads the page after an event, or offers the reload while the person is typing.
#[island]
pub fn Fresh(
    /// The page's event stream.
    url: String,
    page: String,
    /// The stamp that the page was rendered with.
    stamp: String,
) -> impl IntoView {
    let is_old = RwSignal::new(false);
    let href = page.clone();
    Effect::new(move |_| {
        let page = page.clone();
        let rendered = stamp.clone();
        let is_leaving = StoredValue::new(false);
        window_event_listener_untyped("beforeunload", move |_| {
            is_leaving.set_value(true);
            set_timeout(move || is_leaving.set_value(false), LEAVING);
        });
        listen(&url, "stamp", move |now: String| {
            if now == rendered {
                return;
            }
            // Loading the page now would replace the navigation in progress.
            if is_written() || is_leaving.get_value() {
                is_old.set(true);
            } else {
                // Not a reload: the page may be the response to a form.
                _ = window().location().set_href(&page);
            }
        });
    });
    view! {
        <p class="fresh" role="status">
            {move || is_old.get().then(|| view! {
                "This page is out of date. "
                <a href=href.clone()>"Reload"</a>
                " (discards your draft)."
            })}
        </p>
    }
}

/// Whether a text area holds a draft; an unchanged sample request is not a draft.
fn is_written() -> bool {
    let Ok(fields) = document().query_selector_all("textarea") else { return false };
    let fields = (0..fields.length()).filter_map(|at| fields.get(at)?.dyn_into().ok());
    fields.into_iter().any(|field: HtmlTextAreaElement| {
        let value = field.value();
        let is_sample = field.name() == BODY && field.default_value().is_ok_and(|was| was == value);
        !value.trim().is_empty() && !is_sample
    })
}
