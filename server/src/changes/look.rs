//! Planning a change again on what Azure says now, and comparing it with what is to be approved.

use super::stored::Stored;
use super::{Changes, not_written};
use crate::operations::plan::Planned;
use crate::store::changes::{Kept, News};
use app::domain::change::event::{Event, SubjectHash};
use app::domain::endpoint::Endpoint;
use app::domain::guard::facts::Facts;
use app::domain::plan::{Difference, Plan};
use app::domain::stage::EndpointKey;
use app::error::ConsoleError;
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

/// Fields that a sentence names at most.
const FIELDS_MAX: usize = 5;

/// A plan made now.
#[derive(Debug)]
pub struct Looked {
    /// What is signed and carried out.
    pub planned: Planned,
    /// Its hash, with the evidence.
    pub subject: SubjectHash,
    /// The same with everything that guards know now, for people.
    pub shown: Plan,
    /// The endpoint on which it was made.
    pub endpoint: Arc<Endpoint>,
}

/// What an approval signs. Evidence is not captured yet; its place is kept, so that it will count.
#[derive(Serialize)]
struct Signed<'a> {
    version: u32,
    plan: &'a str,
    evidence: [(); 0],
}

/// The hash that an approval signs: SHA-256 over canonical JSON (RFC 8785).
#[must_use]
pub fn subject(planned: &Planned) -> SubjectHash {
    let plan = planned.plan.hash.as_ref().map_or("", |hash| hash.0.as_str());
    let canonical = serde_json_canonicalizer::to_vec(&Signed { version: 1, plan, evidence: [] })
        .expect("these types have text keys and finite numbers only");
    let mut text = String::with_capacity(64);
    for byte in Sha256::digest(&canonical) {
        write!(text, "{byte:02x}").expect("writing to a text cannot fail");
    }
    SubjectHash(text)
}

impl Changes {
    /// Plans a wish on what Azure says now.
    ///
    /// # Errors
    /// [`ConsoleError`]: Azure does not answer, or something is under way on the endpoint, so that there is
    /// nothing to compare with yet.
    pub async fn look(&self, at: &EndpointKey, wish: &Stored) -> Result<Looked, ConsoleError> {
        let (place, fresh) = self.runs.fresh(at).await?;
        let wish = wish.wish(at);
        // What is signed depends on the endpoint and the policy alone; see the module's contract.
        let promotion = place.rules.policy.promotion.clone();
        let lasting = Facts { protected: place.stage.protected, promotion, ..Facts::default() };
        let planned = fresh.plan(&wish, &lasting)?;
        let now = self.runs.clock.now();
        let known = Box::pin(place.facts(&wish.needs(), Some(&fresh.endpoint), now)).await;
        let shown = fresh.plan(&wish, &known)?.plan;
        let subject = subject(&planned);
        Ok(Looked { planned, subject, shown, endpoint: fresh.endpoint })
    }

    /// Looks at a change that waits. Where it would do something else now, that is written down, and its
    /// approvals fall away.
    ///
    /// # Errors
    /// As [`Changes::look`].
    pub async fn compare(&self, kept: &mut Kept) -> Result<Looked, ConsoleError> {
        let looked = self.look(&kept.at, &kept.wish).await?;
        if looked.subject != kept.change.subject {
            // On the way from one state to another the guards say otherwise for a moment.
            if is_busy(&looked.endpoint) {
                return Err(ConsoleError::Conflict(format!(
                    "Azure is changing {} just now. Wait until that has ended; nothing was done.",
                    kept.at.endpoint
                )));
            }
            let why = why(&kept.planned.plan, &looked.planned.plan);
            let event = Event::Replanned { subject: looked.subject.clone(), why };
            let news = News { planned: Some(looked.planned.clone()), ..News::of_itself(event) };
            let now = self.runs.clock.now();
            let written = self.table.append(kept, news, now).await;
            written.map_err(|error| not_written(&kept.at, error))?;
            self.written().await;
        }
        Ok(looked)
    }
}

fn is_busy(endpoint: &Endpoint) -> bool {
    endpoint.state.is_busy() || endpoint.deployments.iter().any(|one| one.state.is_busy())
}

/// Why a plan is another one now, in words.
#[must_use]
pub fn why(old: &Plan, new: &Plan) -> String {
    let mut said = Vec::new();
    if old.base != new.base {
        said.push(format!("The route changed: it was {}, it is now {}.", old.base, new.base));
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
    use app::domain::guard::{Level, Verdict};
    use app::domain::plan::{PlanHash, Subject, Target};
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
        let old = plan("blue=100", Level::Passes, "50 %");
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
            (old.clone(), "What would be sent is something else now."),
        ] {
            assert_eq!(why(&old, &new), expected);
        }
    }

    #[test]
    fn what_is_signed_is_the_plans_hash_and_nothing_that_comes_and_goes() {
        let with = |hash: &str| Planned {
            plan: Plan {
                hash: Some(PlanHash(hash.to_owned())),
                ..plan("blue=100", Level::Passes, "50 %")
            },
            steps: Vec::new(),
        };
        assert_eq!(subject(&with("a")), subject(&with("a")));
        assert_ne!(subject(&with("a")), subject(&with("b")));
        assert_eq!(subject(&with("a")).0.len(), 64);
    }
}
