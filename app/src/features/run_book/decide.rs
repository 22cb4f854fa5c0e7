//! A step's form and links. The form is a plain one that reloads the page with its answers.

use super::checked::CheckedField;
use super::page::Sheet;
use crate::paths;
use crate::ui::written::Written;
use domain::name::DeploymentName;
use domain::route::{Mirror, Part, Route, Split};
use domain::route_form::{self, FieldProblem};
use domain::run_book::form::Field;
use domain::run_book::step::{Progress, Which};
use leptos::prelude::*;

/// A step's form and links.
#[component]
pub fn Decide(
    which: Which,
    progress: Progress,
    /// The answers so far, and the endpoint's state.
    sheet: Sheet,
    problems: Vec<FieldProblem>,
) -> impl IntoView {
    let links = links(which, &sheet);
    let has_fields = progress != Progress::Early && !fields(which).is_empty();
    let form = has_fields.then(|| view! { <Form which sheet problems /> });
    let link = |(words, href): (String, String)| view! { <a class="button" href=href>{words}</a> };
    let links: Vec<_> = links.into_iter().map(link).collect();
    view! {
        {form}
        {(!links.is_empty()).then(|| view! { <p class="actions">{links}</p> })}
    }
}

/// The fields of a step.
fn fields(which: Which) -> &'static [Field] {
    match which {
        Which::Endpoint => &[Field::At],
        Which::Create => &[
            Field::Name,
            Field::Model,
            Field::Environment,
            Field::Config,
            Field::Mirror,
            Field::Reference,
        ],
        Which::Mirror => &[Field::Mirror],
        Which::Promote => &[Field::Traffic],
        _ => &[],
    }
}

fn hint(field: Field, sheet: &Sheet) -> String {
    let primary = sheet.seen.primary(sheet.draft.name.as_ref());
    let like = primary.map_or_else(|| "the live deployment".to_owned(), ToString::to_string);
    match field {
        Field::Name => {
            "It will become the live deployment, so don't end it in “shadow”. Example: anet-nbq2"
                .to_owned()
        }
        Field::Model => format!(
            "Example: nbq:2. The YAML is derived from {like}'s. Leave empty if the repository has the YAML."
        ),
        Field::Environment => format!("Optional. The default is {like}'s environment."),
        Field::Config => {
            "The YAML's path in the repository. Example: mlops/nbq/deployment_prod_nbq2.yml"
                .to_owned()
        }
        Field::Mirror => {
            "1 to 50 % of live traffic, copied to the new deployment once it is provisioned."
                .to_owned()
        }
        Field::Traffic => {
            "The new deployment's next live share. The live deployment takes the rest.".to_owned()
        }
        Field::Reference => {
            "Optional. The default is the repository's configured branch, tag or commit.".to_owned()
        }
        Field::At => String::new(),
    }
}

#[component]
fn Form(which: Which, sheet: Sheet, problems: Vec<FieldProblem>) -> impl IntoView {
    let own = fields(which);
    let others =
        sheet.texts.iter().filter(|(field, text)| !own.contains(field) && !text.is_empty());
    let hidden = others.map(|(field, text)| {
        view! { <input type="hidden" name=field.key() value=text.clone() /> }
    });
    let hidden = hidden.collect::<Vec<_>>();
    let field = |field: &Field| match field {
        Field::At => view! { <Endpoints sheet=sheet.clone() /> }.into_any(),
        field => {
            let (field, value) = (*field, sheet.text(*field));
            let hint = hint(field, &sheet);
            view! { <CheckedField field value hint /> }.into_any()
        }
    };
    let fields = own.iter().map(field).collect::<Vec<_>>();
    let elsewhere = problems.into_iter().filter(|problem| {
        !own.iter().any(|field| field.key() == problem.field) || problem.field == Field::At.key()
    });
    let elsewhere: Vec<_> = elsewhere
        .map(|problem| view! { <p class="problem-text"><Written text=problem.message /></p> })
        .collect();
    view! {
        <form class="decide" method="get" action=paths::RUN_BOOK>
            {hidden}
            {fields}
            {elsewhere}
            <p class="actions">
                <button type="submit" class="button" data-variant="lead">"Continue"</button>
            </p>
        </form>
    }
}

#[component]
fn Endpoints(sheet: Sheet) -> impl IntoView {
    let chosen = sheet.text(Field::At);
    let option = |key: &domain::stage::EndpointKey| {
        let value = format!("{}/{}", key.stage, key.endpoint);
        let selected = value == chosen;
        let words = format!("{} · {}", key.stage, key.endpoint);
        view! { <option value=value selected=selected>{words}</option> }
    };
    let options = sheet.endpoints.iter().map(option).collect::<Vec<_>>();
    view! {
        <p class="field">
            <label for="at">{Field::At.label()}</label>
            <select id="at" name="at">
                <option value="">"Choose an endpoint"</option>
                {options}
            </select>
        </p>
    }
}

/// Links to the pages on which the console can do the step.
fn links(which: Which, sheet: &Sheet) -> Vec<(String, String)> {
    let (Some(at), Some(endpoint)) = (&sheet.draft.at, &sheet.seen.endpoint) else {
        return Vec::new();
    };
    let part = sheet.draft.name.as_ref().and_then(|name| sheet.seen.part(name));
    if which == Which::Create && part.is_none() {
        return vec![("Paste a YAML instead".to_owned(), paths::new_deployment(at))];
    }
    let Some(name) = &sheet.draft.name else { return Vec::new() };
    let to_route = |route: Route| {
        let query: Vec<_> = route_form::of_route(&route)
            .into_iter()
            .map(|(field, value)| format!("{field}={value}"))
            .collect();
        ("Plan this traffic split".to_owned(), format!("{}?{}", paths::route(at), query.join("&")))
    };
    match which {
        Which::Create => vec![(format!("Open {name}"), paths::deployment(at, name))],
        Which::Mirror if part == Some(Part::Idle) => {
            let percent = sheet.draft.mirror.map_or(0, |percent| u32::from(percent.get()));
            let mirror = Mirror::new(name.clone(), percent).ok();
            let route = mirror
                .and_then(|mirror| Route::new(endpoint.route.split().clone(), Some(mirror)).ok());
            route.map(to_route).into_iter().collect()
        }
        Which::Compare => vec![
            ("Open the charts".to_owned(), format!("{}#traffic", paths::endpoint(at))),
            ("Test both deployments".to_owned(), paths::test(at)),
        ],
        Which::Promote if !matches!(part, None | Some(Part::Idle)) => {
            promoted(sheet, name).map(to_route).into_iter().collect()
        }
        Which::Retire => {
            let idle = endpoint
                .deployments
                .iter()
                .filter(|one| endpoint.part(&one.name) == Part::Idle && one.name != *name);
            idle.map(|one| {
                (format!("Plan to delete {}", one.name), paths::delete_deployment(at, &one.name))
            })
            .collect()
        }
        _ => Vec::new(),
    }
}

/// The route after the next step of live traffic.
fn promoted(sheet: &Sheet, name: &DeploymentName) -> Option<Route> {
    let share = u32::from(sheet.draft.traffic?.get());
    let primary = sheet.seen.primary(Some(name))?;
    let split = Split::new([(name.clone(), share), (primary.clone(), 100 - share)]).ok()?;
    Route::new(split, None).ok()
}
