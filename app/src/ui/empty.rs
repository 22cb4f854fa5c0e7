//! What stands where nothing is.

use leptos::prelude::*;

/// Says that there is nothing, and what would be there.
#[component]
pub fn Empty<C: IntoView + 'static>(
    /// The sentence.
    children: TypedChildren<C>,
) -> impl IntoView {
    view! { <p class="empty">{children.into_inner()()}</p> }
}
