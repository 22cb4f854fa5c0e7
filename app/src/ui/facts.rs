//! A list of terms and values.

use leptos::prelude::*;

/// One term and its value, inside a `<dl class="facts">`.
#[component]
pub fn Fact<C: IntoView + 'static>(
    term: &'static str,
    children: TypedChildren<C>,
) -> impl IntoView {
    view! {
        <div>
            <dt>{term}</dt>
            <dd>{children.into_inner()()}</dd>
        </div>
    }
}
