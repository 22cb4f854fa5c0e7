//! Drafts the entries that the console records, one function per kind. Entries never contain secrets.

pub mod changes;
pub mod glass;
pub mod jobs;
mod principal;
mod refusals;
mod sessions;

use domain::intent::Intent;
use domain::route::Route;
use domain::run::operation::{Moved, Operation, Progress};
use domain::stage::EndpointKey;
use domain::target::Target;
use domain::text::shortened;
use domain::timestamp::Timestamp;
use domain::user::User;
use ledger::entry::{About, Actor, By, Draft, Ending, Entry, Facts, Instant, Kind, Outcome};

pub use principal::{CONSOLE, Principal};
pub use refusals::{common, denied, left_out, refused, sign_in_refused};
pub use sessions::{Others, sessions_ended};

/// Recorded messages are cut to this many characters.
const MESSAGE_MAX: usize = 2_000;
/// The field under which a route is recorded, as `blue=90,green=10;mirror=red:20`.
pub const ROUTE: &str = "route";

fn draft(kind: Kind, what: &str, by: By, at: Timestamp, outcome: Outcome) -> Draft {
    Draft {
        // The format allows the years 0 to 9999 only.
        at: Instant::from_ms(at.0.clamp(0, 253_402_300_799_999)).unwrap_or(Instant::EPOCH),
        by,
        kind,
        what: clipped(what),
        about: About::default(),
        before: Facts::new(),
        after: Facts::new(),
        reason: None,
        request: None,
        result: Ending { message: None, outcome },
    }
}

fn clipped(text: &str) -> String {
    shortened(text, MESSAGE_MAX)
}

fn person(user: &User) -> By {
    By {
        id: Some(format!("{}/{}", user.tenant, user.object)),
        kind: Actor::Person,
        name: user.name.chars().take(200).collect(),
        roles: user.roles.iter().map(|role| role.label().to_owned()).collect(),
    }
}

/// An entry about a request of a person.
fn requested(kind: Kind, what: &str, by: &Principal, at: Timestamp, outcome: Outcome) -> Draft {
    Draft { request: Some(by.request.clone()), ..draft(kind, what, person(&by.user), at, outcome) }
}

fn nobody(kind: Actor, name: &str) -> By {
    By { id: None, kind, name: name.to_owned(), roles: Vec::new() }
}

fn about_target(target: &Target) -> About {
    match target {
        Target::Endpoint(at) => about(at),
        Target::Image { stage, .. } => About { stage: Some(stage.to_string()), ..About::default() },
    }
}

fn about(at: &EndpointKey) -> About {
    About {
        stage: Some(at.stage.to_string()),
        endpoint: Some(at.endpoint.to_string()),
        ..About::default()
    }
}

fn route(route: &Route) -> Facts {
    [(ROUTE.to_owned(), route.to_text())].into()
}

/// Somebody signed in, which may have updated or ended their other sessions.
#[must_use]
pub fn signed_in(by: &Principal, others: Others, now: Timestamp) -> Draft {
    let draft = requested(Kind::SignedIn, "Signed in", by, now, Outcome::Done);
    let counts = [
        ("other_sessions_with_these_roles_now", others.updated),
        ("other_sessions_ended", others.ended),
    ];
    let counts = counts.into_iter().filter(|(_, count)| *count > 0);
    let after = counts.map(|(what, count)| (what.to_owned(), count.to_string())).collect();
    Draft { after, ..draft }
}

/// Somebody signed out.
#[must_use]
pub fn signed_out(by: &Principal, now: Timestamp) -> Draft {
    requested(Kind::SignedOut, "Signed out", by, now, Outcome::Done)
}

/// The console is about to send an operation to Azure.
#[must_use]
pub fn intended(operation: &Operation, by: &Principal) -> Draft {
    let who = match by.is_person() {
        true => person(&by.user),
        false => nobody(Actor::Console, &by.user.name),
    };
    let at = operation.started;
    let mut draft = of(operation, Kind::Intended, who, at, Outcome::Pending);
    draft.request = Some(by.request.clone());
    draft
}

/// The person or console that started an operation, from the stored id.
fn asked_by(operation: &Operation, by: &str) -> By {
    if by == CONSOLE {
        return nobody(Actor::Console, &operation.by);
    }
    By {
        id: Some(by.to_owned()),
        kind: Actor::Person,
        name: operation.by.chars().take(200).collect(),
        roles: Vec::new(),
    }
}

/// An intended operation has ended; `by` started it (tenant id and object id).
#[must_use]
pub fn settled(operation: &Operation, by: &str, now: Timestamp) -> Draft {
    let who = asked_by(operation, by);
    let (outcome, message) = match &operation.progress {
        Progress::Succeeded => (Outcome::Done, None),
        Progress::Failed { message } => (Outcome::Failed, Some(clipped(message))),
        Progress::Stopped { message } | Progress::RolledBack { message } => {
            (Outcome::Failed, Some(clipped(message)))
        }
        // An operation that has ended has one of the states above.
        Progress::Intended | Progress::Running { .. } | Progress::Baking { .. } => {
            (Outcome::Pending, None)
        }
    };
    let mut draft = of(operation, Kind::Settled, who, now, outcome);
    draft.result.message = message;
    draft
}

/// A run has changed the route and continues.
#[must_use]
pub fn routed(operation: &Operation, by: &str, now_is: &Route, now: Timestamp) -> Draft {
    let who = asked_by(operation, by);
    let what = format!("Set the route to {now_is}");
    let mut draft = draft(Kind::Settled, &what, who, now, Outcome::Done);
    draft.about = about_target(&operation.target);
    draft.about.operation = Some(operation.id.0.clone());
    draft.after = route(now_is);
    draft
}

/// Somebody decided about a run that is in progress or failed.
#[must_use]
pub fn decided(operation: &Operation, what: &str, by: &Principal, now: Timestamp) -> Draft {
    let what = format!("{what}: {}", operation.intent.title());
    let mut draft = requested(Kind::Decided, &what, by, now, Outcome::Done);
    draft.about = about_target(&operation.target);
    draft.about.operation = Some(operation.id.0.clone());
    draft
}

fn of(operation: &Operation, kind: Kind, by: By, at: Timestamp, outcome: Outcome) -> Draft {
    let mut draft = draft(kind, &operation.intent.title(), by, at, outcome);
    draft.about = about_target(&operation.target);
    draft.about.operation = Some(operation.id.0.clone());
    let one = |deployment: &domain::name::DeploymentName| -> Facts {
        [("deployment".to_owned(), deployment.to_string())].into()
    };
    match &operation.intent {
        Intent::CreateDeployment { deployment, .. } => {
            draft.about.deployment = Some(deployment.to_string());
            draft.after = one(deployment);
        }
        Intent::UpdateDeployment { deployment, .. } => {
            draft.about.deployment = Some(deployment.to_string());
            (draft.before, draft.after) = (one(deployment), one(deployment));
        }
        Intent::DeleteDeployment { name, .. } => {
            draft.about.deployment = Some(name.to_string());
            draft.before = one(name);
        }
        Intent::SetRoute { .. } | Intent::Release { .. } | Intent::RollBack { .. } => {}
    }
    if let Some(Moved { before, after }) = &operation.moved {
        (draft.before, draft.after) = (route(before), route(after));
    }
    draft
}

/// Azure reports a route that is not in the ledger: seen for the first time, or changed outside the console.
#[must_use]
pub fn observed(at: &EndpointKey, now_is: &Route, was: Option<Facts>, now: Timestamp) -> Draft {
    let (what, by) = match &was {
        None => ("Saw the endpoint for the first time", nobody(Actor::Console, "Understudy")),
        Some(_) => {
            ("The route was changed outside the console", nobody(Actor::Elsewhere, "Elsewhere"))
        }
    };
    let mut draft = draft(Kind::Observed, what, by, now, Outcome::Done);
    draft.about = about(at);
    draft.before = was.unwrap_or_default();
    draft.after = route(now_is);
    draft
}

/// Somebody began again with a ledger that does not continue the kept checkpoint. `why` says why the start was refused;
/// the facts are both trees.
#[must_use]
pub fn begun_again(
    by: &str,
    reason: &str,
    why: &str,
    [before, after]: [Facts; 2],
    now: Timestamp,
) -> Draft {
    let by = nobody(Actor::Console, &format!("{by} (named at the command line)"));
    let what = "Began again: this ledger does not continue the kept checkpoint";
    let mut draft = draft(Kind::BegunAgain, what, by, now, Outcome::Done);
    (draft.before, draft.after) = (before, after);
    draft.reason = Some(clipped(reason));
    draft.result.message = Some(clipped(why));
    draft
}

/// Drafts a change of the key or the configuration; nothing when it equals the newest entry of its kind.
pub fn changed(
    kind: Kind,
    what: &'static str,
    after: Facts,
    now: Timestamp,
) -> impl FnOnce(Option<Entry>) -> Option<Draft> {
    move |last| {
        let before = last.map(|last| last.after).unwrap_or_default();
        (before != after).then(|| {
            let by = nobody(Actor::Console, "Understudy");
            Draft { before, after, ..draft(kind, what, by, now, Outcome::Done) }
        })
    }
}
