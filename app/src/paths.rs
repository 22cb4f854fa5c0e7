//! Every URL of the console, in one place.

mod evidence;
mod jobs;
mod runs;
#[cfg(test)]
mod tests;

pub use evidence::{evidence, evidence_of};
pub use jobs::{
    ACTIVITY, EVENTS_ACTIVITY, IMAGES, LOG_LINES, WAS_OPEN, activity, activity_kind, archive_image,
    begun, build, build_document, build_release, cancel_job, deploy_image, events_activity,
    events_job, events_job_log, image, job, job_log, job_log_from, job_log_line, log_line_id,
    plan_at_commit, repeat_job,
};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
pub use runs::{break_glass, broken_glass, events_run, run, target};

use domain::change::ChangeId;
use domain::change::proposal::Act;
use domain::document::Form;
use domain::endpoint::Endpoint;
use domain::find::Find;
use domain::history_filter::Filter;
use domain::intent::{Intent, ReleaseRequest};
use domain::log::Container;
use domain::name::{DeploymentName, StageName};
use domain::release::answers;
use domain::repository::{Reference, ReleaseId};
use domain::route::Route;
use domain::route_form;
use domain::run::RunId;
use domain::run_book::step::Which;
use domain::run_book::{self, ShadowDraft};
use domain::stage::EndpointKey;

/// The overview of stages and endpoints.
pub const OVERVIEW: &str = "/";
/// The page for anonymous people.
pub const SIGN_IN: &str = "/sign-in";
/// Starts the sign-in at Entra; `?to=` is the page to return to.
pub const SIGN_IN_START: &str = "/sign-in/start";
/// The redirect URI of the sign-in at Entra.
pub const SIGN_IN_CALLBACK: &str = "/sign-in/callback";
/// Ends the session (POST).
pub const SIGN_OUT: &str = "/sign-out";
/// The account page.
pub const ACCOUNT: &str = "/account";
/// Lists open sessions (GET) and ends them (POST).
pub const SESSIONS: &str = "/account/sessions";
/// Lists ledger entries (GET, with filters as query) and verifies the ledger (POST).
pub const HISTORY: &str = "/history";
/// The newest signed checkpoint of the ledger.
pub const CHECKPOINT: &str = "/history/checkpoint";
/// Server-sent events of the overview.
pub const EVENTS_OVERVIEW: &str = "/events/overview";

/// The list of changes.
pub const CHANGES: &str = "/changes";

/// Server-sent events of the list of changes.
pub const EVENTS_CHANGES: &str = "/events/changes";

/// The team's repositories and their releases.
pub const RELEASES: &str = "/releases";

/// The shadow run book; the query is the draft.
pub const RUN_BOOK: &str = "/releases/new-shadow";

/// The shadow run book, at the given step or the current one.
#[must_use]
pub fn run_book(draft: &ShadowDraft, step: Option<Which>) -> String {
    let mut fields = run_book::form::fields(draft);
    fields.extend(step.map(|step| ("step".to_owned(), step.slug().to_owned())));
    format!("{RUN_BOOK}{}", query(&fields))
}

/// A plan as a file: the URL of the plan's page with a file extension.
#[must_use]
pub fn plan_document(intent: &Intent, form: Form) -> String {
    let (page, fields) = match intent {
        Intent::Release { release: ReleaseRequest::Defined { id, reference, answers } } => {
            let at = reference.iter().map(|at| ("ref".to_owned(), at.to_string()));
            let answer = |(key, text): &(String, String)| {
                (format!("{}{key}", answers::PREFIX), text.clone())
            };
            (plan_release(id), at.chain(answers.iter().map(answer)).collect())
        }
        Intent::Release { release: ReleaseRequest::Drafted(draft) } => {
            (RUN_BOOK.to_owned(), run_book::form::fields(draft))
        }
        Intent::SetRoute { at, route: wanted } | Intent::RollBack { at, route: wanted, .. } => {
            (route(at), route_form::of_route(wanted))
        }
        Intent::CreateDeployment { at, .. } | Intent::UpdateDeployment { at, .. } => {
            (new_deployment(at), Vec::new())
        }
        Intent::DeleteDeployment { at, name } => (delete_deployment(at, name), Vec::new()),
    };
    format!("{page}.{}{}", form.extension(), query(&fields))
}

/// The export page of an endpoint or one of its deployments.
#[must_use]
pub fn export_page(at: &EndpointKey, name: Option<&DeploymentName>) -> String {
    format!("{}/export", name.map_or_else(|| endpoint(at), |name| deployment(at, name)))
}

/// An export as a file. A deployment's workflow inputs are those of its endpoint.
#[must_use]
pub fn export_file(at: &EndpointKey, name: Option<&DeploymentName>, form: Form) -> String {
    let (name, file) = match form {
        Form::Deployment => (name, "deployment"),
        Form::Endpoint => (None, "endpoint"),
        Form::With | Form::Json | Form::Commands => (None, "with"),
    };
    format!("{}/{file}.yml", export_page(at, name))
}

/// A release's page, at the given reference or the repository's configured one.
#[must_use]
pub fn release(id: &ReleaseId, reference: Option<&Reference>) -> String {
    let ReleaseId { repository, workflow, job } = id;
    let path = [repository, workflow, job].map(|part| escaped(part)).join("/");
    format!("{RELEASES}/{path}{}", at_reference(reference))
}

/// The page that plans a release.
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

/// Decides on a change (POST).
#[must_use]
pub fn decide(id: &ChangeId, act: Act) -> String {
    format!("{}/{}", change(id), act.slug())
}

/// Server-sent events of a change.
#[must_use]
pub fn events_change(id: &ChangeId) -> String {
    format!("{EVENTS_CHANGES}/{id}")
}

/// A stage's page.
#[must_use]
pub fn stage(name: &StageName) -> String {
    format!("/stages/{name}")
}

/// Freezes a stage (POST).
#[must_use]
pub fn freeze(name: &StageName) -> String {
    format!("{}/freeze", stage(name))
}

/// Unfreezes a stage (POST).
#[must_use]
pub fn thaw(name: &StageName) -> String {
    format!("{}/thaw", stage(name))
}

/// Server-sent events of the overview, for the endpoints that match a search.
#[must_use]
pub fn events_overview(find: &Find) -> String {
    format!("{EVENTS_OVERVIEW}{}", find.query())
}

/// The page for a new deployment, prefilled with a run's definition.
#[must_use]
pub fn define_again(at: &EndpointKey, run: &RunId) -> String {
    format!("{}?run={run}", new_deployment(at))
}

/// The overview with the endpoints that match a search.
#[must_use]
pub fn overview(find: &Find) -> String {
    format!("{OVERVIEW}{}", find.query())
}

/// An endpoint's page.
#[must_use]
pub fn endpoint(at: &EndpointKey) -> String {
    format!("/stages/{}/endpoints/{}", at.stage, at.endpoint)
}

/// Plans a route (GET, with the route's fields as query) and applies it (POST).
#[must_use]
pub fn route(at: &EndpointKey) -> String {
    format!("{}/route", endpoint(at))
}

/// The page that plans, applies or proposes the route `wanted`.
#[must_use]
pub fn planned_route(of: &Endpoint, wanted: &Route) -> String {
    let after = Endpoint { route: wanted.clone(), ..of.clone() };
    format!("{}{}", route(&of.key), query(&route_form::fields(&after)))
}

/// The page for test requests (GET shows the form, POST sends).
#[must_use]
pub fn test(at: &EndpointKey) -> String {
    format!("{}/test", endpoint(at))
}

/// The page for a new deployment (GET shows the form, POST creates).
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

/// The page that deletes a deployment (GET shows the plan, POST deletes).
#[must_use]
pub fn delete_deployment(at: &EndpointKey, name: &DeploymentName) -> String {
    format!("{}/delete", deployment(at, name))
}

/// The filtered history.
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

/// The history of an endpoint.
#[must_use]
pub fn endpoint_history(at: &EndpointKey) -> String {
    let (stage, endpoint) = (Some(at.stage.clone()), Some(at.endpoint.clone()));
    history(&Filter { stage, endpoint, ..Filter::default() })
}

/// `?a=b&c=d`; empty without fields.
fn query<K: AsRef<str>>(fields: &[(K, String)]) -> String {
    let pairs: Vec<_> = fields
        .iter()
        .map(|(name, value)| format!("{}={}", escaped(name.as_ref()), escaped(value)))
        .collect();
    let separator = if pairs.is_empty() { "" } else { "?" };
    format!("{separator}{}", pairs.join("&"))
}

/// What RFC 3986 lets stand in any part of a URL.
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Percent-encodes a part of a path or query: everything except letters, digits and `-._~`.
fn escaped(value: &str) -> String {
    utf8_percent_encode(value, UNRESERVED).to_string()
}

/// Server-sent events of an endpoint.
#[must_use]
pub fn events(at: &EndpointKey) -> String {
    format!("/events/stages/{}/endpoints/{}", at.stage, at.endpoint)
}
