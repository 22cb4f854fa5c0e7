//! Why something else is to be approved now, in words: another route, another plan, other evidence.

use super::look::Looked;
use crate::store::changes::Kept;
use app::domain::evidence::Attached;
use app::domain::evidence::standing::{Standing, attached};
use app::domain::plan::{Difference, Plan};
use app::domain::timestamp::Timestamp;
use std::collections::BTreeMap;

/// Fields that a sentence names at most.
const FIELDS_MAX: usize = 5;

/// Why a change is to do something else now, or on other evidence.
#[must_use]
pub fn why(kept: &Kept, now: &Looked) -> String {
    let proposed = kept.change.proposed;
    let mut said = of_evidence(&kept.change.evidence, &now.evidence, proposed);
    let is_other = kept.planned.plan.hash != now.planned.plan.hash;
    if is_other || said.is_empty() {
        said.insert(0, of_plan(&kept.planned.plan, &now.planned.plan));
    }
    said.join(" ")
}

fn of_evidence(old: &[Attached], now: &[Standing], proposed: Timestamp) -> Vec<String> {
    let same = |one: &Attached, other: &Attached| {
        one.kind == other.kind && one.deployment == other.deployment
    };
    let new = attached(now);
    let mut said = Vec::new();
    for standing in now {
        let Some(sealed) = &standing.sealed else { continue };
        let it = Attached::from(sealed);
        let (what, by) = (standing.what(), &sealed.evidence.by.name);
        let is_news = sealed.evidence.captured > proposed;
        match old.iter().find(|one| same(one, &it)) {
            Some(before) if before.hash == it.hash => {}
            known => said.push(came_in(&what, by, is_news, known.is_some())),
        }
    }
    let is_gone = |one: &&Attached| !new.iter().any(|other| same(one, other));
    for gone in old.iter().filter(is_gone) {
        let what = gone.kind.label().to_lowercase();
        said.push(format!("The {what} of {} is no part of it any more.", gone.deployment));
    }
    said
}

/// That evidence is part of it which was not. Where it was captured before the change was proposed, capturing it is
/// not what changed.
fn came_in(what: &str, by: &str, is_news: bool, is_another: bool) -> String {
    match (is_news, is_another) {
        (true, true) => format!("{by} captured the {what} anew."),
        (true, false) => format!("{by} captured the {what}."),
        (false, true) => format!("Another {what} is part of it now, which {by} captured earlier."),
        (false, false) => format!("The {what} is part of it now, which {by} captured earlier."),
    }
}

fn of_plan(old: &Plan, new: &Plan) -> String {
    let mut said = Vec::new();
    if old.base != new.base {
        said.push(format!("The route changed: it was {}, it is now {}.", old.base, new.base));
    }
    for (name, now) in &new.made_of {
        said.extend(old.made_of.get(name).and_then(|before| before.changed(name, now)));
    }
    let level = |plan: &Plan| -> BTreeMap<String, _> {
        plan.verdicts.iter().map(|verdict| (verdict.guard.clone(), verdict.level)).collect()
    };
    let before = level(old);
    let says_otherwise = |guard: &String, level| before.get(guard) != Some(level);
    for verdict in &new.verdicts {
        if says_otherwise(&verdict.guard, &verdict.level) {
            said.push(format!("“{}” says otherwise now: {}", verdict.rule, verdict.reason));
        }
    }
    let fields = other_fields(&old.differences, &new.differences);
    if old.base == new.base && !fields.is_empty() {
        said.push(format!(
            "It would change other fields, or to something else: {}.",
            fields.join(", ")
        ));
    }
    if said.is_empty() {
        said.push("What would be sent is something else now.".to_owned());
    }
    said.join(" ")
}

fn other_fields(old: &[Difference], new: &[Difference]) -> Vec<String> {
    let differs = |difference: &&Difference| !old.contains(difference) || !new.contains(difference);
    let all = old.iter().chain(new).filter(differs);
    let mut fields: Vec<_> = all.map(|one| format!("{} {}", one.subject, one.field)).collect();
    fields.sort();
    fields.dedup();
    fields.truncate(FIELDS_MAX);
    fields
}

#[cfg(test)]
mod tests {
    use super::*;
    use app::domain::endpoint::MadeOf;
    use app::domain::guard::{Level, Verdict};
    use app::domain::plan::{Subject, Target};
    use app::domain::stage::EndpointKey;

    fn plan(base: &str, level: Level, becomes: &str) -> Plan {
        let at = EndpointKey {
            stage: "anet-prod".parse().expect("a stage"),
            endpoint: "anet-ep".parse().expect("an endpoint"),
        };
        let text = |text: &str| text.to_owned();
        Plan {
            target: Target::Endpoint(at),
            base: base.parse().expect("a route"),
            made_of: BTreeMap::new(),
            steps: Vec::new(),
            differences: vec![Difference {
                subject: Subject::Endpoint,
                field: text("/properties/traffic/green"),
                before: None,
                after: Some(text(becomes)),
            }],
            verdicts: vec![Verdict {
                guard: text("deployments-ready"),
                rule: text("Deployments are ready"),
                level,
                reason: text("green is Failed."),
                help: String::new(),
            }],
            questions: Vec::new(),
            hash: None,
        }
    }

    #[test]
    fn the_reason_is_the_difference_and_no_event_from_before_the_proposal() {
        let said =
            |is_news, is_another| came_in("replay diff of green", "Dana", is_news, is_another);
        assert_eq!(said(true, false), "Dana captured the replay diff of green.");
        for is_another in [false, true] {
            let said = said(false, is_another);
            assert!(said.contains("is part of it now, which Dana captured earlier"), "{said}");
        }
    }

    #[test]
    fn why_approvals_fell_away_is_said_in_words() {
        let made_of = |model: &str, settings: &str| {
            let (model, settings) = (Some(model.to_owned()), Some(settings.to_owned()));
            let made_of = MadeOf { model, settings, ..MadeOf::default() };
            BTreeMap::from([("green".parse().expect("a name"), made_of)])
        };
        let old = plan("blue=100", Level::Passes, "50 %");
        let old = Plan { made_of: made_of("nbq:1", "1"), ..old };
        for (new, expected) in [
            (
                plan("blue=90,green=10", Level::Passes, "50 %"),
                "The route changed: it was blue 100 %, it is now blue 90 %, green 10 %.",
            ),
            (
                plan("blue=100", Level::Blocks, "50 %"),
                "“Deployments are ready” says otherwise now: green is Failed.",
            ),
            (
                plan("blue=100", Level::Passes, "60 %"),
                "It would change other fields, or to something else: endpoint /properties/traffic/green.",
            ),
            (
                Plan { made_of: made_of("nbq:2", "1"), ..old.clone() },
                "green is another deployment: it was nbq:1, it is now nbq:2.",
            ),
            (
                Plan { made_of: made_of("nbq:1", "2"), ..old.clone() },
                "green is set otherwise: its variables, its code or its limits changed.",
            ),
            (old.clone(), "What would be sent is something else now."),
        ] {
            assert_eq!(of_plan(&old, &new), expected);
        }
    }
}
