//! Drafts entries about broken glass: who set which rules aside, and who acknowledged that.

use super::{Principal, about, about_target, clipped, requested};
use domain::glass::{Broken, Glass, names};
use domain::run::operation::Operation;
use domain::timestamp::Timestamp;
use ledger::entry::{About, Draft, Facts, Kind, Outcome};

/// Somebody broke glass for a run. Record this in the transaction that stores the run.
#[must_use]
pub fn broken(glass: &Glass, run: &Operation, by: &Principal) -> Draft {
    let what = format!("Broke glass: {}", run.intent.title());
    let mut draft = requested(Kind::BrokeGlass, &what, by, run.started, Outcome::Done);
    let change = glass.change.as_ref().map(|change| change.0.clone());
    draft.about = About { operation: Some(run.id.0.clone()), change, ..about_target(&run.target) };
    draft.reason = Some(clipped(&glass.reason));
    let rule = |one: &domain::glass::SetAside| {
        (format!("set_aside.{}", one.rule.word()), clipped(&one.says))
    };
    draft.after = glass.set_aside.iter().map(rule).collect();
    draft.result.message = Some(format!("Overridden: {}.", names(&glass.set_aside)));
    draft
}

/// Another person acknowledged broken glass.
#[must_use]
pub fn acknowledged(
    broken: &Broken,
    comment: Option<&str>,
    by: &Principal,
    now: Timestamp,
) -> Draft {
    let what = format!("Acknowledged broken glass: {}", broken.title);
    let mut draft = requested(Kind::GlassAcknowledged, &what, by, now, Outcome::Done);
    draft.about = About { operation: Some(broken.run.0.clone()), ..about(&broken.on) };
    draft.reason = comment.map(clipped);
    draft.after = Facts::from([
        ("broke_glass.entry".to_owned(), broken.entry.to_string()),
        ("broke_glass.by".to_owned(), broken.by.name.clone()),
    ]);
    draft
}
