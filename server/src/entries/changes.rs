//! Drafts entries about changes and stages, one per event.

use super::{Principal, about, about_target, clipped, draft, nobody, person, requested};
use domain::change::ChangeId;
use domain::change::event::Event;
use domain::evidence::{Attached, Sealed};
use domain::name::StageName;
use domain::target::Target;
use domain::timestamp::Timestamp;
use domain::user::Person;
use ledger::entry::{About, Actor, By, Draft, Facts, Kind, Outcome};

/// The change that an entry is about.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    pub id: &'a ChangeId,
    pub target: &'a Target,
    pub title: &'a str,
}

/// An event of a change with the evidence that it has at that time; `None` for events that its run records. `by` is
/// the person who made the request, if any.
#[must_use]
pub fn happened(
    of: Subject<'_>,
    evidence: &[Attached],
    event: &Event,
    by: Option<&Principal>,
    now: Timestamp,
) -> Option<Draft> {
    let said = match event {
        Event::Proposed { by, reason, .. } => (Kind::Proposed, "Proposed", Some(by), reason),
        Event::Approved { by, comment, .. } => (Kind::Approved, "Approved", Some(by), comment),
        Event::Refused { by, comment } => (Kind::Refused, "Rejected", Some(by), comment),
        Event::Commented { by, text } => (Kind::Commented, "Commented on", Some(by), text),
        Event::Withdrawn { by } => (Kind::Withdrawn, "Withdrew", Some(by), &String::new()),
        Event::Replanned { why, .. } => (Kind::Replanned, "Re-planned", None, why),
        Event::Lapsed { why, .. } => (Kind::Lapsed, "An approval was revoked", None, why),
        Event::Expired => (Kind::Expired, "Expired", None, &String::new()),
        Event::Superseded { .. } => {
            (Kind::Superseded, "Superseded by broken glass", None, &String::new())
        }
        Event::Started { by, .. } => (Kind::Started, "Started", by.as_ref(), &String::new()),
        Event::Ended(_) => return None,
    };
    let (kind, verb, who, why) = said;
    let who = match (by, who) {
        (Some(principal), _) => person(&principal.user),
        (None, Some(known)) => recorded(known),
        (None, None) => nobody(Actor::Console, "Understudy"),
    };
    let mut draft = draft(kind, &format!("{verb}: {}", of.title), who, now, Outcome::Done);
    draft.about = About { change: Some(of.id.0.clone()), ..about_target(of.target) };
    draft.reason = Some(clipped(why)).filter(|why| !why.is_empty());
    draft.request = by.map(|principal| principal.request.clone());
    draft.after = signed(event, evidence);
    if let Event::Proposed { job: Some(job), .. } = event {
        draft.about.job = Some(job.0.clone());
    }
    if let Event::Started { run, .. } | Event::Superseded { run, .. } = event {
        draft.about.operation = Some(run.0.clone());
    }
    Some(draft)
}

/// The plan hash and the evidence of an event.
fn signed(event: &Event, evidence: &[Attached]) -> Facts {
    let mut facts = subject_of(event);
    if facts.contains_key("subject") {
        let of =
            |one: &Attached| (format!("evidence.{}", one.id), format!("sha256:{}", one.hash.0));
        facts.extend(evidence.iter().map(of));
    }
    facts
}

fn subject_of(event: &Event) -> Facts {
    let subject = |hash: &str| ("subject".to_owned(), hash.to_owned());
    match event {
        Event::Proposed { subject: hash, approvals, expires, start, .. } => {
            let mut facts = Facts::from([
                subject(&hash.0),
                ("approvals".to_owned(), approvals.to_string()),
                ("expires".to_owned(), expires.iso()),
            ]);
            facts.extend(start.map(|start| ("start".to_owned(), start.iso())));
            facts
        }
        Event::Replanned { subject: hash, .. } | Event::Approved { subject: hash, .. } => {
            [subject(&hash.0)].into()
        }
        Event::Lapsed { of, .. } => [("approval".to_owned(), of.name.clone())].into(),
        _ => Facts::new(),
    }
}

fn recorded(known: &Person) -> By {
    By {
        id: Some(known.id.clone()),
        kind: Actor::Person,
        name: known.name.chars().take(200).collect(),
        roles: Vec::new(),
    }
}

/// Somebody froze or unfroze a stage.
#[must_use]
pub fn frozen(
    stage: &StageName,
    is_frozen: bool,
    reason: &str,
    by: &Principal,
    now: Timestamp,
) -> Draft {
    let (kind, verb) = if is_frozen { (Kind::Frozen, "Froze") } else { (Kind::Thawed, "Unfroze") };
    let mut draft = requested(kind, &format!("{verb} {stage}"), by, now, Outcome::Done);
    draft.about = About { stage: Some(stage.to_string()), ..About::default() };
    draft.reason = Some(clipped(reason));
    draft
}

/// Somebody captured evidence.
#[must_use]
pub fn captured(Sealed { evidence, hash }: &Sealed, by: &Principal) -> Draft {
    let what = format!("Captured: {}", evidence.title());
    let mut draft = requested(Kind::Captured, &what, by, evidence.captured, Outcome::Done);
    draft.about =
        About { deployment: Some(evidence.deployment.to_string()), ..about(&evidence.at) };
    let says = if evidence.was_good() { "good" } else { "not good" };
    draft.after = [
        ("evidence".to_owned(), evidence.id.to_string()),
        ("sha256".to_owned(), hash.0.clone()),
        ("verdict".to_owned(), says.to_owned()),
    ]
    .into();
    let findings: Vec<_> = evidence.findings.iter().map(|one| one.says.as_str()).collect();
    draft.result.message = Some(clipped(&findings.join(" ")));
    draft
}
