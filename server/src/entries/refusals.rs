//! Drafts entries about refusals: of sign-ins, for lack of a right, and by rules.

use super::{Principal, clipped, draft, nobody, requested};
use domain::concern::Concern;
use domain::timestamp::Timestamp;
use ledger::entry::{About, Actor, By, Draft, Kind, Outcome};

/// Somebody's sign-in was rejected; `why` is the console's own sentence.
#[must_use]
pub fn sign_in_refused(why: &str, request: &str, now: Timestamp) -> Draft {
    let by = nobody(Actor::Anonymous, "Somebody");
    let what = format!("Sign-in was rejected: {why}");
    let draft = draft(Kind::SignInRefused, &what, by, now, Outcome::Refused);
    Draft { request: Some(request.to_owned()), ..draft }
}

/// Somebody attempted something that their roles do not allow; `reason` is the sentence that they read.
#[must_use]
pub fn denied(
    by: &Principal,
    what: &str,
    concern: &Concern,
    reason: &str,
    now: Timestamp,
) -> Draft {
    not_done(&format!("Not allowed: {what}"), by, concern, reason, now)
}

/// Somebody requested something that a rule forbids; `reason` is the sentence that they read.
#[must_use]
pub fn refused(
    by: &Principal,
    what: &str,
    concern: &Concern,
    reason: &str,
    now: Timestamp,
) -> Draft {
    not_done(&format!("Rejected: {what}"), by, concern, reason, now)
}

fn not_done(what: &str, by: &Principal, concern: &Concern, reason: &str, now: Timestamp) -> Draft {
    let mut draft = requested(Kind::Denied, what, by, now, Outcome::Refused);
    let Concern { stage, endpoint, deployment, change, run, job, glass: _ } = concern.clone();
    draft.about = About {
        change: change.map(|change| change.0),
        deployment: deployment.map(String::from),
        endpoint: endpoint.map(String::from),
        job: job.map(|job| job.0),
        operation: run.map(|run| run.0),
        stage: stage.map(String::from),
    };
    draft.result.message = Some(clipped(reason));
    draft
}

/// What two refusals are both about.
#[must_use]
pub fn common(one: &About, other: &About) -> About {
    let same = |of: fn(&About) -> &Option<String>| of(one).clone().filter(|_| of(one) == of(other));
    let stage = same(|about| &about.stage);
    // Endpoints of two stages may have one name.
    let endpoint = same(|about| &about.endpoint).filter(|_| stage.is_some());
    About {
        change: same(|about| &about.change),
        deployment: same(|about| &about.deployment).filter(|_| endpoint.is_some()),
        endpoint,
        job: same(|about| &about.job),
        operation: same(|about| &about.operation),
        stage,
    }
}

/// The number of refusals of one person and kind that were not recorded individually, and what all of them are about.
#[must_use]
pub fn left_out(
    kind: Kind,
    by: By,
    (count, about): (u64, About),
    (from, until): (Timestamp, Timestamp),
    now: Timestamp,
) -> Draft {
    let what = match count {
        1 => "One more attempt like these was not recorded individually".to_owned(),
        count => format!("{count} more attempts like these were not recorded individually"),
    };
    let mut draft = draft(kind, &what, by, now, Outcome::Refused);
    draft.about = about;
    draft.after = [
        ("left_out".to_owned(), count.to_string()),
        ("from".to_owned(), from.iso()),
        ("until".to_owned(), until.iso()),
    ]
    .into();
    draft
}
