//! The filters: a plain form whose fields become the URL's query.

use super::page::Fields;
use crate::paths;
use crate::submission::field;
use domain::history::Kind;
use domain::stage::EndpointKey;
use leptos::prelude::*;
use std::collections::BTreeSet;

/// The filter form above the list.
#[component]
pub fn FilterForm(endpoints: Vec<EndpointKey>, fields: Fields, is_filtered: bool) -> impl IntoView {
    let value = move |name: &str| field(&fields, name).unwrap_or_default().to_owned();
    let stages: BTreeSet<_> = endpoints.iter().map(|at| at.stage.to_string()).collect();
    let names: BTreeSet<_> = endpoints.iter().map(|at| at.endpoint.to_string()).collect();
    let pair = |name: String| (name.clone(), name);
    let kinds = Kind::ALL.map(|kind| (kind.word().to_owned(), kind.label().to_owned()));
    view! {
        <form class="filter" method="get" action=paths::HISTORY>
            <Choice name="stage" label="Stage" chosen=value("stage") choices=stages.into_iter().map(pair).collect() />
            <Choice name="endpoint" label="Endpoint" chosen=value("endpoint") choices=names.into_iter().map(pair).collect() />
            <Choice name="kind" label="Kind" chosen=value("kind") choices=kinds.into_iter().collect() />
            <Text name="person" label="Person" kind="text" value=value("person") />
            <Text name="text" label="Text" kind="text" value=value("text") />
            <Text name="from" label="From" kind="datetime-local" value=value("from") />
            <Text name="to" label="To" kind="datetime-local" value=value("to") />
            <p class="actions">
                <button class="button" type="submit">"Filter"</button>
                {is_filtered.then(|| view! { <a href=paths::HISTORY>"Show all"</a> })}
            </p>
        </form>
    }
}

#[component]
fn Choice(
    name: &'static str,
    label: &'static str,
    chosen: String,
    choices: Vec<(String, String)>,
) -> impl IntoView {
    let option = move |(value, words): (String, String)| {
        let selected = value == chosen;
        view! { <option value=value selected=selected>{words}</option> }
    };
    view! {
        <label>
            <span>{label}</span>
            <select name=name>
                <option value="">"Any"</option>
                {choices.into_iter().map(option).collect::<Vec<_>>()}
            </select>
        </label>
    }
}

#[component]
fn Text(
    name: &'static str,
    label: &'static str,
    kind: &'static str,
    value: String,
) -> impl IntoView {
    // Seconds matter: several entries can fall into one minute.
    let step = (kind == "datetime-local").then_some("1");
    view! {
        <label>
            <span>{label}</span>
            <input type=kind name=name value=value step=step maxlength="100" />
        </label>
    }
}
