//! The route as a plain form, with what is wrong beside the field that it is about.

use crate::domain::endpoint::Endpoint;
use crate::domain::route_form::{BASE, FieldProblem, LIVE_PREFIX, MIRROR, MIRROR_PERCENT};
use crate::paths;
use leptos::prelude::*;

type Fields = Vec<(String, String)>;

fn value(fields: &Fields, name: &str) -> String {
    fields
        .iter()
        .find(|(field, _)| field == name)
        .map(|(_, value)| value.clone())
        .unwrap_or_default()
}

/// The fields of a decided route, unseen.
#[component]
pub fn HiddenFields(
    /// The fields.
    fields: Vec<(String, String)>,
    /// The route that the person sees as the one in force.
    base: String,
) -> impl IntoView {
    let hidden =
        |(name, value): (String, String)| view! { <input type="hidden" name=name value=value /> };
    view! {
        {fields.into_iter().map(hidden).collect::<Vec<_>>()}
        <input type="hidden" name=BASE value=base />
    }
}

/// The route as a plain form.
#[component]
pub fn RouteForm(
    /// The endpoint.
    endpoint: Endpoint,
    /// What the fields hold.
    fields: Vec<(String, String)>,
    /// What is wrong with them.
    problems: Vec<FieldProblem>,
) -> impl IntoView {
    let live = |name: String| {
        let field = format!("{LIVE_PREFIX}{name}");
        let label = format!("Live traffic to {name}");
        let value = value(&fields, &field);
        view! { <Percent label field value problems=problems.clone() /> }
    };
    let names = endpoint.deployments.iter().map(|deployment| deployment.name.to_string());
    let live = names.clone().map(live).collect::<Vec<_>>();
    let chosen = value(&fields, MIRROR);
    let option = |name: String| {
        let selected = name == chosen;
        let value = name.clone();
        view! { <option value=value selected=selected>{name}</option> }
    };
    let options = names.map(option).collect::<Vec<_>>();
    let percent = value(&fields, MIRROR_PERCENT);
    view! {
        <form class="plain" method="get" action=paths::route(&endpoint.key)>
            <input type="hidden" name=BASE value=endpoint.route.to_text() />
            {live}
            <Said problems=problems.clone() field="live".to_owned() />
            <p class="field">
                <label for="mirror">"Mirror to"</label>
                <select id="mirror" name=MIRROR aria-describedby="mirror-problem">
                    <option value="">"nobody"</option>
                    {options}
                </select>
                <Said problems=problems.clone() field=MIRROR.to_owned() />
            </p>
            <Percent label="Mirrored per cent".to_owned() field=MIRROR_PERCENT.to_owned() value=percent problems />
            <p class="actions">
                <button type="submit" class="button">"Update the plan"</button>
            </p>
        </form>
    }
}

#[component]
fn Percent(
    label: String,
    field: String,
    value: String,
    problems: Vec<FieldProblem>,
) -> impl IntoView {
    let wrong = problems.iter().any(|problem| problem.field == field);
    view! {
        <p class="field">
            <label for=field.clone()>{label}</label>
            <span class="number">
                <input type="number" min="0" max="100" id=field.clone() name=field.clone() value=value
                    aria-invalid=wrong.then_some("true") aria-describedby=format!("{field}-problem") />
                "%"
            </span>
            <Said problems field />
        </p>
    }
}

/// What is wrong with a field.
#[component]
fn Said(problems: Vec<FieldProblem>, field: String) -> impl IntoView {
    let id = format!("{field}-problem");
    let said: Vec<_> =
        problems.into_iter().filter(|p| p.field == field).map(|problem| problem.message).collect();
    (!said.is_empty()).then(|| view! { <span class="problem-text" id=id>{said.join(" ")}</span> })
}
