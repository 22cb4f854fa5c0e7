//! The route table: method, path, kind and required permission of every route. The router is built from this table
//! alone and checks the permission before the handler runs. Tests try each role on each entry, and each POST from
//! another site.

mod pages;

use super::authorize::gate;
use super::{
    Edge, changes, documents, endpoints, events, evidence, glass, history, job_log, jobs, runs,
    sessions, sign_in,
};
use app::paths;
use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{MethodRouter, get, post};
use domain::change::proposal::Act;
use domain::user::Right;

pub use pages::PAGES;

/// The kind of a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A page, which shows a refusal itself.
    Page,
    /// A form that is posted to its page's URL.
    SentForm,
    /// A form whose response is a file.
    FormForFile,
    /// Server-sent events.
    Stream,
    Download,
}

/// What a route requires.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    /// Open to everybody, for signing in.
    Nothing,
    /// Any signed-in person.
    Session,
    /// A role with this right.
    Right(Right),
}

/// An HTTP method. GET includes HEAD.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Method {
    Get,
    /// Accepted from the console's own pages only.
    Post,
}

/// One route.
#[derive(Debug, Clone)]
pub struct Entry {
    pub method: Method,
    /// The path, with `{names}` as placeholders.
    pub path: String,
    pub kind: Kind,
    pub needs: Needs,
    /// The action as the ledger names it in a refusal; `None` for the right's own label.
    pub what: Option<&'static str>,
    handler: MethodRouter<Edge>,
}

impl Entry {
    pub(super) fn download(path: &str, right: Right, handler: MethodRouter<Edge>) -> Self {
        Self::new(Method::Get, path, Kind::Download, Needs::Right(right), handler)
    }

    pub(super) fn form_for_file(path: &str, right: Right, handler: MethodRouter<Edge>) -> Self {
        Self::new(Method::Post, path, Kind::FormForFile, Needs::Right(right), handler)
    }

    fn new(
        method: Method,
        path: &str,
        kind: Kind,
        needs: Needs,
        handler: MethodRouter<Edge>,
    ) -> Self {
        Self { method, path: path.to_owned(), kind, needs, what: None, handler }
    }

    fn stream(path: &str, handler: MethodRouter<Edge>) -> Self {
        Self::new(Method::Get, path, Kind::Stream, Needs::Right(Right::See), handler)
    }

    fn form(path: &str, right: Right, handler: MethodRouter<Edge>) -> Self {
        Self::new(Method::Post, path, Kind::SentForm, Needs::Right(right), handler)
    }

    fn to(self, what: &'static str) -> Self {
        Self { what: Some(what), ..self }
    }
}

const OPEN: [&str; 4] =
    [paths::SIGN_IN, paths::SIGN_IN_START, paths::SIGN_IN_CALLBACK, paths::SIGN_OUT];

/// Whether a path needs no session.
#[must_use]
pub fn is_open(path: &str) -> bool {
    OPEN.contains(&path)
}

/// All routes except server functions and assets.
#[must_use]
pub fn entries() -> Vec<Entry> {
    let mut all = signing_in();
    all.extend(pages::entries());
    all.extend(streams());
    all.extend(of_the_ledger());
    all.extend(of_endpoints());
    all.extend(of_changes());
    all.extend(of_jobs());
    all.extend(documents::entries());
    all
}

fn signing_in() -> Vec<Entry> {
    let open = |method, path, handler| {
        let kind = if method == Method::Get { Kind::Page } else { Kind::SentForm };
        Entry::new(method, path, kind, Needs::Nothing, handler)
    };
    let own = Entry::new(
        Method::Post,
        paths::SESSIONS,
        Kind::SentForm,
        Needs::Session,
        post(sessions::end),
    );
    vec![
        open(Method::Get, paths::SIGN_IN_START, get(sign_in::start)),
        open(Method::Get, paths::SIGN_IN_CALLBACK, get(sign_in::callback)),
        open(Method::Post, paths::SIGN_OUT, post(sign_in::sign_out)),
        own,
    ]
}

fn streams() -> Vec<Entry> {
    vec![
        Entry::stream(paths::EVENTS_OVERVIEW, get(events::overview)),
        Entry::stream(paths::EVENTS_ACTIVITY, get(events::activity)),
        Entry::stream("/events/runs/{run}", get(events::run)),
        Entry::stream("/events/jobs/{job_id}", get(events::job)),
        Entry::stream("/events/jobs/{job_id}/log", get(events::job_log)),
        Entry::download("/jobs/{job_id}/log", Right::See, get(job_log::download)),
        Entry::stream(paths::EVENTS_CHANGES, get(events::changes)),
        Entry::stream("/events/changes/{change}", get(events::change)),
        Entry::stream("/events/stages/{stage}/endpoints/{endpoint}", get(events::endpoint)),
    ]
}

fn of_the_ledger() -> Vec<Entry> {
    let right = Right::Export;
    vec![
        Entry::form(paths::HISTORY, right, post(history::verify)),
        Entry::download(paths::CHECKPOINT, right, get(history::checkpoint)),
        Entry::download("/history/export.jsonl", right, get(history::lines)),
        Entry::download("/history/export.csv", right, get(history::table)),
    ]
}

fn of_endpoints() -> Vec<Entry> {
    let at = |rest: &str| format!("/stages/{{stage}}/endpoints/{{endpoint}}{rest}");
    let apply = Right::ApplyUnprotected;
    let release = "/releases/{repository}/{workflow}/{job}/plan";
    vec![
        Entry::form("/runs/{run}", Right::RollBack, post(runs::decide)).to("decide about a run"),
        Entry::form(release, apply, post(runs::apply)).to("carry out a release"),
        Entry::form(&at("/route"), apply, post(endpoints::route)).to("set the route"),
        Entry::form(&at("/test"), Right::Test, post(endpoints::test)),
        Entry::form(&at("/evidence"), Right::Test, post(evidence::capture)),
        Entry::form(&at("/new-deployment"), apply, post(endpoints::create))
            .to("create a deployment"),
        Entry::form(&at("/deployments/{deployment}/delete"), apply, post(endpoints::delete))
            .to("delete a deployment"),
        Entry::form(&at("/break-glass"), Right::BreakGlass, post(glass::break_glass)),
        Entry::form("/glass/{glass}", Right::AcknowledgeGlass, post(glass::acknowledge)),
    ]
}

fn of_changes() -> Vec<Entry> {
    let freezing = [
        Entry::form("/stages/{stage}/freeze", Right::Freeze, post(changes::freeze)),
        Entry::form("/stages/{stage}/thaw", Right::Freeze, post(changes::thaw)),
    ];
    let acts = Act::ALL.into_iter().map(|act| {
        let (right, what) = crate::console::rights::of_act(act);
        let handler = post(async move |path, sent| changes::decide(path, act, sent).await);
        Entry::form(&format!("/changes/{{change}}/{}", act.slug()), right, handler).to(what)
    });
    acts.chain(freezing).collect()
}

fn of_jobs() -> Vec<Entry> {
    let right = Right::Build;
    vec![
        Entry::form("/releases/{repository}/{workflow}/{job}/build", right, post(jobs::build))
            .to("build an image"),
        Entry::form("/jobs/{job_id}/cancel", right, post(jobs::cancel)).to("cancel a build"),
        Entry::form("/jobs/{job_id}/repeat", right, post(jobs::repeat)).to("start a build again"),
        Entry::form("/stages/{stage}/images/{image}/archive", right, post(jobs::archive))
            .to("archive an image"),
    ]
}

/// What each server function requires. One that is not listed answers 404.
pub const FUNCTIONS: [(&str, Needs); 38] = {
    const SEE: Needs = Needs::Right(Right::See);
    [
        ("/api/check-deployment", SEE),
        ("/api/check-session", Needs::Session),
        ("/api/plan-build", SEE),
        ("/api/plan-glass", Needs::Right(Right::BreakGlass)),
        ("/api/plan-release", SEE),
        ("/api/plan-intent", SEE),
        ("/api/read-account", Needs::Session),
        ("/api/read-activity", SEE),
        ("/api/read-broken-glass", SEE),
        ("/api/read-change", SEE),
        ("/api/read-changes", SEE),
        ("/api/read-changes-for-me", Needs::Session),
        ("/api/read-definition", SEE),
        ("/api/read-deployment", SEE),
        ("/api/read-endpoint", SEE),
        ("/api/read-evidence", SEE),
        ("/api/read-evidence-of", SEE),
        ("/api/read-export", SEE),
        ("/api/read-history", SEE),
        ("/api/read-history-entry", SEE),
        ("/api/read-image", SEE),
        ("/api/read-images", SEE),
        ("/api/read-job", SEE),
        ("/api/read-job-log", SEE),
        ("/api/read-job-sections", SEE),
        ("/api/read-live-at", SEE),
        ("/api/read-log", SEE),
        ("/api/read-overview", SEE),
        ("/api/read-plan-document", SEE),
        ("/api/read-release", SEE),
        ("/api/read-releases", SEE),
        ("/api/read-run", SEE),
        ("/api/read-run-book", SEE),
        ("/api/read-sessions", Needs::Session),
        ("/api/read-stage", SEE),
        ("/api/read-traffic", SEE),
        ("/api/search-job-log", SEE),
        ("/api/send-test", Needs::Right(Right::Test)),
    ]
};

/// What a server function requires; `None` if it does not exist.
#[must_use]
pub fn of_function(path: &str) -> Option<Needs> {
    FUNCTIONS.iter().find(|(known, _)| *known == path).map(|(_, needs)| *needs)
}

/// The routes of the wanted kinds, each behind its gate.
pub(super) fn router(edge: &Edge, is_wanted: impl Fn(Kind) -> bool) -> Router<Edge> {
    let wanted = entries().into_iter().filter(|entry| is_wanted(entry.kind));
    wanted.fold(Router::new(), |router, entry| {
        let Entry { path, kind, needs, what, handler, .. } = entry;
        let asked = super::authorize::Asked { edge: edge.clone(), kind, needs, what };
        router.route(&path, handler.route_layer(from_fn_with_state(asked, gate)))
    })
}
