//! What stands where nothing is.

use leptos::prelude::*;

/// Says that there is nothing, and what would be there.
#[component]
pub fn Empty(
    /// The sentence.
    children: Children,
) -> impl IntoView {
    view! { <p class="empty">{children()}</p> }
}
