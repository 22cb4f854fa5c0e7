//! Every URL of the console, in one place.

mod runs;
#[cfg(test)]
mod tests;

pub use runs::{break_glass, broken_glass, events_run, run};

use crate::domain::change::ChangeId;
use crate::domain::change::proposal::Act;
use crate::domain::document::Form;
use crate::domain::endpoint::Endpoint;
use crate::domain::evidence::EvidenceId;
use crate::domain::find::Find;
use crate::domain::history_filter::Filter;
use crate::domain::log::Container;
use crate::domain::name::{DeploymentName, StageName};
use crate::domain::plan::asked::PlanOf;
use crate::domain::release::answers;
use crate::domain::repository::{Reference, ReleaseId};
use crate::domain::route::Route;
use crate::domain::route_form;
use crate::domain::run::RunId;
use crate::domain::run_book::step::Which;
use crate::domain::run_book::{self, Draft};
use crate::domain::stage::EndpointKey;

/// Stages and endpoints.
pub const OVERVIEW: &str = "/";
/// Where anonymous people land.
pub const SIGN_IN: &str = "/sign-in";
/// Starts the sign-in at Entra; `?to=` says where to go afterwards.
pub const SIGN_IN_START: &str = "/sign-in/start";
/// Where Entra sends people back to.
pub const SIGN_IN_CALLBACK: &str = "/sign-in/callback";
/// Ends the session (POST).
pub const SIGN_OUT: &str = "/sign-out";
/// Who is signed in.
pub const ACCOUNT: &str = "/account";
/// Sessions that go on (GET), and ending some of them (POST).
pub const SESSIONS: &str = "/account/sessions";
/// What was recorded (GET, with filters as query), and its verification (POST).
pub const HISTORY: &str = "/history";
/// The newest signed checkpoint of the ledger.
pub const CHECKPOINT: &str = "/history/checkpoint";
/// Live changes of the overview (server-sent events).
pub const EVENTS_OVERVIEW: &str = "/events/overview";

/// Changes: what waits, what runs, what is over.
pub const CHANGES: &str = "/changes";

/// Live changes of the list of changes (server-sent events).
pub const EVENTS_CHANGES: &str = "/events/changes";

/// The team's repositories and their releases.
pub const RELEASES: &str = "/releases";

/// A shadow's run book; its query is the draft.
pub const RUN_BOOK: &str = "/releases/new-shadow";

/// A shadow's run book, at one of its steps or where it stands.
#[must_use]
pub fn run_book(draft: &Draft, step: Option<Which>) -> String {
    let mut fields = run_book::form::fields(draft);
    fields.extend(step.map(|step| ("step".to_owned(), step.slug().to_owned())));
    format!("{RUN_BOOK}{}", query(&fields))
}

/// A plan in a form to take away: the address of the plan's page, with an ending.
#[must_use]
pub fn plan_document(of: &PlanOf, form: Form) -> String {
    let (page, fields) = match of {
        PlanOf::Release { id, reference, answers } => {
            let at = reference.iter().map(|at| ("ref".to_owned(), at.to_string()));
            let answer = |(key, text): &(String, String)| {
                (format!("{}{key}", answers::PREFIX), text.clone())
            };
            (plan_release(id), at.chain(answers.iter().map(answer)).collect())
        }
        PlanOf::Route { at, route: wanted } => (route(at), route_form::of_route(wanted)),
        PlanOf::Creation { at, .. } => (new_deployment(at), Vec::new()),
        PlanOf::Deletion { at, name } => (delete_deployment(at, name), Vec::new()),
        PlanOf::RunBook(draft) => (RUN_BOOK.to_owned(), run_book::form::fields(draft)),
    };
    format!("{page}.{}{}", form.extension(), query(&fields))
}

/// An endpoint, or one of its deployments, in the forms that would make it.
#[must_use]
pub fn export_page(at: &EndpointKey, name: Option<&DeploymentName>) -> String {
    format!("{}/export", name.map_or_else(|| endpoint(at), |name| deployment(at, name)))
}

/// One of these forms as a file. A deployment's inputs are its endpoint's.
#[must_use]
pub fn export_file(at: &EndpointKey, name: Option<&DeploymentName>, form: Form) -> String {
    let (name, file) = match form {
        Form::Deployment => (name, "deployment"),
        Form::Endpoint => (None, "endpoint"),
        Form::With | Form::Json | Form::Commands => (None, "with"),
    };
    format!("{}/{file}.yml", export_page(at, name))
}

/// A release's page, at the repository's own reference or another.
#[must_use]
pub fn release(id: &ReleaseId, reference: Option<&Reference>) -> String {
    let ReleaseId { repository, workflow, job } = id;
    let path = [repository, workflow, job].map(|part| escaped(part)).join("/");
    format!("{RELEASES}/{path}{}", at_reference(reference))
}

/// Planning a release: its inputs as a form, and what they amount to.
#[must_use]
pub fn plan_release(id: &ReleaseId) -> String {
    format!("{}/plan", release(id, None))
}

/// `?ref=…`
#[must_use]
pub fn at_reference(reference: Option<&Reference>) -> String {
    reference.map_or_else(String::new, |at| format!("?ref={}", escaped(at.as_str())))
}

/// A change's page.
#[must_use]
pub fn change(id: &ChangeId) -> String {
    format!("{CHANGES}/{id}")
}

/// Deciding about a change (POST).
#[must_use]
pub fn decide(id: &ChangeId, act: Act) -> String {
    format!("{}/{}", change(id), act.slug())
}

/// Live changes of a change (server-sent events).
#[must_use]
pub fn events_change(id: &ChangeId) -> String {
    format!("{EVENTS_CHANGES}/{id}")
}

/// A stage's rules.
#[must_use]
pub fn stage(name: &StageName) -> String {
    format!("/stages/{name}")
}

/// Freezing a stage (POST).
#[must_use]
pub fn freeze(name: &StageName) -> String {
    format!("{}/freeze", stage(name))
}

/// Thawing a stage (POST).
#[must_use]
pub fn thaw(name: &StageName) -> String {
    format!("{}/thaw", stage(name))
}

/// Live changes of the endpoints that are looked for.
#[must_use]
pub fn events_overview(find: &Find) -> String {
    format!("{EVENTS_OVERVIEW}{}", find.query())
}

/// A new deployment, to begin with the definition that a run was given.
#[must_use]
pub fn define_again(at: &EndpointKey, run: &RunId) -> String {
    format!("{}?run={run}", new_deployment(at))
}

/// The overview of what somebody looks for.
#[must_use]
pub fn overview(find: &Find) -> String {
    format!("{OVERVIEW}{}", find.query())
}

/// An endpoint's page.
#[must_use]
pub fn endpoint(at: &EndpointKey) -> String {
    format!("/stages/{}/endpoints/{}", at.stage, at.endpoint)
}

/// The plan of a route (GET, with the route's fields as query) and its application (POST).
#[must_use]
pub fn route(at: &EndpointKey) -> String {
    format!("{}/route", endpoint(at))
}

/// The plan of one particular route: the page on which it is applied or proposed.
#[must_use]
pub fn planned_route(of: &Endpoint, wanted: &Route) -> String {
    let after = Endpoint { route: wanted.clone(), ..of.clone() };
    format!("{}{}", route(&of.key), query(&route_form::fields(&after)))
}

/// The test request's page (GET shows the form, POST sends).
#[must_use]
pub fn test(at: &EndpointKey) -> String {
    format!("{}/test", endpoint(at))
}

/// An endpoint's evidence (GET lists it, POST captures).
#[must_use]
pub fn evidence_of(at: &EndpointKey) -> String {
    format!("{}/evidence", endpoint(at))
}

/// One piece of evidence.
#[must_use]
pub fn evidence(id: &EvidenceId) -> String {
    format!("/evidence/{id}")
}

/// Creating a deployment (GET shows the form, POST creates).
#[must_use]
pub fn new_deployment(at: &EndpointKey) -> String {
    format!("{}/new-deployment", endpoint(at))
}

/// A deployment's page.
#[must_use]
pub fn deployment(at: &EndpointKey, name: &DeploymentName) -> String {
    format!("{}/deployments/{name}", endpoint(at))
}

/// A deployment's page with one container's log.
#[must_use]
pub fn log(at: &EndpointKey, name: &DeploymentName, container: Container, tail: u32) -> String {
    format!("{}?log={}&tail={tail}#log", deployment(at, name), container.slug())
}

/// Deleting a deployment (GET shows the plan, POST deletes).
#[must_use]
pub fn delete_deployment(at: &EndpointKey, name: &DeploymentName) -> String {
    format!("{}/delete", deployment(at, name))
}

/// What was recorded, filtered.
#[must_use]
pub fn history(filter: &Filter) -> String {
    format!("{HISTORY}{}", query(&filter.fields()))
}

/// One entry of the ledger.
#[must_use]
pub fn history_entry(index: u64) -> String {
    format!("{HISTORY}/{index}")
}

/// The first `size` entries of the ledger, as `jsonl` or `csv`.
#[must_use]
pub fn export(form: &str, size: u64) -> String {
    format!("{HISTORY}/export.{form}?size={size}")
}

/// What was recorded of an endpoint.
#[must_use]
pub fn endpoint_history(at: &EndpointKey) -> String {
    let (stage, endpoint) = (Some(at.stage.clone()), Some(at.endpoint.clone()));
    history(&Filter { stage, endpoint, ..Filter::default() })
}

/// `?a=b&c=d`; nothing without fields.
fn query<K: AsRef<str>>(fields: &[(K, String)]) -> String {
    let pairs: Vec<_> = fields
        .iter()
        .map(|(name, value)| format!("{}={}", escaped(name.as_ref()), escaped(value)))
        .collect();
    let separator = if pairs.is_empty() { "" } else { "?" };
    format!("{separator}{}", pairs.join("&"))
}

/// A part of a path or of a query: all but letters, digits and `-._~` as bytes.
fn escaped(value: &str) -> String {
    let one = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
            char::from(byte).to_string()
        }
        _ => format!("%{byte:02X}"),
    };
    value.bytes().map(one).collect()
}

/// Live changes of an endpoint (server-sent events).
#[must_use]
pub fn events(at: &EndpointKey) -> String {
    format!("/events/stages/{}/endpoints/{}", at.stage, at.endpoint)
}
