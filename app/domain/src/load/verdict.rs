//! Whether a run passed. A run passes only if it completed and every criterion was measured and met.

use super::baseline::{NoBaseline, Past};
use super::criterion::{Criterion, Limit};
use super::measure::Measure;
use super::results::{Ending, Results, Sample};
use crate::decimal::Decimal;
use crate::vocabulary::vocabulary;
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;

/// The default of the fewest requests of which a run says something: our own choice, that of shadow comparisons.
pub const REQUESTS_MIN: u64 = 100;

/// The verdict on a run or a criterion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    Passed,
    Failed,
    /// There are not enough numbers to say.
    Inconclusive,
}

vocabulary!(
    Verdict:
    /// All verdicts.
    ALL,
    /// The word in the store.
    word,
    /// The word of a badge.
    label,
    Passed = "passed", "Passed";
    Failed = "failed", "Failed";
    Inconclusive = "inconclusive", "Inconclusive";
);

/// A criterion with its present value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Judged {
    pub criterion: Criterion,
    pub verdict: Verdict,
    /// In the unit of the measure; `None` if not measured.
    pub value: Option<Decimal>,
    /// The limit in the unit of the measure; `None` if it depends on a baseline that does not exist.
    pub limit: Option<Decimal>,
    /// The reason with its numbers, as a sentence.
    pub says: String,
}

/// The judgement of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Judgement {
    pub verdict: Verdict,
    /// Why, one sentence each; never empty.
    pub reasons: Vec<String>,
    pub criteria: Vec<Judged>,
}

/// Judges a run. A run that has not ended is inconclusive; its criteria have their present values.
#[must_use]
pub fn judge(
    criteria: &[Criterion],
    results: &Results,
    baseline: Result<&Past, NoBaseline>,
    requests_min: u64,
) -> Judgement {
    let judged: Vec<_> =
        criteria.iter().map(|one| present(one, results, baseline, requests_min)).collect();
    let mut reasons = Vec::new();
    let verdict = match (&results.ending, results.contradiction()) {
        (Ending::Broken { why }, _) => {
            reasons.push(format!("The run did not finish: {why}"));
            Verdict::Inconclusive
        }
        (Ending::Running, _) => {
            reasons.push("The run has not ended.".to_owned());
            Verdict::Inconclusive
        }
        (_, Some(contradiction)) => {
            reasons.push(format!("The results contradict themselves. {contradiction}"));
            Verdict::Inconclusive
        }
        (Ending::AutoStopped { why }, None) => {
            reasons.push(format!("The run was stopped automatically: {why}"));
            Verdict::Failed
        }
        (Ending::Stopped { by }, None) => {
            reasons.push(format!(
                "{by} stopped the run, so it does not say how the endpoint would have held."
            ));
            Verdict::Inconclusive
        }
        (Ending::Completed, None) => by_criteria(&judged, results, &mut reasons),
    };
    Judgement { verdict, reasons, criteria: judged }
}

fn by_criteria(judged: &[Judged], results: &Results, reasons: &mut Vec<String>) -> Verdict {
    let of = |verdict| judged.iter().filter(move |one| one.verdict == verdict);
    let requests = results.total.as_ref().map_or(0, |total| total.requests);
    let verdict = if of(Verdict::Failed).next().is_some() {
        Verdict::Failed
    } else if of(Verdict::Inconclusive).next().is_some() {
        Verdict::Inconclusive
    } else if judged.is_empty() {
        reasons
            .push("The test has no criteria, so nothing was judged. Add at least one.".to_owned());
        return Verdict::Inconclusive;
    } else if requests == 0 {
        reasons.push("No requests were measured.".to_owned());
        return Verdict::Inconclusive;
    } else {
        let all = judged.len();
        let criteria = if all == 1 {
            "The criterion is".to_owned()
        } else {
            format!("All {all} criteria are")
        };
        reasons.push(format!("{criteria} met, over {requests} requests in {} s.", results.seconds));
        return Verdict::Passed;
    };
    reasons.extend(of(verdict).map(|one| one.says.clone()));
    verdict
}

/// One criterion with the values so far. For a run that still sends requests, the verdict is provisional.
#[must_use]
pub fn present(
    criterion: &Criterion,
    results: &Results,
    baseline: Result<&Past, NoBaseline>,
    requests_min: u64,
) -> Judged {
    let limit = limit(criterion, baseline);
    let sample = results.sample(criterion.request());
    let value = sample.and_then(|sample| sample.value(criterion.measure()));
    let judge = || -> Result<(Verdict, String), String> {
        let limit = limit.clone()?;
        let sample = sample.ok_or_else(|| unmeasured(criterion, results))?;
        enough(criterion.measure(), sample, requests_min)?;
        let order = sample.compare(criterion.measure(), limit);
        let order = order.ok_or_else(|| format!("{} was not measured.", criterion.measure()))?;
        let holds = criterion.bound().holds(&order, &Ordering::Equal);
        let verdict = if holds { Verdict::Passed } else { Verdict::Failed };
        Ok((verdict, sentence(criterion, value, limit, holds, baseline)))
    };
    let (verdict, says) =
        judge().unwrap_or_else(|why| (Verdict::Inconclusive, format!("{criterion}: {why}")));
    Judged { criterion: criterion.clone(), verdict, value, limit: limit.ok(), says }
}

fn unmeasured(criterion: &Criterion, results: &Results) -> String {
    let Some(name) = criterion.request() else { return "no statistics were reported.".to_owned() };
    let known: Vec<_> = results.by_name.keys().take(5).map(|name| format!("“{name}”")).collect();
    match known.as_slice() {
        [] => format!("no requests named “{name}” were measured."),
        known => {
            format!("no requests named “{name}” were measured. There were {}.", known.join(", "))
        }
    }
}

/// Whether there were enough requests for a measure.
fn enough(measure: Measure, sample: &Sample, requests_min: u64) -> Result<(), String> {
    let needed = match measure {
        Measure::Requests => 0,
        measure => measure.requests_min().max(requests_min),
    };
    match sample.requests {
        0 if needed > 0 => Err("no requests were measured.".to_owned()),
        few if few < needed => {
            Err(format!("only {few} requests were measured; {measure} needs {needed}."))
        }
        _ => Ok(()),
    }
}

/// The limit in the unit of the measure.
fn limit(criterion: &Criterion, baseline: Result<&Past, NoBaseline>) -> Result<Decimal, String> {
    let percent = match criterion.limit() {
        Limit::Fixed(limit) => return Ok(limit),
        Limit::Baseline { percent } => percent,
    };
    let past = baseline.map_err(|none| none.says().to_owned())?;
    let sample = past.results.sample(criterion.request());
    let value = sample.and_then(|sample| sample.value(criterion.measure()));
    let value = value.ok_or_else(|| format!("the run {} did not measure it.", past.run))?;
    // In whole parts, because floats would round the boundary.
    let parts = |number: Decimal| (number.value() * 10_000.0).round() as u128;
    let hundred = 100 * 10_000_u128;
    let is_max = criterion.bound().is_max();
    let factor =
        if is_max { hundred + parts(percent) } else { hundred.saturating_sub(parts(percent)) };
    let limit = (parts(value) * factor / hundred) as f64 / 10_000.0;
    Decimal::try_from(limit).map_err(|why| format!("the limit is out of range: {why}."))
}

fn sentence(
    criterion: &Criterion,
    value: Option<Decimal>,
    limit: Decimal,
    holds: bool,
    baseline: Result<&Past, NoBaseline>,
) -> String {
    let unit = criterion.measure().unit();
    let value = value
        .map_or_else(|| "beyond what can be shown".to_owned(), |value| format!("{value}{unit}"));
    let sign = criterion.bound().sign();
    let ends = if holds { "holds" } else { "does not hold" };
    let from = match (criterion.limit(), baseline) {
        (Limit::Baseline { .. }, Ok(past)) => format!(" from the run {}", past.run),
        _ => String::new(),
    };
    format!("{criterion}: {value} {sign} {limit}{unit}{from} {ends}.")
}

#[cfg(test)]
mod tests;
