//! A text field that is validated while typing, by the same type that the server parses.

use crate::ui::typed;
use domain::run_book::form::Field;
use leptos::prelude::*;

/// A text field that is validated while typing.
#[island]
pub fn CheckedField(field: Field, value: String, hint: String) -> impl IntoView {
    let key = field.key();
    let text = RwSignal::new(value.clone());
    // Text typed before hydration stays, and is validated.
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
