//! Terms and what they are: a list of facts.

use leptos::prelude::*;

/// One fact; stands in a `<dl class="facts">`.
#[component]
pub fn Fact<C: IntoView + 'static>(
    /// What it is about.
    term: &'static str,
    /// What it is.
    children: TypedChildren<C>,
) -> impl IntoView {
    view! {
        <div>
            <dt>{term}</dt>
            <dd>{children.into_inner()()}</dd>
        </div>
    }
}
