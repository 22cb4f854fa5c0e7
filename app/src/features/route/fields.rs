//! Parts shared by the editor's fields.

use super::editing::Editing;
use leptos::ev::Event;
use leptos::html;
use leptos::prelude::*;
use web_sys::HtmlInputElement;

/// Resets a slider to the accepted value after a rejected move.
pub fn settle(event: &Event, value: u8) {
    let field: HtmlInputElement = event_target(event);
    let value = value.to_string();
    if field.value() != value {
        field.set_value(&value);
    }
}

/// The value that a slider was moved to.
#[must_use]
pub fn slid(event: &Event) -> Option<u8> {
    event_target_value(event).trim().parse().ok()
}

/// A number field for a share. Shows the draft or, while the typed text is invalid, that text with the reason.
#[component]
pub fn Written(
    /// The field's form name and id.
    field: String,
    #[prop(into)] label: String,
    range: (u8, u8),
    value: Memo<u8>,
    locked: Memo<bool>,
    /// The id of the element that explains a locked field.
    about: String,
    editing: Editing,
    write: Callback<String>,
) -> impl IntoView {
    let node = NodeRef::<html::Input>::new();
    let key = StoredValue::new(field.clone());
    let problem = Memo::new(move |_| key.with_value(|field| editing.problem(field)));
    let wrong = move || problem.with(Option::is_some).then_some("true");
    Effect::new(move |_| {
        let shown = value.get().to_string();
        let is_written = problem.with(Option::is_some);
        if let Some(node) = node.get().filter(|node| !is_written && node.value() != shown) {
            node.set_value(&shown);
        }
    });
    let problem_id = format!("{field}-problem");
    view! {
        <span class="number">
            <input type="number" min=range.0 max=range.1 inputmode="numeric" aria-label=label id=field.clone()
                name=field value=value.get_untracked().to_string() readonly=locked node_ref=node
                aria-invalid=wrong aria-describedby=format!("{about} {problem_id}")
                on:input=move |event| write.run(event_target_value(&event)) />
            "%"
        </span>
        <p class="problem-text" id=problem_id role="status">{move || problem.get()}</p>
    }
}

/// Why a handle does not move.
#[component]
pub fn Reason(
    reason: Memo<Option<String>>,
    /// The id that the field's `aria-describedby` refers to.
    id: String,
) -> impl IntoView {
    view! { <p class="reason" id=id>{move || reason.get()}</p> }
}
