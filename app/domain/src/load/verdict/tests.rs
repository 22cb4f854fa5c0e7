//! Tests of verdicts.

use super::super::criterion::lines;
use super::super::fixtures::{results, sample};
use super::super::measure::Aggregate;
use super::*;
use crate::timestamp::Timestamp;
use proptest::prelude::*;

const NONE: Result<&Past, NoBaseline> = Err(NoBaseline::NonePassed);

fn verdict(text: &str, results: &Results) -> Judgement {
    judge(&lines(text).expect(text), results, NONE, REQUESTS_MIN)
}

fn past(ms: u32) -> Past {
    Past {
        run: "commit-01234567-nbq".parse().expect("an id"),
        ended: Timestamp(1),
        verdict: Verdict::Passed,
        plan: "a".to_owned(),
        results: results(sample(1_000, 0, ms)),
    }
}

#[test]
fn a_run_passes_only_if_all_criteria_are_met() {
    let run = results(sample(1_000, 10, 100));
    for (text, expected) in [
        ("p95 <= 200 ms\nerrors <= 1 %", Verdict::Passed),
        ("p95 < 200 ms", Verdict::Failed),
        ("errors < 1 %", Verdict::Failed),
        ("errors < 1.01 %", Verdict::Passed),
        ("requests >= 1000", Verdict::Passed),
        ("requests > 1000", Verdict::Failed),
        ("requests/s > 49.9/s", Verdict::Passed),
        ("p95 <= 200 ms\nerrors <= 0 %", Verdict::Failed),
        ("p95 latency < 300 ms", Verdict::Inconclusive),
        ("GET /: p95 < 300 ms", Verdict::Inconclusive),
        ("p99.9 < 900 ms", Verdict::Inconclusive),
        ("", Verdict::Inconclusive),
        // A miss outweighs what was not measured.
        ("p95 latency < 300 ms\nerrors <= 0 %", Verdict::Failed),
    ] {
        let judged = verdict(text, &run);
        assert_eq!(judged.verdict, expected, "{text}: {:?}", judged.reasons);
        assert!(!judged.reasons.is_empty());
    }
}

#[test]
fn a_criterion_shows_its_value_and_the_reason() {
    let run = results(sample(1_000, 10, 100));
    let judged = verdict("p95 < 150 ms\nerrors <= 1 %", &run);
    assert_eq!(judged.criteria[0].says, "p95 < 150 ms: 200 ms < 150 ms does not hold.");
    assert_eq!(judged.criteria[1].says, "errors <= 1 %: 1 % <= 1 % holds.");
    assert_eq!(judged.criteria[0].value, Some(Decimal::whole(200)));
    assert_eq!(judged.reasons, ["p95 < 150 ms: 200 ms < 150 ms does not hold."]);
    let passed = verdict("p95 < 300 ms", &run);
    assert_eq!(passed.reasons, ["The criterion is met, over 1000 requests in 60 s."]);
}

#[test]
fn too_few_requests_are_inconclusive() {
    let few = results(sample(99, 0, 5));
    let judged = verdict("p95 < 300 ms", &few);
    assert_eq!(judged.verdict, Verdict::Inconclusive);
    assert_eq!(judged.reasons, ["p95 < 300 ms: only 99 requests were measured; p95 needs 100."]);
    // The number of requests itself can be judged.
    assert_eq!(verdict("requests > 1000", &few).verdict, Verdict::Failed);
    let judged = judge(&lines("p95 < 300 ms").expect("one"), &few, NONE, 1);
    assert_eq!(judged.verdict, Verdict::Passed, "the policy asks for fewer");
    let judged = judge(&lines("p99 < 300 ms").expect("one"), &few, NONE, 1);
    assert_eq!(judged.verdict, Verdict::Inconclusive, "a 99th percentile needs 100");
}

#[test]
fn no_data_is_not_zero() {
    let mut nothing = results(sample(0, 0, 0));
    for text in ["errors < 1 %", "p95 < 300 ms", "requests/s <= 100/s", "requests <= 10"] {
        assert_eq!(verdict(text, &nothing).verdict, Verdict::Inconclusive, "{text}");
    }
    nothing.total = None;
    let judged = verdict("errors < 1 %", &nothing);
    assert_eq!(judged.verdict, Verdict::Inconclusive);
    assert!(judged.reasons[0].contains("no statistics were reported"), "{judged:?}");
}

#[test]
fn a_run_that_did_not_complete_never_passes() {
    let good = results(sample(1_000, 0, 5));
    let why = || "90 % errors in 60 s.".to_owned();
    for (ending, expected, part) in [
        (Ending::Running, Verdict::Inconclusive, "has not ended"),
        (Ending::Stopped { by: "Dana".to_owned() }, Verdict::Inconclusive, "Dana stopped the run"),
        (Ending::AutoStopped { why: why() }, Verdict::Failed, "stopped automatically"),
        (Ending::Broken { why: why() }, Verdict::Inconclusive, "did not finish"),
    ] {
        let judged = verdict("p95 < 300 ms", &Results { ending, ..good.clone() });
        assert_eq!(judged.verdict, expected);
        assert!(judged.reasons[0].contains(part), "{judged:?}");
        assert_eq!(judged.criteria[0].verdict, Verdict::Passed, "its value is shown all the same");
    }
    let odd = verdict("p95 < 300 ms", &results(sample(10, 11, 5)));
    assert_eq!(odd.verdict, Verdict::Inconclusive);
    assert!(odd.reasons[0].contains("contradict"), "{odd:?}");
}

#[test]
fn a_baseline_is_the_limit_with_its_percentage() {
    let was = past(100);
    let of = |text: &str, ms| {
        let run = results(sample(1_000, 0, ms));
        judge(&lines(text).expect(text), &run, Ok(&was), REQUESTS_MIN)
    };
    let judged = of("p95 <= baseline + 10 %", 110);
    assert_eq!(
        (judged.verdict, judged.criteria[0].limit),
        (Verdict::Passed, Some(Decimal::whole(220)))
    );
    assert_eq!(
        judged.criteria[0].says,
        "p95 <= baseline + 10 %: 220 ms <= 220 ms from the run commit-01234567-nbq holds."
    );
    assert_eq!(of("p95 < baseline + 10 %", 110).verdict, Verdict::Failed);
    assert_eq!(of("p95 <= baseline + 10 %", 111).verdict, Verdict::Failed);
    assert_eq!(of("requests/s >= baseline - 5 %", 100).verdict, Verdict::Passed);
    let without = verdict("p95 <= baseline + 10 %", &results(sample(1_000, 0, 5)));
    assert_eq!(without.verdict, Verdict::Inconclusive);
    assert!(without.reasons[0].contains("No earlier run of this test passed"), "{without:?}");
    assert_eq!(of("p95 latency <= baseline + 10 %", 5).verdict, Verdict::Inconclusive);
}

#[test]
fn a_criterion_of_a_name_judges_only_its_requests() {
    let mut run = results(sample(1_000, 0, 100));
    run.add("GET /fast", sample(500, 0, 10));
    assert_eq!(verdict("GET /fast: p95 <= 20 ms", &run).verdict, Verdict::Passed);
    let judged = verdict("GET /slow: p95 <= 20 ms", &run);
    assert!(judged.reasons[0].contains("There were “GET /fast”"), "{judged:?}");
}

proptest! {
    #[test]
    fn worse_results_never_get_a_better_verdict(
        requests in 1_u64..5_000, errors in 0_u64..500, ms in 1_u32..1_000, limit in 1_u32..2_000,
        more_errors in 0_u64..500, more_ms in 0_u32..1_000,
    ) {
        let text = format!("p95 < {limit} ms\nerrors < 5 %");
        let errors = errors.min(requests);
        let rank = |errors: u64, ms| match verdict(&text, &results(sample(requests, errors.min(requests), ms))).verdict {
            Verdict::Passed => 2,
            Verdict::Inconclusive => 1,
            Verdict::Failed => 0,
        };
        prop_assert!(rank(errors, ms) >= rank(errors + more_errors, ms + more_ms));
    }

    #[test]
    fn without_a_measurement_nothing_passes(remove in prop::sample::select(vec![Aggregate::P95, Aggregate::P99]), ms in 1_u32..9) {
        let mut total = sample(1_000, 0, ms);
        total.response_ms.remove(&remove);
        let judged = verdict("p95 < 999 ms\np99 < 999 ms", &results(total));
        prop_assert_eq!(judged.verdict, Verdict::Inconclusive);
    }
}
