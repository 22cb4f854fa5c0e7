//! The route as a plain form, with problems beside their fields.

use crate::paths;
use crate::submission::field;
use domain::endpoint::Endpoint;
use domain::route_form::{BASE, FieldProblem, LIVE, LIVE_PREFIX, MIRROR, MIRROR_PERCENT};
use leptos::prelude::*;

/// The fields of a planned route, hidden.
#[component]
pub fn HiddenFields(
    fields: Vec<(String, String)>,
    /// The current route that the page shows.
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
    endpoint: Endpoint,
    fields: Vec<(String, String)>,
    problems: Vec<FieldProblem>,
) -> impl IntoView {
    let value = |name: &str| field(&fields, name).unwrap_or_default().to_owned();
    // A problem of a field that the form does not have is shown for the whole split.
    let has_field = |name: &str| match name.strip_prefix(LIVE_PREFIX) {
        Some(of) => endpoint.deployments.iter().any(|deployment| deployment.name.as_str() == of),
        None => [MIRROR, MIRROR_PERCENT].contains(&name),
    };
    let shown = |problem: FieldProblem| match has_field(&problem.field) {
        true => problem,
        false => FieldProblem { field: LIVE.to_owned(), ..problem },
    };
    let problems: Vec<_> = problems.into_iter().map(shown).collect();
    let live = |name: String| {
        let field = format!("{LIVE_PREFIX}{name}");
        let label = format!("Live traffic to {name}");
        let value = value(&field);
        view! { <Percent label field value problems=problems.clone() /> }
    };
    let names = endpoint.deployments.iter().map(|deployment| deployment.name.to_string());
    let live = names.clone().map(live).collect::<Vec<_>>();
    let chosen = value(MIRROR);
    let option = |name: String| {
        let selected = name == chosen;
        let value = name.clone();
        view! { <option value=value selected=selected>{name}</option> }
    };
    let options = names.map(option).collect::<Vec<_>>();
    let percent = value(MIRROR_PERCENT);
    view! {
        <form class="plain" method="get" action=paths::route(&endpoint.key)>
            <input type="hidden" name=BASE value=endpoint.route.to_text() />
            {live}
            <Said problems=problems.clone() field=LIVE.to_owned() />
            <p class="field">
                <label for="mirror">"Mirror to"</label>
                <select id="mirror" name=MIRROR aria-describedby="mirror-problem">
                    <option value="">"No deployment"</option>
                    {options}
                </select>
                <Said problems=problems.clone() field=MIRROR.to_owned() />
            </p>
            <Percent label="Mirror %".to_owned() field=MIRROR_PERCENT.to_owned() value=percent problems />
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

/// A field's problems.
#[component]
fn Said(problems: Vec<FieldProblem>, field: String) -> impl IntoView {
    let id = format!("{field}-problem");
    let said: Vec<_> =
        problems.into_iter().filter(|p| p.field == field).map(|problem| problem.message).collect();
    (!said.is_empty()).then(|| view! { <span class="problem-text" id=id>{said.join(" ")}</span> })
}
