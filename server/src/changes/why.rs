//! Why something else is to be approved now, in words: another route, another plan, other evidence.

use super::look::Looked;
use crate::store::changes::Kept;
use app::domain::evidence::Attached;
use app::domain::evidence::standing::{Standing, attached};
use app::domain::plan::{Difference, Plan};
use std::collections::BTreeMap;

/// Fields that a sentence names at most.
const FIELDS_MAX: usize = 5;

/// Why a change is to do something else now, or on other evidence.
#[must_use]
pub fn why(kept: &Kept, now: &Looked) -> String {
    let mut said = of_evidence(&kept.change.evidence, &now.evidence);
    let is_other = kept.planned.plan.hash != now.planned.plan.hash;
    if is_other || said.is_empty() {
        said.insert(0, of_plan(&kept.planned.plan, &now.planned.plan));
    }
    said.join(" ")
}

fn of_evidence(old: &[Attached], now: &[Standing]) -> Vec<String> {
    let same = |one: &Attached, other: &Attached| {
        one.kind == other.kind && one.deployment == other.deployment
    };
    let new = attached(now);
    let mut said = Vec::new();
    for standing in now {
        let Some(sealed) = &standing.sealed else { continue };
        let it = Attached::from(sealed);
        let (what, by) = (standing.what(), &sealed.evidence.by.name);
        // What differs, not what happened: it may have been captured long before this was proposed.
        let at = sealed.evidence.captured.utc();
        match old.iter().find(|one| same(one, &it)) {
            Some(before) if before.hash == it.hash => {}
            Some(_) => said.push(format!("The {what} is another one: {by} captured it at {at}.")),
            None => said.push(format!(
                "The {what}, captured by {by} at {at}, is part of what is approved; it was not before."
            )),
        }
    }
    let is_gone = |one: &&Attached| !new.iter().any(|other| same(one, other));
    for gone in old.iter().filter(is_gone) {
        let what = gone.kind.label().to_lowercase();
        said.push(format!("The {what} of {} is no longer part of it.", gone.deployment));
    }
    said
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
    let (before, after) = (level(old), level(new));
    for verdict in &new.verdicts {
        match before.get(&verdict.guard) {
            Some(level) if *level == verdict.level => {}
            Some(_) => {
                said.push(format!("“{}” says otherwise now: {}", verdict.rule, verdict.reason));
            }
            None => said.push(format!("“{}” is judged as well: {}", verdict.rule, verdict.reason)),
        }
    }
    for verdict in old.verdicts.iter().filter(|verdict| !after.contains_key(&verdict.guard)) {
        said.push(format!("“{}” is no longer judged.", verdict.rule));
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
    let more = fields.len().saturating_sub(FIELDS_MAX);
    fields.truncate(FIELDS_MAX);
    fields.extend((more > 0).then(|| format!("and {more} more")));
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
            (
                Plan { verdicts: Vec::new(), ..old.clone() },
                "“Deployments are ready” is no longer judged.",
            ),
            (old.clone(), "What would be sent is something else now."),
        ] {
            assert_eq!(of_plan(&old, &new), expected);
        }
        let none = Plan { verdicts: Vec::new(), ..old.clone() };
        let said = of_plan(&none, &old);
        assert_eq!(said, "“Deployments are ready” is judged as well: green is Failed.");
        let many =
            (0..7).map(|n| Difference { field: format!("/f{n}"), ..old.differences[0].clone() });
        let many = Plan { differences: many.collect(), ..old.clone() };
        assert!(of_plan(&old, &many).contains("/f4, and 3 more"), "{}", of_plan(&old, &many));
    }
}
