//! The facts that the console records, drafted. One function per kind, so that they can be read side by
//! side. Nothing secret is ever part of a fact.

pub mod changes;
pub mod glass;
mod sessions;

use super::{Asker, CONSOLE};
use crate::store::sessions::Others;
use app::domain::operation::{Action, Operation, Progress};
use app::domain::route::Route;
use app::domain::stage::EndpointKey;
use app::domain::text::shortened;
use app::domain::timestamp::Timestamp;
use app::domain::user::User;
use ledger::entry::{About, Actor, By, Draft, Ending, Entry, Facts, Instant, Kind, Outcome};

pub use sessions::{left_out, sessions_ended};

/// Longest message that is recorded, in characters.
const MESSAGE_MAX: usize = 2_000;
/// The field under which a route is recorded, as `blue=90,green=10;mirror=red:20`.
pub const ROUTE: &str = "route";

fn draft(kind: Kind, what: &str, by: By, at: Timestamp, outcome: Outcome) -> Draft {
    Draft {
        // The clock is inside the years 0 to 9999, or it is no clock.
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

fn nobody(kind: Actor, name: &str) -> By {
    By { id: None, kind, name: name.to_owned(), roles: Vec::new() }
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

/// Somebody signed in, and what that did to their other sessions.
#[must_use]
pub fn signed_in(by: &Asker, others: Others, now: Timestamp) -> Draft {
    let draft = draft(Kind::SignedIn, "Signed in", person(&by.user), now, Outcome::Done);
    let told = [
        ("other_sessions_with_these_roles_now", others.updated),
        ("other_sessions_ended", others.ended),
    ];
    let told = told.into_iter().filter(|(_, count)| *count > 0);
    let after = told.map(|(what, count)| (what.to_owned(), count.to_string())).collect();
    Draft { request: Some(by.request.clone()), after, ..draft }
}

/// Somebody signed out.
#[must_use]
pub fn signed_out(by: &Asker, now: Timestamp) -> Draft {
    let draft = draft(Kind::SignedOut, "Signed out", person(&by.user), now, Outcome::Done);
    Draft { request: Some(by.request.clone()), ..draft }
}

/// Somebody was not let in; why, in a sentence of ours.
#[must_use]
pub fn sign_in_refused(why: &str, request: &str, now: Timestamp) -> Draft {
    let by = nobody(Actor::Anonymous, "Somebody");
    let what = format!("Signing in was refused: {why}");
    let draft = draft(Kind::SignInRefused, &what, by, now, Outcome::Refused);
    Draft { request: Some(request.to_owned()), ..draft }
}

/// Somebody tried what they may not do: what, and the sentence that they read.
#[must_use]
pub fn denied(
    by: &Asker,
    what: &str,
    at: Option<&EndpointKey>,
    reason: &str,
    now: Timestamp,
) -> Draft {
    let what = format!("Not allowed: {what}");
    let mut draft = draft(Kind::Denied, &what, person(&by.user), now, Outcome::Refused);
    draft.about = at.map(about).unwrap_or_default();
    draft.request = Some(by.request.clone());
    draft.result.message = Some(clipped(reason));
    draft
}

/// The console is about to ask Azure for something.
#[must_use]
pub fn intended(operation: &Operation, by: &Asker) -> Draft {
    let who = match by.is_person() {
        true => person(&by.user),
        false => nobody(Actor::Console, &by.user.name),
    };
    let at = operation.started;
    let mut draft = of(operation, Kind::Intended, who, at, Outcome::Pending);
    draft.request = Some(by.request.clone());
    draft
}

/// Who asked for an operation, as it was kept.
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

/// What was intended has ended; `by` asked for it (tenant id and object id).
#[must_use]
pub fn settled(operation: &Operation, by: &str, now: Timestamp) -> Draft {
    let who = asked_by(operation, by);
    let (outcome, message) = match &operation.progress {
        Progress::Succeeded => (Outcome::Done, None),
        Progress::Failed { message } => (Outcome::Failed, Some(clipped(message))),
        Progress::Stopped { message } | Progress::RolledBack { message } => {
            (Outcome::Failed, Some(clipped(message)))
        }
        // What has come to rest is one of the above.
        Progress::Intended | Progress::Running { .. } | Progress::Baking { .. } => {
            (Outcome::Pending, None)
        }
    };
    let mut draft = of(operation, Kind::Settled, who, now, outcome);
    draft.result.message = message;
    draft
}

/// In the middle of a run the route became another one.
#[must_use]
pub fn routed(operation: &Operation, by: &str, now_is: &Route, now: Timestamp) -> Draft {
    let who = asked_by(operation, by);
    let what = format!("Set the route to {now_is}");
    let mut draft = draft(Kind::Settled, &what, who, now, Outcome::Done);
    draft.about = about(&operation.endpoint);
    draft.about.operation = Some(operation.id.0.clone());
    draft.after = route(now_is);
    draft
}

/// Somebody decided about a run that is under way, or that failed.
#[must_use]
pub fn decided(operation: &Operation, what: &str, by: &Asker, now: Timestamp) -> Draft {
    let what = format!("{what}: {}", operation.action.title());
    let mut draft = draft(Kind::Decided, &what, person(&by.user), now, Outcome::Done);
    draft.about = about(&operation.endpoint);
    draft.about.operation = Some(operation.id.0.clone());
    draft.request = Some(by.request.clone());
    draft
}

/// Somebody asked for something that a rule forbids; the sentence that they read.
#[must_use]
pub fn refused(by: &Asker, what: &str, at: &EndpointKey, reason: &str, now: Timestamp) -> Draft {
    let what = format!("Refused: {what}");
    let mut draft = draft(Kind::Denied, &what, person(&by.user), now, Outcome::Refused);
    draft.about = about(at);
    draft.request = Some(by.request.clone());
    draft.result.message = Some(clipped(reason));
    draft
}

fn of(operation: &Operation, kind: Kind, by: By, at: Timestamp, outcome: Outcome) -> Draft {
    let mut draft = draft(kind, &operation.action.title(), by, at, outcome);
    draft.about = about(&operation.endpoint);
    draft.about.operation = Some(operation.id.0.clone());
    let one = |deployment: &app::domain::name::DeploymentName| -> Facts {
        [("deployment".to_owned(), deployment.to_string())].into()
    };
    match &operation.action {
        Action::SetRoute { before, after }
        | Action::Release { before, after, .. }
        | Action::RollBack { before, after, .. } => {
            (draft.before, draft.after) = (route(before), route(after));
        }
        Action::CreateDeployment { deployment } => {
            draft.about.deployment = Some(deployment.to_string());
            draft.after = one(deployment);
        }
        Action::DeleteDeployment { deployment } => {
            draft.about.deployment = Some(deployment.to_string());
            draft.before = one(deployment);
        }
    }
    draft
}

/// Azure has a route that the console has not recorded: seen for the first time, or changed elsewhere.
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

/// Somebody let the console go on with a ledger that does not continue what was kept: `why` the start was refused,
/// and both trees.
#[must_use]
pub fn begun_again(
    by: &str,
    reason: &str,
    why: &str,
    [before, after]: [Facts; 2],
    now: Timestamp,
) -> Draft {
    let by = nobody(Actor::Console, &format!("{by} (named at the command line)"));
    let what = "Began again: this ledger does not continue the checkpoint that was kept";
    let mut draft = draft(Kind::BegunAgain, what, by, now, Outcome::Done);
    (draft.before, draft.after) = (before, after);
    draft.reason = Some(clipped(reason));
    draft.result.message = Some(clipped(why));
    draft
}

/// Drafts a change of something that the console starts with; nothing, when it is as the newest entry of
/// its kind says.
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
