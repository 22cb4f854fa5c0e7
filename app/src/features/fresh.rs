//! Keeps a page current that islands would be too heavy for: when something happened, it is loaded again; not while somebody writes.

use crate::domain::evidence::form::BODY;
use crate::live::listen;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlTextAreaElement;

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
        listen(&url, "stamp", move |now: String| {
            if now == rendered {
                return;
            }
            if is_written() {
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
