//! An input of a build that is validated while typing, by the same types that the server parses.

use crate::ui::typed;
use domain::release::{answers, build};
use leptos::prelude::*;

/// The input that names the Dockerfile's layer.
pub(super) const LAYER: &str = "target_layer";

/// The problem with an input's text; `choices`: the values that exist, if they are known.
fn problem(key: &str, text: &str, choices: &[String]) -> Option<String> {
    build::problem(key, text).or_else(|| {
        let text = text.trim();
        // As Docker does: by name, ignoring case, or by number.
        let is_known = choices.iter().any(|choice| choice.eq_ignore_ascii_case(text))
            || text.parse::<usize>().is_ok();
        let is_unknown = key == LAYER && !choices.is_empty() && !is_known;
        is_unknown.then(|| {
            format!("The Dockerfile has no layer “{text}”. Its layers: {}.", choices.join(", "))
        })
    })
}

/// A text field for an input, validated while typing.
#[island]
pub fn CheckedInput(
    key_: String,
    value: String,
    /// Whether the workflow has a value, which an empty field leaves as it is.
    has_value: bool,
    /// The workflow's expression, which only GitHub can resolve.
    workflow: Option<String>,
    /// The values that exist, if they are known.
    choices: Vec<String>,
) -> impl IntoView {
    let name = format!("{}{key_}", answers::PREFIX);
    let text = RwSignal::new(value.clone());
    // Text typed before hydration stays, and is validated.
    let typed = typed::in_input(&name);
    let held = typed.clone().unwrap_or_else(|| value.clone());
    Effect::new(move |_| {
        if let Some(typed) = &typed {
            text.set(typed.clone());
        }
    });
    let (about, list) = (format!("{name}-about"), format!("{name}-choices"));
    let has_choices = !choices.is_empty();
    let options = choices.iter().map(|choice| view! { <option value=choice.clone()></option> });
    let options = options.collect::<Vec<_>>();
    let options = has_choices.then(|| view! { <datalist id=list.clone()>{options}</datalist> });
    let (key, label) = (key_.clone(), key_);
    let problem = Memo::new(move |_| {
        text.with(|text| {
            let is_kept = has_value && text.trim().is_empty();
            (!is_kept).then(|| problem(&key, text, &choices)).flatten()
        })
    });
    view! {
        <p class="field">
            <label for=name.clone()>{label}</label>
            <input type="text" id=name.clone() name=name value=value prop:value=held autocomplete="off"
                autocapitalize="off" spellcheck="false" aria-describedby=about.clone()
                list=has_choices.then_some(list)
                aria-invalid=move || problem.with(Option::is_some).then_some("true")
                on:input=move |event| text.set(event_target_value(&event)) />
            <span id=about class="about">
                {workflow.map(|says| view! { <small>"Workflow value: " <code>{says}</code> ". "</small> })}
                <span class="problem-text" role="status">{move || problem.get()}</span>
            </span>
        </p>
        {options}
    }
}
