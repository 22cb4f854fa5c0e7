//! A text field that is checked as one types, by the type that the server reads it with.

use crate::domain::run_book::form::Field;
use crate::ui::typed;
use leptos::prelude::*;

/// A text field that is checked as one types.
#[island]
pub fn CheckedField(
    /// Which.
    field: Field,
    /// What it holds.
    value: String,
    /// What may be written there.
    hint: String,
) -> impl IntoView {
    let key = field.key();
    let text = RwSignal::new(value.clone());
    // What was typed before this woke stays, and is checked.
    let typed = typed::in_input(key);
    let held = typed.clone().unwrap_or_else(|| value.clone());
    Effect::new(move |_| {
        if let Some(typed) = &typed {
            text.set(typed.clone());
        }
    });
    let problem = Memo::new(move |_| text.with(|text| field.problem(text)));
    let about = format!("{key}-about");
    view! {
        <p class="field">
            <label for=key>{field.label()}</label>
            <input type="text" id=key name=key value=value prop:value=held autocomplete="off"
                autocapitalize="off" spellcheck="false" aria-describedby=about.clone()
                aria-invalid=move || problem.with(Option::is_some).then_some("true")
                on:input=move |event| text.set(event_target_value(&event)) />
            <span id=about>
                <small>{hint}</small>
                <span class="problem-text" role="status">{move || problem.get()}</span>
            </span>
        </p>
    }
}
