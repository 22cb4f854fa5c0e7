//! What a step asks for: plain forms that ask again, with fields that are checked as one types.

use super::checked::CheckedField;
use super::page::Sheet;
use crate::domain::name::DeploymentName;
use crate::domain::route::{Mirror, Part, Route, Split};
use crate::domain::route_form::{self, FieldProblem};
use crate::domain::run_book::form::Field;
use crate::domain::run_book::step::{Progress, Which};
use crate::paths;
use leptos::prelude::*;

/// What a step asks for.
#[component]
pub fn Decide(
    /// Which.
    which: Which,
    /// How far it is.
    progress: Progress,
    /// What is decided and seen.
    sheet: Sheet,
    /// What is wrong with the fields.
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
    let like = primary.map_or_else(|| "the primary".to_owned(), ToString::to_string);
    match field {
        Field::Name => {
            "It will be the primary: no name that ends in “shadow”. Like anet-nbq2.".to_owned()
        }
        Field::Model => format!(
            "Like nbq:2: its YAML is made from {like}'s. Empty: the YAML is in the repository."
        ),
        Field::Environment => format!("Empty: as {like} has it."),
        Field::Config => {
            "Where the YAML is, or where you will put it. Like mlops/nbq/deployment_prod_nbq2.yml."
                .to_owned()
        }
        Field::Mirror => {
            "1 to 50 % of live traffic, copied to it once it has succeeded.".to_owned()
        }
        Field::Traffic => "What it takes next; the primary takes the rest.".to_owned(),
        Field::Reference => "Where the YAML is read. Empty: as configured.".to_owned(),
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
    let elsewhere: Vec<_> =
        elsewhere.map(|problem| view! { <p class="problem-text">{problem.message}</p> }).collect();
    view! {
        <form class="decide" method="get" action=paths::RUN_BOOK>
            {hidden}
            {fields}
            {elsewhere}
            <p class="actions">
                <button type="submit" class="button" data-variant="lead">"Go on"</button>
            </p>
        </form>
    }
}

#[component]
fn Endpoints(sheet: Sheet) -> impl IntoView {
    let chosen = sheet.text(Field::At);
    let option = |key: &crate::domain::stage::EndpointKey| {
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
                <option value="">"choose one"</option>
                {options}
            </select>
        </p>
    }
}

/// Where the console itself can do the step.
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
        ("Open the route's plan".to_owned(), format!("{}?{}", paths::route(at), query.join("&")))
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
            ("See the charts".to_owned(), format!("{}#traffic", paths::endpoint(at))),
            ("Ask both".to_owned(), paths::test(at)),
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
