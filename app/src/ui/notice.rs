//! A sentence that must not be missed.

use super::badge::Tone;
use super::written::Written;
use leptos::prelude::*;

/// A sentence that must not be missed.
#[component]
pub fn Notice<C: IntoView + 'static>(
    /// How urgent.
    tone: Tone,
    /// A few words, in bold.
    #[prop(optional, into)]
    title: String,
    /// Whether it is read out when it appears.
    #[prop(optional)]
    alert: bool,
    /// The sentence.
    children: TypedChildren<C>,
) -> impl IntoView {
    view! {
        <div class="notice" data-tone=tone.word() role=alert.then_some("alert")>
            {(!title.is_empty()).then(|| view! { <strong><Written text=title /></strong> })}
            {children.into_inner()()}
        </div>
    }
}
