//! ISO 8601 durations, as Azure writes time-outs and intervals: `PT1M30S`, `PT0.5S`.

use jiff::fmt::temporal::SpanParser;
use jiff::{SpanRelativeTo, Unit};

/// Milliseconds of a duration, rounded. `None` for anything else: years and months, whose length varies, negative
/// durations, and those that exceed 49 days.
#[must_use]
pub fn milliseconds(text: &str) -> Option<u32> {
    let span = SpanParser::new().parse_span(text).ok()?;
    let total = span.total((Unit::Millisecond, SpanRelativeTo::days_are_24_hours())).ok()?.round();
    (0.0..=f64::from(u32::MAX)).contains(&total).then_some(total as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn azures_durations_are_milliseconds_and_nothing_else_is() {
        for (text, expected) in [
            ("PT1M30S", Some(90_000)),
            ("PT0.5S", Some(500)),
            ("PT0S", Some(0)),
            ("P1DT2H", Some(93_600_000)),
            ("PT90S", Some(90_000)),
            ("PT0.0004S", Some(0)),
            ("P1M", None),
            ("P1Y", None),
            ("-PT1S", None),
            ("P60D", None),
            ("PT", None),
            ("1m 30s", None),
            ("90", None),
            ("", None),
        ] {
            assert_eq!(milliseconds(text), expected, "{text}");
        }
    }
}
