//! A button that copies text.

use super::icon::{Glyph, Icon};
use leptos::prelude::*;
use std::time::Duration;

/// Copies `text` and confirms for two seconds. Hidden without scripts.
#[component]
pub fn CopyButton(
    #[prop(into)] text: Signal<String>,
    /// The text's name, which completes “Copy …”.
    #[prop(into)]
    what: String,
) -> impl IntoView {
    let copied = RwSignal::new(false);
    let copy = move |_| {
        _ = window().navigator().clipboard().write_text(&text.get_untracked());
        copied.set(true);
        set_timeout(move || copied.set(false), Duration::from_secs(2));
    };
    view! {
        <button type="button" class="button scripted" data-variant="quiet" on:click=copy>
            <Icon glyph=Glyph::Copy />
            <span aria-live="polite">{move || if copied.get() { "Copied" } else { "Copy" }}</span>
            <span class="unseen">" " {what}</span>
        </button>
    }
}
