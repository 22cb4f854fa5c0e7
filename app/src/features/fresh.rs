//! Keeps a page current that islands would be too heavy for: when something happened, it is loaded again; not while somebody writes.

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

/// Whether somebody has begun to write.
fn is_written() -> bool {
    let field = document().query_selector("textarea").ok().flatten();
    field
        .and_then(|field| field.dyn_into::<HtmlTextAreaElement>().ok())
        .is_some_and(|field| !field.value().trim().is_empty())
}
