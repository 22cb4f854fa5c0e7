//! What the fields of the editor share.

use leptos::ev::Event;
use leptos::prelude::*;
use web_sys::HtmlInputElement;

/// Puts the value that holds back into a field that asked for another.
pub fn settle(event: &Event, value: u8) {
    let field: HtmlInputElement = event_target(event);
    let value = value.to_string();
    if field.value() != value {
        field.set_value(&value);
    }
}

/// The whole number that was typed or slid to.
#[must_use]
pub fn typed(event: &Event) -> Option<u8> {
    event_target_value(event).trim().parse().ok()
}

/// Why a handle does not move.
#[component]
pub fn Reason(
    /// The sentence, if it does not.
    reason: Memo<Option<String>>,
    /// By which the field refers to it.
    id: String,
) -> impl IntoView {
    view! { <p class="reason" id=id>{move || reason.get()}</p> }
}
