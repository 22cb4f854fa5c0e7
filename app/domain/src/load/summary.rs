//! What remains of a run as evidence: enough to judge it again by a stage's current policy, and small enough to be
//! stored, hashed and shown on a change's page.
//!
//! Evidence wraps this value with the endpoint, the deployment, what that was made of, and the time; approvals sign the
//! SHA-256 of all of it as canonical JSON.

use super::baseline::{NoBaseline, Past};
use super::criterion::{Criterion, Limit};
use super::id::{TestId, TestRunId};
use super::results::Results;
use super::verdict::{Judged, Judgement, REQUESTS_MIN, Verdict, judge};
use crate::timestamp::Timestamp;
use crate::vocabulary::vocabulary;
use serde::{Deserialize, Serialize};

/// The highest `max_age_hours`: four weeks, as for other evidence.
pub const AGE_HOURS_MAX: u32 = 24 * 28;

/// How a test plan is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    Url,
    Jmx,
    Locust,
}

vocabulary!(
    Kind:
    /// All kinds.
    ALL,
    /// Azure Load Testing's word: `kind` of a test.
    word,
    /// The name on screens.
    label,
    Url = "URL", "URL requests";
    Jmx = "JMX", "JMeter";
    Locust = "Locust", "Locust";
);

/// A run as evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    pub test: TestId,
    pub run: TestRunId,
    pub kind: Kind,
    /// The SHA-256 of the plan in lower-case hexadecimal.
    pub plan: String,
    pub engines: u32,
    /// When the first request was sent.
    pub started: Timestamp,
    pub ended: Timestamp,
    /// All requests, and those of the names that criteria judge.
    pub results: Results,
    /// The judgement at the end of the run, by the test's own criteria.
    pub judgement: Judgement,
    /// The run with which baseline criteria compared.
    pub baseline: Option<TestRunId>,
}

/// The limits that a policy sets for load tests.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LoadRule {
    /// The maximum age in hours, 1 to [`AGE_HOURS_MAX`].
    pub max_age_hours: u32,
    /// The fewest requests, at least 1.
    pub requests_min: u64,
    /// Criteria that every test must meet besides its own. They cannot refer to a baseline.
    pub criteria: Vec<Criterion>,
}

impl Default for LoadRule {
    fn default() -> Self {
        Self { max_age_hours: 24 * 7, requests_min: REQUESTS_MIN, criteria: Vec::new() }
    }
}

impl LoadRule {
    /// Why the rule is invalid, with the key; `None` if it is valid.
    #[must_use]
    pub fn problem(&self) -> Option<String> {
        let hours = self.max_age_hours;
        if !(1..=AGE_HOURS_MAX).contains(&hours) {
            return Some(format!("max_age_hours: {hours} is not between 1 and {AGE_HOURS_MAX}"));
        }
        if self.requests_min == 0 {
            return Some(
                "requests_min: 0 would accept a test without requests; the minimum is 1".to_owned(),
            );
        }
        let relative = self.criteria.iter().find(|one| one.needs_baseline())?;
        Some(format!(
            "criteria: {relative} needs an earlier run, which a policy cannot name. Write a number"
        ))
    }

    /// The rule in words.
    #[must_use]
    pub fn words(&self) -> String {
        let Self { max_age_hours, requests_min, criteria } = self;
        let criteria: Vec<_> = criteria.iter().map(ToString::to_string).collect();
        let further = match criteria.as_slice() {
            [] => String::new(),
            all => format!(", and {}", all.join(", ")),
        };
        format!(
            "A load test that passed, at most {max_age_hours} h old: at least {requests_min} requests, its own criteria met{further}"
        )
    }
}

/// One result of judging a run by a policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    pub holds: bool,
    /// A sentence with its numbers.
    pub says: String,
}

impl Summary {
    /// Keeps of the results only what criteria judge, so that a plan with hundreds of names stays small.
    #[must_use]
    pub fn small(mut self, rule: &LoadRule) -> Self {
        let criteria = self.judgement.criteria.iter().map(|one| &one.criterion);
        let names: Vec<_> = criteria.chain(&rule.criteria).filter_map(Criterion::request).collect();
        let before = self.results.by_name.len();
        self.results.by_name.retain(|name, _| names.contains(&name.as_str()));
        let dropped = before - self.results.by_name.len();
        let dropped = u32::try_from(dropped).unwrap_or(u32::MAX);
        self.results.names_left_out = self.results.names_left_out.saturating_add(dropped);
        self
    }

    /// Judges the run by a policy: its own criteria with the policy's number of requests, then those of the policy.
    #[must_use]
    pub fn judge(&self, rule: &LoadRule) -> Vec<Outcome> {
        let own = self.own(rule.requests_min);
        let mut all = vec![Outcome {
            holds: own.verdict == Verdict::Passed,
            says: format!("{}: {}", own.verdict.label(), own.reasons.join(" ")),
        }];
        let none: Result<&Past, NoBaseline> = Err(NoBaseline::NonePassed);
        let policy = judge(&rule.criteria, &self.results, none, rule.requests_min);
        all.extend(policy.criteria.into_iter().map(|one| Outcome {
            holds: one.verdict == Verdict::Passed,
            says: format!("The policy requires {}", one.says),
        }));
        all
    }

    /// The test's own criteria by the policy's number of requests. Limits that came from a baseline stay as they were.
    fn own(&self, requests_min: u64) -> Judgement {
        let fixed = |one: &Judged| -> Option<Criterion> {
            let request = one.criterion.request().map(str::parse).transpose().ok()?;
            Criterion::new(
                request,
                one.criterion.measure(),
                one.criterion.bound(),
                Limit::Fixed(one.limit?),
            )
            .ok()
        };
        let criteria: Option<Vec<_>> = self.judgement.criteria.iter().map(fixed).collect();
        let Some(criteria) = criteria else { return self.judgement.clone() };
        let none: Result<&Past, NoBaseline> = Err(NoBaseline::NonePassed);
        let again = judge(&criteria, &self.results, none, requests_min);
        // A policy can make a verdict worse, and never better than at the end of the run.
        if self.judgement.verdict == Verdict::Passed { again } else { self.judgement.clone() }
    }

    /// `lt-anet-ep-nbq, 1000 requests in 60 s, 1 engine`
    #[must_use]
    pub fn title(&self) -> String {
        let requests = self.results.total.as_ref().map_or(0, |total| total.requests);
        let engines = if self.engines == 1 {
            "1 engine".to_owned()
        } else {
            format!("{} engines", self.engines)
        };
        format!("{}, {requests} requests in {} s, {engines}", self.test, self.results.seconds)
    }
}

#[cfg(test)]
mod tests {
    use super::super::criterion::lines;
    use super::super::fixtures::{results, sample};
    use super::*;

    fn summary(text: &str, run: &Results) -> Summary {
        let judgement =
            judge(&lines(text).expect(text), run, Err(NoBaseline::NonePassed), REQUESTS_MIN);
        Summary {
            test: "lt-anet-ep-nbq".parse().expect("an id"),
            run: "commit-01234567-nbq".parse().expect("an id"),
            kind: Kind::Locust,
            plan: "a".repeat(64),
            engines: 1,
            started: Timestamp(0),
            ended: Timestamp(60_000),
            results: run.clone(),
            judgement,
            baseline: None,
        }
    }

    fn holds(summary: &Summary, rule: &LoadRule) -> Vec<bool> {
        summary.judge(rule).iter().map(|one| one.holds).collect()
    }

    #[test]
    fn evidence_is_judged_by_the_current_policy() {
        let run = results(sample(1_000, 5, 100));
        let good = summary("p95 < 300 ms", &run);
        let rule = LoadRule::default();
        assert_eq!(holds(&good, &rule), [true]);
        assert_eq!(holds(&good, &LoadRule { requests_min: 1_001, ..rule.clone() }), [false]);
        let strict = LoadRule {
            criteria: lines("errors < 0.1 %\np95 < 300 ms").expect("two"),
            ..rule.clone()
        };
        assert_eq!(holds(&good, &strict), [true, false, true]);
        let bad = summary("p95 < 100 ms", &run);
        assert_eq!(holds(&bad, &rule), [false]);
        let said = &bad.judge(&rule)[0].says;
        assert!(said.starts_with("Failed: p95 < 100 ms: 200 ms"), "{said}");
        // A run without criteria was never judged, so it is no evidence.
        assert_eq!(holds(&summary("", &run), &rule), [false]);
        assert_eq!(good.title(), "lt-anet-ep-nbq, 1000 requests in 60 s, 1 engine");
    }

    #[test]
    fn a_policy_never_makes_a_failed_run_pass() {
        let few = summary("p95 < 300 ms", &results(sample(50, 0, 5)));
        assert_eq!(few.judgement.verdict, Verdict::Inconclusive);
        assert_eq!(holds(&few, &LoadRule { requests_min: 1, ..LoadRule::default() }), [false]);
    }

    #[test]
    fn evidence_is_small_and_survives_the_store() {
        let mut run = results(sample(1_000, 0, 100));
        for n in 0..100 {
            run.add(&format!("GET /{n}"), sample(10, 0, 5));
        }
        let rule = LoadRule {
            criteria: lines("GET /8: errors < 1 %").expect("one"),
            ..LoadRule::default()
        };
        let small = summary("GET /7: requests > 5", &run).small(&rule);
        assert_eq!(small.results.by_name.keys().collect::<Vec<_>>(), ["GET /7", "GET /8"]);
        assert_eq!(small.results.names_left_out, 98);
        let text = serde_json::to_string(&small).expect("JSON");
        assert_eq!(serde_json::from_str::<Summary>(&text).expect("a summary"), small);
        assert!(text.len() < 4_000, "{}", text.len());
    }

    #[test]
    fn a_rule_that_no_run_or_every_run_meets_is_refused() {
        assert_eq!(LoadRule::default().problem(), None);
        for (json, part) in [
            (r#"{"max_age_hours":0}"#, "max_age_hours: 0"),
            (r#"{"requests_min":0}"#, "requests_min: 0"),
            (r#"{"criteria":["p95 <= baseline + 10 %"]}"#, "needs an earlier run"),
        ] {
            let rule: LoadRule = serde_json::from_str(json).expect(json);
            assert!(rule.problem().expect(json).contains(part), "{json}");
        }
        for wrong in [r#"{"criteria":["p94 < 1 ms"]}"#, r#"{"p95_max":1}"#] {
            assert!(serde_json::from_str::<LoadRule>(wrong).is_err(), "{wrong}");
        }
        let words =
            LoadRule { criteria: lines("p95 < 300 ms").expect("one"), ..LoadRule::default() }
                .words();
        assert!(words.ends_with("its own criteria met, and p95 < 300 ms"), "{words}");
    }
}
