//! Parses the line of a criterion.

use super::criterion::{Bound, Criterion, CriterionError, LINE_MAX, Limit, RequestName};
use super::measure::{Aggregate, Measure};
use crate::decimal::Decimal;
use crate::text::shortened;
use std::str::FromStr;

/// The words that people write for measures without an aggregate.
const WORDS: [(&str, Measure); 9] = [
    ("errors", Measure::Errors),
    ("error", Measure::Errors),
    ("error rate", Measure::Errors),
    ("requests", Measure::Requests),
    ("count", Measure::Requests),
    ("requests/s", Measure::Rate),
    ("requests per second", Measure::Rate),
    ("rps", Measure::Rate),
    ("rate", Measure::Rate),
];
/// What hints list.
const KNOWN: &str = "avg, min, max, p50, p75, p90, p95, p96, p97, p98, p99, p99.9, p99.99 (each also with “latency”), \
                     errors, requests, requests/s";

impl FromStr for Criterion {
    type Err = CriterionError;

    fn from_str(line: &str) -> Result<Self, CriterionError> {
        let line = line.trim();
        if line.is_empty() {
            return Err(CriterionError::Empty);
        }
        if line.chars().nth(LINE_MAX).is_some() {
            return Err(CriterionError::Long);
        }
        // Names of requests may contain the signs, so the last comparison counts.
        let at = line.rfind(['<', '>', '≤', '≥']);
        let (left, right) = at.map_or((line, ""), |at| line.split_at(at));
        let (bound, limit) =
            bound(right).ok_or_else(|| CriterionError::NoComparison(shown(line)))?;
        let (request, words) = match left.rsplit_once(':') {
            Some((request, words)) => (Some(request.parse::<RequestName>()?), words),
            None => (None, left),
        };
        let measure = measure(words)?;
        Self::new(request, measure, bound, self::limit(measure, bound, limit.trim())?)
    }
}

fn shown(text: &str) -> String {
    shortened(text.trim(), 60)
}

/// Splits the comparison off.
fn bound(text: &str) -> Option<(Bound, &str)> {
    let signs = [
        ("<=", Bound::AtMost),
        (">=", Bound::AtLeast),
        ("≤", Bound::AtMost),
        ("≥", Bound::AtLeast),
        ("<", Bound::Below),
        (">", Bound::Above),
    ];
    signs.into_iter().find_map(|(sign, bound)| Some((bound, text.strip_prefix(sign)?)))
}

/// Reads words as a measure, in any case and with any spaces.
fn measure(text: &str) -> Result<Measure, CriterionError> {
    let words: Vec<_> = text.split_whitespace().map(str::to_lowercase).collect();
    let joined = words.join(" ");
    if let Some((_, measure)) = WORDS.iter().find(|(word, _)| *word == joined) {
        return Ok(*measure);
    }
    let unknown = || CriterionError::Measure { word: shown(text), hint: hint(&joined) };
    let (first, rest) = words.split_first().ok_or_else(unknown)?;
    let aggregate = Aggregate::from_word(first).ok_or_else(unknown)?;
    match rest.join(" ").as_str() {
        "" | "response time" | "response_time" | "response_time_ms" | "response" | "time" => {
            Ok(Measure::Response(aggregate))
        }
        "latency" => Ok(Measure::Latency(aggregate)),
        _ => Err(unknown()),
    }
}

/// The nearest known measure, or all of them.
fn hint(word: &str) -> String {
    let aggregates = Aggregate::ALL.into_iter().map(|one| one.word().to_owned());
    let words = WORDS.iter().map(|(word, _)| (*word).to_owned());
    let latencies = Aggregate::ALL.into_iter().map(|one| format!("{} latency", one.word()));
    let near = aggregates
        .chain(words)
        .chain(latencies)
        .map(|known| (strsim::osa_distance(word, &known), known))
        .min()
        .filter(|(distance, _)| *distance <= word.chars().count().div_ceil(3).min(3));
    match near {
        Some((_, known)) => format!("Did you mean {known}?"),
        None => format!("Known: {KNOWN}"),
    }
}

fn limit(measure: Measure, bound: Bound, text: &str) -> Result<Limit, CriterionError> {
    let wrong = || {
        let example = match measure {
            Measure::Response(_) | Measure::Latency(_) => "300 ms, 0.3 s or baseline + 10 %",
            Measure::Errors => "1 % or 0.5 %",
            Measure::Rate => "50/s or baseline - 10 %",
            Measure::Requests => "a whole number such as 1000",
        };
        CriterionError::Limit { text: shown(text), measure, example: example.to_owned() }
    };
    if let Some(rest) = strip_word(text, "baseline") {
        let rest = rest.trim();
        if rest.is_empty() {
            return Ok(Limit::Baseline { percent: Decimal::whole(0) });
        }
        let sign = if bound.is_max() { '+' } else { '-' };
        let number =
            rest.strip_prefix(sign).or_else(|| rest.strip_prefix('−').filter(|_| sign == '-'));
        let number = number.and_then(|rest| rest.trim().strip_suffix('%'));
        let percent = number.and_then(|text| decimal(text.trim())).ok_or_else(wrong)?;
        return Ok(Limit::Baseline { percent });
    }
    let (number, factor) = match measure {
        Measure::Response(_) | Measure::Latency(_) => match text.strip_suffix("ms") {
            Some(number) => (number, 1),
            None => (text.strip_suffix('s').ok_or_else(wrong)?, 1000),
        },
        Measure::Errors => (text.strip_suffix('%').ok_or_else(wrong)?, 1),
        Measure::Rate => {
            let number = text.strip_suffix("requests/s").or_else(|| text.strip_suffix("/s"));
            (number.unwrap_or(text), 1)
        }
        Measure::Requests => (text.strip_suffix("requests").unwrap_or(text), 1),
    };
    let number = decimal(number.trim()).ok_or_else(wrong)?;
    let is_whole = number.value().fract() == 0.0;
    if measure == Measure::Requests && !is_whole {
        return Err(wrong());
    }
    Ok(Limit::Fixed(number.times(factor)))
}

fn strip_word<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    let (start, rest) = text.split_at_checked(word.len())?;
    let ends = rest.chars().next().is_none_or(|next| !next.is_alphanumeric());
    (start.eq_ignore_ascii_case(word) && ends).then_some(rest)
}

/// A plain number of at most ten digits and four decimals: `300`, `0.5`.
fn decimal(text: &str) -> Option<Decimal> {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, "0"));
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let fits = whole.len() <= 10 && decimals.len() <= 4;
    if !is_digits(whole) || !is_digits(decimals) || !fits {
        return None;
    }
    Decimal::try_from(text.parse::<f64>().ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::super::criterion::lines;
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_line_is_read_in_any_spelling_and_shown_in_one() {
        for (line, shown) in [
            ("p95 < 300 ms", "p95 < 300 ms"),
            ("P95<300ms", "p95 < 300 ms"),
            ("p95 response time ≤ 0.3 s", "p95 <= 300 ms"),
            ("median  <  1.5ms", "p50 < 1.5 ms"),
            ("avg latency < 200 ms", "avg latency < 200 ms"),
            ("p999 latency < 2 s", "p99.9 latency < 2000 ms"),
            ("errors < 1 %", "errors < 1 %"),
            ("error rate<=0.5%", "errors <= 0.5 %"),
            ("errors <= 0 %", "errors <= 0 %"),
            ("requests > 1000", "requests > 1000"),
            ("requests/s >= 50", "requests/s >= 50/s"),
            ("rps ≥ 50/s", "requests/s >= 50/s"),
            ("GetCustomerDetails: p95 < 300 ms", "GetCustomerDetails: p95 < 300 ms"),
            ("POST /a:b?x<3 : errors < 1 %", "POST /a:b?x<3: errors < 1 %"),
            ("p95 <= baseline + 10 %", "p95 <= baseline + 10 %"),
            ("p95 < Baseline+7.5%", "p95 < baseline + 7.5 %"),
            ("p95 <= baseline", "p95 <= baseline + 0 %"),
            ("requests/s >= baseline - 5 %", "requests/s >= baseline - 5 %"),
        ] {
            let read = line.parse::<Criterion>().unwrap_or_else(|error| panic!("{line}: {error}"));
            assert_eq!(read.to_string(), shown);
            assert_eq!(shown.parse::<Criterion>(), Ok(read), "{shown}");
        }
    }

    #[test]
    fn a_wrong_line_says_what_is_known() {
        for (line, part) in [
            ("", "is empty"),
            ("p95", "has no comparison"),
            ("p95 = 300 ms", "has no comparison"),
            ("p94 < 300 ms", "Did you mean p9"),
            ("latenzy < 3 ms", "Known: avg, min"),
            ("eror < 1 %", "Did you mean error?"),
            ("cpu < 80 %", "Known: avg"),
            ("< 300 ms", "there is no measure “”"),
            ("p95 < 300", "Write 300 ms, 0.3 s or baseline + 10 %"),
            ("p95 < 300 %", "is not a limit of p95"),
            ("p95 < -1 ms", "is not a limit"),
            ("p95 < 1e3 ms", "is not a limit"),
            ("p95 < 0.00001 ms", "is not a limit"),
            ("p95 < 99999999999 ms", "is not a limit"),
            ("errors < 1", "Write 1 % or 0.5 %"),
            ("errors > 1 %", "too few errors"),
            ("errors < 101 %", "more than all requests"),
            ("errors <= 100 %", "every run has at most"),
            ("errors < 0 %", "nothing is below 0"),
            ("p95 < 0 ms", "nothing is below 0"),
            ("requests >= 0", "every run reaches 0"),
            ("requests > 1.5", "a whole number"),
            ("requests > baseline - 5 %", "cannot be compared with a baseline"),
            ("p95 >= baseline - 5 %", "cannot be too good. Write p95 <= baseline + 10 %"),
            ("p95 <= baseline - 5 %", "is not a limit"),
            ("requests/s >= baseline - 100 %", "every run reaches"),
            (": p95 < 300 ms", "cannot name requests"),
            ("a\u{7}: p95 < 300 ms", "cannot name requests"),
        ] {
            let error = line.parse::<Criterion>().expect_err(line).to_string();
            assert!(error.contains(part), "{line}: {error}");
        }
        let long = format!("{}: p95 < 1 ms", "n".repeat(LINE_MAX));
        assert_eq!(long.parse::<Criterion>(), Err(CriterionError::Long));
    }

    #[test]
    fn problems_of_a_text_have_their_lines() {
        let read = lines("# the SLA\np95 < 300 ms\n\nerrors < 1 %\n").expect("two");
        assert_eq!(read.len(), 2);
        let problems = lines("p95 < 300 ms\np94 < 1 ms\np95 < 300ms\n").expect_err("two");
        assert_eq!(problems.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [2, 3]);
        let many: String = (1..60).map(|n| format!("p95 < {n} ms\n")).collect();
        assert_eq!(lines(&many).expect_err("too many").len(), 1);
    }

    fn any_criterion() -> impl Strategy<Value = Criterion> {
        let aggregate = prop::sample::select(Aggregate::ALL.to_vec());
        let measure = prop_oneof![
            aggregate.clone().prop_map(Measure::Response),
            aggregate.prop_map(Measure::Latency),
            Just(Measure::Errors),
            Just(Measure::Rate),
            Just(Measure::Requests),
        ];
        let bound =
            prop::sample::select(vec![Bound::Below, Bound::AtMost, Bound::Above, Bound::AtLeast]);
        let name = prop::option::of("[a-zA-Z/:<> .]{1,20}");
        (name, measure, bound, 0..2_000_000_u32, any::<bool>()).prop_filter_map(
            "senseless",
            |(name, measure, bound, parts, is_fixed)| {
                let parts =
                    if measure == Measure::Requests { parts / 10_000 * 10_000 } else { parts };
                let number = Decimal::parts(parts);
                let limit = if is_fixed {
                    Limit::Fixed(number)
                } else {
                    Limit::Baseline { percent: number }
                };
                let name = name.map(|name| name.parse::<RequestName>()).transpose().ok()?;
                Criterion::new(name, measure, bound, limit).ok()
            },
        )
    }

    proptest! {
        #[test]
        fn a_criterion_survives_a_round_trip_through_its_line(criterion in any_criterion()) {
            let line = criterion.to_string();
            prop_assert_eq!(line.parse::<Criterion>(), Ok(criterion), "{}", line);
        }

        #[test]
        fn any_line_is_read_or_refused(line in ".{0,80}") {
            if let Ok(read) = line.parse::<Criterion>() {
                prop_assert_eq!(read.to_string().parse::<Criterion>(), Ok(read));
            }
        }
    }
}
