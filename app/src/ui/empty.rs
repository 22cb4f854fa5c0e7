//! The text of an empty list or table.

use leptos::prelude::*;

/// The text of an empty list or table.
#[component]
pub fn Empty<C: IntoView + 'static>(children: TypedChildren<C>) -> impl IntoView {
    view! { <p class="empty">{children.into_inner()()}</p> }
}
