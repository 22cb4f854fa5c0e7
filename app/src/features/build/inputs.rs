//! The form that replaces inputs of the build. It reloads the page with the new plan.

use super::checked::{CheckedInput, LAYER};
use crate::paths;
use crate::port::BuildRequest;
use domain::job::form::DEPLOY;
use domain::release::build::KEYS;
use domain::release::input::{Given, Input};
use domain::release::{Release, Template, answers};
use leptos::prelude::*;

/// The inputs of a build: those of the file, in its order, then those that the file lacks. Of a deploy release, only
/// the inputs of its build.
#[must_use]
pub fn fields(release: &Release) -> Vec<(String, Option<Input>)> {
    let is_build = release.template == Template::Build;
    let is_shown = |key: &str| is_build || KEYS.contains(&key);
    let mut given: Vec<_> = release.inputs.iter().filter(|(key, _)| is_shown(key)).collect();
    given.sort_by_key(|(_, input)| input.line.unwrap_or(u32::MAX));
    let mut all: Vec<_> =
        given.into_iter().map(|(key, input)| (key.to_owned(), Some(input.clone()))).collect();
    let optional = ["templates_repo_ref", "maximise_disk_space"];
    for key in KEYS.into_iter().filter(|key| is_build || !optional.contains(key)) {
        if key != "templates_repo_ref" && release.inputs.get(key).is_none() {
            all.push((key.to_owned(), None));
        }
    }
    all
}

/// The form, as a plain one that is sent as a query.
#[component]
pub fn InputsForm(
    request: BuildRequest,
    inputs: Vec<(String, Option<Input>)>,
    /// The layers that the Dockerfile has.
    layers: Vec<String>,
) -> impl IntoView {
    let BuildRequest { release, reference, answers: given, deploy } = request;
    let answer = |key: &str| given.iter().rfind(|(one, _)| one.eq_ignore_ascii_case(key));
    let is_shown = |key: &str| inputs.iter().any(|(one, _)| one.eq_ignore_ascii_case(key));
    let kept = given.iter().filter(|(key, _)| !is_shown(key)).map(|(key, text)| {
        let name = format!("{}{key}", answers::PREFIX);
        view! { <input type="hidden" name=name value=text.clone() /> }
    });
    let kept = kept.collect::<Vec<_>>();
    let field = |(key, input): &(String, Option<Input>)| {
        let (value, workflow) = match input.as_ref().map(|input| &input.given) {
            Some(Given::Expression(expression)) => (String::new(), Some(expression.0.clone())),
            Some(given) => (given.written(), None),
            None => (String::new(), None),
        };
        // An empty answer leaves the file's value as it is.
        let has_value = !value.trim().is_empty();
        let answer = answer(key).map(|(_, text)| text.clone());
        let value = answer.filter(|text| !text.trim().is_empty()).unwrap_or(value);
        let choices = match key.as_str() {
            LAYER => layers.clone(),
            "maximise_disk_space" => ["true", "false"].map(str::to_owned).to_vec(),
            _ => Vec::new(),
        };
        view! { <CheckedInput key_=key.clone() value has_value workflow choices /> }
    };
    let fields = inputs.iter().map(field).collect::<Vec<_>>();
    view! {
        <form class="overrides" method="get" action=paths::build_release(&release)>
            {reference.map(|at| view! { <input type="hidden" name="ref" value=at.to_string() /> })}
            {deploy.then(|| view! { <input type="hidden" name=DEPLOY value="true" /> })}
            {kept}
            {fields}
            <p class="actions">
                <button type="submit" class="button">"Update the build"</button>
                <span class="reason">"Starts nothing. Shows the build with these inputs."</span>
            </p>
        </form>
    }
}
