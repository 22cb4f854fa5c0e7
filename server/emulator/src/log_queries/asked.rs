//! Reads what a client asks: the query, its time span, and its preferences.

use std::time::Duration;

use serde_json::{Map, Value};
use time::OffsetDateTime;

use super::refusal::Refusal;
use crate::logs::ask::{WAIT_DEFAULT, WAIT_MAX};
use crate::when;

type Span = (OffsetDateTime, OffsetDateTime);

/// A query as a client sends it.
#[derive(Clone, Debug)]
pub struct Asked {
    pub text: String,
    pub span: Option<Span>,
    pub wait: Duration,
    pub with_statistics: bool,
    pub with_render: bool,
}

impl Asked {
    /// Reads a body, and the header `Prefer`.
    ///
    /// # Errors
    /// 400 with what is wrong.
    pub fn read(
        given: &Map<String, Value>,
        prefer: &str,
        now: OffsetDateTime,
    ) -> Result<Self, Refusal> {
        let text = given.get("query").and_then(Value::as_str).unwrap_or_default();
        if text.trim().is_empty() {
            return Err(Refusal::Argument("The property 'query' is required.".to_owned()));
        }
        let others = given.get("workspaces").and_then(Value::as_array);
        if others.is_some_and(|others| !others.is_empty()) {
            return Err(Refusal::Argument(
                "The emulator queries one workspace at a time. Leave out 'workspaces'.".to_owned(),
            ));
        }
        let span = match given.get("timespan") {
            None | Some(Value::Null) => None,
            Some(Value::String(text)) if text.trim().is_empty() => None,
            Some(Value::String(text)) => Some(timespan(text, now).ok_or_else(|| {
                Refusal::Argument(format!(
                    "The timespan '{}' is not an ISO 8601 interval or duration.",
                    text.chars().take(80).collect::<String>()
                ))
            })?),
            Some(_) => {
                return Err(Refusal::Argument(
                    "The property 'timespan' must be a string.".to_owned(),
                ));
            }
        };
        let has = |name: &str| prefer.split(',').any(|one| one.trim() == name);
        let (with_statistics, with_render) =
            (has("include-statistics=true"), has("include-render=true"));
        Ok(Self { text: text.to_owned(), span, wait: wait(prefer)?, with_statistics, with_render })
    }
}

/// `wait=N` of `Prefer`. The service takes a longer time for its maximum.
fn wait(prefer: &str) -> Result<Duration, Refusal> {
    let given = prefer.split(',').find_map(|one| one.trim().strip_prefix("wait="));
    let Some(given) = given else { return Ok(WAIT_DEFAULT) };
    let seconds = given.parse::<u64>().ok().filter(|seconds| *seconds > 0);
    let seconds = seconds.ok_or_else(|| {
        Refusal::Argument("The preference 'wait' must be a number of seconds.".to_owned())
    })?;
    Ok(Duration::from_secs(seconds).min(WAIT_MAX))
}

/// `start/end`, `start/duration`, `duration/end`, or a duration that ends now.
fn timespan(text: &str, now: OffsetDateTime) -> Option<Span> {
    let Some((first, second)) = text.split_once('/') else {
        return Some((now.checked_sub(when::duration(text)?.try_into().ok()?)?, now));
    };
    let span = match (when::parse(first), when::parse(second)) {
        (Some(from), Some(to)) => (from, to),
        (Some(from), None) => (from, from.checked_add(when::duration(second)?.try_into().ok()?)?),
        (None, Some(to)) => (to.checked_sub(when::duration(first)?.try_into().ok()?)?, to),
        (None, None) => return None,
    };
    (span.0 <= span.1).then_some(span)
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    #[test]
    fn time_spans_are_read_in_all_forms() {
        let now = datetime!(2026-01-02 00:00 UTC);
        let hour = (datetime!(2026-01-01 23:00 UTC), now);
        for text in [
            "PT1H",
            "2026-01-01T23:00:00Z/2026-01-02T00:00:00Z",
            "2026-01-01T23:00:00Z/PT1H",
            "PT1H/2026-01-02T00:00:00Z",
            "2026-01-01T23:00:00.0000000+00:00/PT60M",
        ] {
            assert_eq!(timespan(text, now), Some(hour), "{text}");
        }
        for text in [
            "",
            "yesterday",
            "PT1H/PT1H",
            "2026-01-02T00:00:00Z/2026-01-01T00:00:00Z",
            "P99999999D",
        ] {
            assert_eq!(timespan(text, now), None, "{text}");
        }
    }

    #[test]
    fn a_wait_is_at_most_ten_minutes() {
        for (prefer, seconds) in
            [("", 180), ("wait=30", 30), ("include-statistics=true, wait=900", 600)]
        {
            assert_eq!(wait(prefer).expect(prefer), Duration::from_secs(seconds));
        }
        assert!(wait("wait=soon").is_err() && wait("wait=0").is_err());
    }
}
