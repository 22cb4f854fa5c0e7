//! Keeps a page current that islands would be too heavy for: when something happened, it is loaded again; not while somebody writes.

use crate::domain::evidence::form::BODY;
use crate::live::listen;
use leptos::prelude::*;
use std::time::Duration;
use wasm_bindgen::JsCast;
use web_sys::HtmlTextAreaElement;

/// How long a page that is being left is not loaded again. Downloads and navigations that fail leave nothing, and
/// then the page goes on.
const LEAVING: Duration = Duration::from_secs(5);

/// Says that something happened, or shows it at once when nobody is writing.
#[island]
pub fn Fresh(
    /// Where the server tells how things stand.
    url: String,
    /// The page to load.
    page: String,
    /// How things stood when it was rendered.
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
            // To load the page now would take the place of where somebody is going.
            if is_written() || is_leaving.get_value() {
                is_old.set(true);
            } else {
                // Not a reload: the page may be the answer to a form.
                _ = window().location().set_href(&page);
            }
        });
    });
    view! {
        <p class="fresh" role="status">
            {move || is_old.get().then(|| view! {
                "Something happened here since. "
                <a href=href.clone()>"Show it"</a>
                ". What you wrote is lost then."
            })}
        </p>
    }
}

/// Whether somebody has begun to write: into a comment, or something else than stood there.
fn is_written() -> bool {
    let Ok(fields) = document().query_selector_all("textarea") else { return false };
    let fields = (0..fields.length()).filter_map(|at| fields.get(at)?.dyn_into().ok());
    fields.into_iter().any(|field: HtmlTextAreaElement| {
        let value = field.value();
        let is_sample = field.name() == BODY && field.default_value().is_ok_and(|was| was == value);
        !value.trim().is_empty() && !is_sample
    })
}
