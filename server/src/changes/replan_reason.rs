//! Explains why the hash to approve has changed: the route, the plan or the evidence.

use super::replan::Replanned;
use crate::planner::Planned;
use crate::store::changes::StoredChange;
use domain::evidence::Attached;
use domain::evidence::status::{EvidenceStatus, attached};
use domain::plan::{Difference, Plan};
use std::collections::BTreeMap;

/// Maximum number of fields in a sentence.
const FIELDS_MAX: usize = 5;

/// The sentences that say what has changed in the plan or the evidence.
#[must_use]
pub fn why(kept: &StoredChange, now: &Replanned) -> String {
    let mut said = of_evidence(&kept.change.evidence, &now.evidence);
    let is_other = kept.planned.plan.hash != now.planned.plan.hash;
    if is_other || said.is_empty() {
        said.insert(0, of_plan(&kept.planned, &now.planned));
    }
    said.join(" ")
}

fn of_evidence(old: &[Attached], now: &[EvidenceStatus]) -> Vec<String> {
    let same = |one: &Attached, other: &Attached| {
        one.kind == other.kind && one.deployment == other.deployment
    };
    let new = attached(now);
    let mut said = Vec::new();
    for standing in now {
        let Some(sealed) = &standing.sealed else { continue };
        let it = Attached::from(sealed);
        let (what, by) = (standing.what(), &sealed.evidence.by.name);
        // Say what differs, not what happened: the evidence may be older than the proposal.
        let at = sealed.evidence.captured.utc();
        match old.iter().find(|one| same(one, &it)) {
            Some(before) if before.hash == it.hash => {}
            Some(_) => said.push(format!("There is a new {what}: {by} captured it at {at}.")),
            None => said
                .push(format!("The approval now covers the {what}, which {by} captured at {at}.")),
        }
    }
    let is_gone = |one: &&Attached| !new.iter().any(|other| same(one, other));
    for gone in old.iter().filter(is_gone) {
        let what = gone.kind.label().to_lowercase();
        said.push(format!("The approval no longer covers the {what} of {}.", gone.deployment));
    }
    said
}

fn of_plan(before: &Planned, now: &Planned) -> String {
    let (old, new) = (&before.plan, &now.plan);
    let mut said = Vec::new();
    if old.base != new.base {
        said.push(format!("The route changed: it was {}, it is now {}.", old.base, new.base));
    }
    let was = before.made_of();
    for (name, now) in now.made_of() {
        said.extend(was.get(&name).and_then(|before| before.changed(&name, &now)));
    }
    for (name, now) in &new.images {
        said.extend(old.images.get(name).and_then(|before| before.changed(name, now)));
    }
    let level = |plan: &Plan| -> BTreeMap<String, _> {
        plan.verdicts.iter().map(|verdict| (verdict.guard.clone(), verdict.level)).collect()
    };
    let (before, after) = (level(old), level(new));
    for verdict in &new.verdicts {
        match before.get(&verdict.guard) {
            Some(level) if *level == verdict.level => {}
            Some(_) => {
                said.push(format!(
                    "The result of “{}” has changed: {}",
                    verdict.rule, verdict.reason
                ));
            }
            None => said.push(format!("“{}” is a new check: {}", verdict.rule, verdict.reason)),
        }
    }
    for verdict in old.verdicts.iter().filter(|verdict| !after.contains_key(&verdict.guard)) {
        said.push(format!("“{}” is no longer checked.", verdict.rule));
    }
    let fields = other_fields(&old.differences, &new.differences);
    if old.base == new.base && !fields.is_empty() {
        said.push(format!("The plan now changes these fields differently: {}.", fields.join(", ")));
    }
    if said.is_empty() {
        said.push("The plan's request bodies have changed.".to_owned());
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
    use domain::endpoint::MadeOf;
    use domain::guard::{Level, Verdict};
    use domain::plan::Subject;
    use domain::stage::EndpointKey;
    use domain::target::Target;

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
            images: BTreeMap::new(),
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

    fn said(old: &Plan, new: &Plan) -> String {
        let planned = |plan: &Plan| Planned { plan: plan.clone(), steps: Vec::new() };
        of_plan(&planned(old), &planned(new))
    }

    #[test]
    fn a_sentence_says_what_changed_in_the_plan() {
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
                "The result of “Deployments are ready” has changed: green is Failed.",
            ),
            (
                plan("blue=100", Level::Passes, "60 %"),
                "The plan now changes these fields differently: endpoint /properties/traffic/green.",
            ),
            (
                Plan { made_of: made_of("nbq:2", "1"), ..old.clone() },
                "green has changed: it was nbq:1, and is now nbq:2.",
            ),
            (
                Plan { made_of: made_of("nbq:1", "2"), ..old.clone() },
                "The settings of green changed: variables, code or limits.",
            ),
            (
                Plan { verdicts: Vec::new(), ..old.clone() },
                "“Deployments are ready” is no longer checked.",
            ),
            (old.clone(), "The plan's request bodies have changed."),
        ] {
            assert_eq!(said(&old, &new), expected);
        }
        let none = Plan { verdicts: Vec::new(), ..old.clone() };
        assert_eq!(said(&none, &old), "“Deployments are ready” is a new check: green is Failed.");
        let many =
            (0..7).map(|n| Difference { field: format!("/f{n}"), ..old.differences[0].clone() });
        let many = Plan { differences: many.collect(), ..old.clone() };
        assert!(said(&old, &many).contains("/f4, and 3 more"), "{}", said(&old, &many));
    }
}
