//! The way to break glass from where something is forbidden: a plain link, beside the ordinary way and after it.

use leptos::prelude::*;

/// The link, with what it means.
#[component]
pub fn Offer(
    /// Where the plan is shown.
    href: String,
) -> impl IntoView {
    view! {
        <p class="actions">
            <a class="button" data-variant="quiet" href=href aria-describedby="break-glass-about">
                "Break glass"
            </a>
            <span class="reason" id="break-glass-about">
                "Do it at once, against the stage's policy. The next page shows the plan and the rules that it would \
                 set aside."
            </span>
        </p>
    }
}
