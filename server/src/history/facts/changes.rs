//! Facts about changes and stages: one per event.

use super::{Asker, about, clipped, draft, nobody, person};
use app::domain::change::ChangeId;
use app::domain::change::event::{Event, Person};
use app::domain::evidence::{Attached, Sealed};
use app::domain::name::StageName;
use app::domain::stage::EndpointKey;
use app::domain::timestamp::Timestamp;
use ledger::entry::{About, Actor, By, Draft, Facts, Kind, Outcome};

/// Which change a fact is about.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// The change.
    pub id: &'a ChangeId,
    /// Where.
    pub at: &'a EndpointKey,
    /// What, in a few words.
    pub title: &'a str,
}

/// What happened to a change, on the evidence that belongs to it then; `None` for what its run records itself.
/// `by` is whoever asked in a request.
#[must_use]
pub fn happened(
    of: Subject<'_>,
    evidence: &[Attached],
    event: &Event,
    by: Option<&Asker>,
    now: Timestamp,
) -> Option<Draft> {
    let said = match event {
        Event::Proposed { by, reason, .. } => (Kind::Proposed, "Proposed", Some(by), reason),
        Event::Approved { by, comment, .. } => (Kind::Approved, "Approved", Some(by), comment),
        Event::Refused { by, comment } => (Kind::Refused, "Refused", Some(by), comment),
        Event::Commented { by, text } => (Kind::Commented, "Commented on", Some(by), text),
        Event::Withdrawn { by } => (Kind::Withdrawn, "Withdrew", Some(by), &String::new()),
        Event::Replanned { why, .. } => (Kind::Replanned, "Planned anew", None, why),
        Event::Lapsed { why, .. } => (Kind::Lapsed, "An approval counts no more", None, why),
        Event::Expired => (Kind::Expired, "Expired", None, &String::new()),
        Event::Started { by, .. } => (Kind::Started, "Started", by.as_ref(), &String::new()),
        Event::Ended(_) => return None,
    };
    let (kind, verb, who, why) = said;
    let who = match (by, who) {
        (Some(asker), _) => person(&asker.user),
        (None, Some(known)) => recorded(known),
        (None, None) => nobody(Actor::Console, "Understudy"),
    };
    let mut draft = draft(kind, &format!("{verb}: {}", of.title), who, now, Outcome::Done);
    draft.about = About { change: Some(of.id.0.clone()), ..about(of.at) };
    draft.reason = Some(clipped(why)).filter(|why| !why.is_empty());
    draft.request = by.map(|asker| asker.request.clone());
    draft.after = signed(event, evidence);
    if let Event::Started { run, .. } = event {
        draft.about.operation = Some(run.0.clone());
    }
    Some(draft)
}

/// What an event was about: its hash, and the evidence that went into it.
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

/// Somebody froze a stage, or thawed it.
#[must_use]
pub fn frozen(
    stage: &StageName,
    is_frozen: bool,
    reason: &str,
    by: &Asker,
    now: Timestamp,
) -> Draft {
    let (kind, verb) = if is_frozen { (Kind::Frozen, "Froze") } else { (Kind::Thawed, "Thawed") };
    let mut draft = draft(kind, &format!("{verb} {stage}"), person(&by.user), now, Outcome::Done);
    draft.about = About { stage: Some(stage.to_string()), ..About::default() };
    draft.reason = Some(clipped(reason));
    draft.request = Some(by.request.clone());
    draft
}

/// Somebody captured evidence.
#[must_use]
pub fn captured(Sealed { evidence, hash }: &Sealed, by: &Asker) -> Draft {
    let what = format!("Captured: {}", evidence.title());
    let at = evidence.captured;
    let mut draft = draft(Kind::Captured, &what, person(&by.user), at, Outcome::Done);
    draft.about =
        About { deployment: Some(evidence.deployment.to_string()), ..about(&evidence.at) };
    draft.request = Some(by.request.clone());
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
