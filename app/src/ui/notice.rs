//! A prominent notice.

use super::badge::Tone;
use super::written::Written;
use leptos::prelude::*;

/// A prominent notice.
#[component]
pub fn Notice<C: IntoView + 'static>(
    tone: Tone,
    #[prop(optional, into)] title: String,
    /// Whether screen readers announce the notice when it appears.
    #[prop(optional)]
    alert: bool,
    children: TypedChildren<C>,
) -> impl IntoView {
    view! {
        <div class="notice" data-tone=tone.word() role=alert.then_some("alert")>
            {(!title.is_empty()).then(|| view! { <strong><Written text=title /></strong> })}
            {children.into_inner()()}
        </div>
    }
}
