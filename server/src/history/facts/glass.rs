//! Facts about broken glass: who set which rules aside, and who acknowledged it.

use super::{Asker, about, clipped, draft, person};
use app::domain::glass::{Broken, Glass, names};
use app::domain::operation::Operation;
use app::domain::timestamp::Timestamp;
use ledger::entry::{About, Draft, Facts, Kind, Outcome};

/// Somebody broke glass for a run, which is written in the same transaction.
#[must_use]
pub fn broken(glass: &Glass, run: &Operation, by: &Asker) -> Draft {
    let what = format!("Broke glass: {}", run.action.title());
    let who = person(&by.user);
    let mut draft = draft(Kind::BrokeGlass, &what, who, run.started, Outcome::Done);
    draft.about = About { operation: Some(run.id.0.clone()), ..about(&run.endpoint) };
    draft.reason = Some(clipped(&glass.reason));
    draft.request = Some(by.request.clone());
    let rule = |one: &app::domain::glass::SetAside| {
        (format!("set_aside.{}", one.rule.word()), clipped(&one.says))
    };
    draft.after = glass.set_aside.iter().map(rule).collect();
    draft.result.message = Some(format!("Set aside: {}.", names(&glass.set_aside)));
    draft
}

/// Somebody else acknowledged it.
#[must_use]
pub fn acknowledged(broken: &Broken, comment: Option<&str>, by: &Asker, now: Timestamp) -> Draft {
    let what = format!("Acknowledged broken glass: {}", broken.title);
    let who = person(&by.user);
    let mut draft = draft(Kind::GlassAcknowledged, &what, who, now, Outcome::Done);
    draft.about = About { operation: Some(broken.run.0.clone()), ..about(&broken.on) };
    draft.reason = comment.map(clipped);
    draft.request = Some(by.request.clone());
    draft.after = Facts::from([
        ("broke_glass.entry".to_owned(), broken.entry.to_string()),
        ("broke_glass.by".to_owned(), broken.by.name.clone()),
    ]);
    draft
}
