//! What the fields of the editor share.

use super::editing::Editing;
use leptos::ev::Event;
use leptos::html;
use leptos::prelude::*;
use web_sys::HtmlInputElement;

/// Puts the value that holds back into a slider that asked for another.
pub fn settle(event: &Event, value: u8) {
    let field: HtmlInputElement = event_target(event);
    let value = value.to_string();
    if field.value() != value {
        field.set_value(&value);
    }
}

/// The whole number that a slider was moved to.
#[must_use]
pub fn slid(event: &Event) -> Option<u8> {
    event_target_value(event).trim().parse().ok()
}

/// A share written as a number. It shows the draft, or what somebody wrote, with the reason why that is not the
/// draft: never one thing while another is sent.
#[component]
pub fn Written(
    /// The name under which it is sent; its id as well.
    field: String,
    /// What it is, for those who do not see where it stands.
    #[prop(into)]
    label: String,
    /// The least and the most.
    range: (u8, u8),
    /// What is drafted.
    value: Memo<u8>,
    /// Whether nothing can be written.
    locked: Memo<bool>,
    /// By which its reason is referred to.
    about: String,
    /// What it is part of.
    editing: Editing,
    /// Takes what is written.
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
    /// The sentence, if it does not.
    reason: Memo<Option<String>>,
    /// By which the field refers to it.
    id: String,
) -> impl IntoView {
    view! { <p class="reason" id=id>{move || reason.get()}</p> }
}
