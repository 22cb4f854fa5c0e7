//! What surrounds every page.

use leptos::prelude::*;

/// Header, page, footer.
#[component]
pub fn Frame(children: Children) -> impl IntoView {
    view! { <main id="main">{children()}</main> }
}
