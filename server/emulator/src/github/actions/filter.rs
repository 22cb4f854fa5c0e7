//! The filters of a list of runs.

use super::model::{Conclusion, Run, Status};
use crate::github::call::Call;
use crate::when;

/// Whether a run meets all filters of a request.
pub fn meets(call: &Call, run: &Run) -> bool {
    let is = |name: &str, value: &str| call.query.get(name).is_none_or(|wanted| wanted == value);
    is("branch", &run.branch)
        && is("event", "workflow_dispatch")
        && is("head_sha", &run.sha)
        && call.query.get("actor").is_none_or(|actor| actor.eq_ignore_ascii_case(&run.actor))
        && call.query.get("status").is_none_or(|word| has_status(run, word))
        && call.query.get("created").is_none_or(|range| is_within(range, run.created_at))
}

/// The filter takes words of both status and conclusion.
fn has_status(run: &Run, word: &str) -> bool {
    let Some(attempt) = run.attempt() else { return false };
    let conclusion = attempt.conclusion.map_or("", Conclusion::as_str);
    attempt.status.as_str() == word || (attempt.status == Status::Completed && conclusion == word)
}

/// `>=2026-11-30`, `<2026-11-30T12:00:00Z`, `2026-11-01..2026-11-30`, `2026-11-30`, `*..2026-11-30`. GitHub ignores a
/// range that it cannot read.
fn is_within(range: &str, at: i64) -> bool {
    let first = |text: &str| when::parse(text).map(time::OffsetDateTime::unix_timestamp);
    // A date without a time means the whole day.
    let last = |text: &str| first(text).map(|at| if text.contains('T') { at } else { at + 86_399 });
    let check = |bound: Option<i64>, holds: fn(i64, i64) -> bool| {
        bound.is_none_or(|bound| holds(at, bound))
    };
    if let Some((from, to)) = range.split_once("..") {
        let is_after = from == "*" || check(first(from), |at, bound| at >= bound);
        return is_after && (to == "*" || check(last(to), |at, bound| at <= bound));
    }
    match range {
        text if text.starts_with(">=") => check(first(&text[2..]), |at, bound| at >= bound),
        text if text.starts_with("<=") => check(last(&text[2..]), |at, bound| at <= bound),
        text if text.starts_with('>') => check(last(&text[1..]), |at, bound| at > bound),
        text if text.starts_with('<') => check(first(&text[1..]), |at, bound| at < bound),
        text => {
            check(first(text), |at, bound| at >= bound)
                && check(last(text), |at, bound| at <= bound)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_of_times_are_githubs() {
        // 2026-11-30T12:00:00Z
        let noon = 1_796_040_000;
        for (range, expected) in [
            (">=2026-11-30", true),
            (">2026-11-30", false),
            (">2026-11-30T11:59:59Z", true),
            (">=2026-11-30T13:00:00+01:00", true),
            ("<=2026-11-30", true),
            ("<2026-11-30", false),
            ("2026-11-30", true),
            ("2026-11-29", false),
            ("2026-11-01..2026-11-30", true),
            ("*..2026-11-29", false),
            ("2026-11-30T12:00:01Z..*", false),
            ("nonsense", true),
        ] {
            assert_eq!(is_within(range, noon), expected, "{range}");
        }
    }
}
