//! The link to break glass, shown after the ordinary action that the policy forbids.

use leptos::prelude::*;

/// The link with an explanation.
#[component]
pub fn BreakGlassLink(href: String) -> impl IntoView {
    view! {
        <p class="actions">
            <a class="button" data-variant="quiet" href=href aria-describedby="break-glass-about">
                "Break glass"
            </a>
            <span class="reason" id="break-glass-about">
                "Apply immediately, against the stage's policy. The next page shows the plan and the rules that it \
                 would override."
            </span>
        </p>
    }
}
