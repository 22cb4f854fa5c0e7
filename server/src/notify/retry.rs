//! What follows from a webhook's answer. Pure.

use crate::store::outbox::{DUE_MS_MAX, Settled};
use app::domain::timestamp::Timestamp;
use std::time::Duration;

/// Pause before the second try, in milliseconds; each further one is twice as long.
const PAUSE_MS: i64 = 5_000;
/// Longest pause that we choose ourselves, in milliseconds.
const PAUSE_MS_MAX: i64 = 3_600_000;
/// The most that chance can be.
pub const CHANCE_MAX: u16 = 1_000;
/// A message that has not arrived after this is given up, in milliseconds: three days, so that a weekend
/// passes.
pub const GIVE_UP_MS: i64 = 3 * 24 * 3_600_000;

/// How a try went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// With a status.
    Status {
        /// The HTTP status.
        code: u16,
        /// How long the webhook asks to be left alone.
        retry_after: Option<Duration>,
    },
    /// With none.
    None {
        /// Why not.
        why: &'static str,
    },
}

/// What becomes of a message.
///
/// `chance` from 0 to [`CHANCE_MAX`] spreads the next tries of many messages over time.
#[must_use]
pub fn settled(
    answer: &Answer,
    tries: u32,
    written: Timestamp,
    now: Timestamp,
    chance: u16,
) -> Settled {
    let trouble = match answer {
        Answer::Status { code: 200..300, .. } => return Settled::Delivered,
        Answer::Status { code: code @ 300..400, .. } => {
            format!("HTTP {code}: it redirects, which is not followed; configure where it leads to")
        }
        Answer::Status { code, .. } => format!("HTTP {code}"),
        Answer::None { why } => (*why).to_owned(),
    };
    let is_passing = match answer {
        Answer::Status { code, .. } => {
            matches!(code, 408 | 425 | 429) || !(400..500).contains(code)
        }
        Answer::None { .. } => true,
    };
    let asked = match answer {
        Answer::Status { retry_after, .. } => {
            retry_after.and_then(|after| i64::try_from(after.as_millis()).ok())
        }
        Answer::None { .. } => None,
    };
    let pause = asked.unwrap_or_else(|| backoff(tries, chance)).min(DUE_MS_MAX);
    let due = Timestamp(now.0.saturating_add(pause));
    if !is_passing {
        return Settled::GivenUp { trouble };
    }
    if due.0.saturating_sub(written.0) > GIVE_UP_MS {
        let trouble = format!("{trouble}, for three days, {tries} times");
        return Settled::GivenUp { trouble };
    }
    Settled::Later { due, all: asked.is_some(), trouble }
}

/// Half of the pause is certain, the other half is chance.
fn backoff(tries: u32, chance: u16) -> i64 {
    let doubled = PAUSE_MS << tries.saturating_sub(1).min(20);
    let half = doubled.min(PAUSE_MS_MAX) / 2;
    half + half * i64::from(chance.min(CHANCE_MAX)) / i64::from(CHANCE_MAX)
}

/// The value of a `Retry-After` (RFC 9110 §10.2.3): seconds, or a date.
#[must_use]
pub fn retry_after(value: &str, now: Timestamp) -> Option<Duration> {
    if let Ok(seconds) = value.trim().parse() {
        return Some(Duration::from_secs(seconds));
    }
    let format = &time::format_description::well_known::Rfc2822;
    // HTTP's dates are those of mail, but for the name of their zone.
    let date = value.trim().strip_suffix("GMT").map(|date| format!("{date}+0000"))?;
    let date = time::OffsetDateTime::parse(&date, format).ok()?;
    let ms = date.unix_timestamp().saturating_mul(1_000).saturating_sub(now.0);
    Some(Duration::from_millis(u64::try_from(ms).unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NOW: Timestamp = Timestamp(1_790_000_000_000);

    fn status(code: u16) -> Answer {
        Answer::Status { code, retry_after: None }
    }

    fn first(answer: &Answer) -> Settled {
        settled(answer, 1, NOW, NOW, CHANCE_MAX)
    }

    #[test]
    fn each_answer_has_its_consequence() {
        for code in [200, 202, 204] {
            assert_eq!(first(&status(code)), Settled::Delivered);
        }
        for code in [400, 401, 403, 404, 410, 413, 422] {
            let trouble = format!("HTTP {code}");
            assert_eq!(first(&status(code)), Settled::GivenUp { trouble });
        }
        for code in [301, 307, 408, 425, 429, 500, 502, 503] {
            let Settled::Later { due, all: false, .. } = first(&status(code)) else {
                panic!("{code} passes")
            };
            assert_eq!(due.0 - NOW.0, PAUSE_MS, "{code}");
        }
        let nothing = Answer::None { why: "no connection" };
        assert!(matches!(first(&nothing), Settled::Later { .. }));
    }

    #[test]
    fn what_a_webhook_asks_for_is_done_within_limits() {
        let asks = |code, seconds| Answer::Status {
            code,
            retry_after: Some(Duration::from_secs(seconds)),
        };
        for (code, seconds, expected) in
            [(429, 120, 120_000), (503, 7_200, 7_200_000), (429, u64::MAX, PAUSE_MS_MAX)]
        {
            let later = first(&asks(code, seconds));
            let Settled::Later { due, .. } = later else { panic!("{later:?}") };
            assert!(due.0 - NOW.0 <= expected, "{code} {seconds}");
            assert!(due.0 > NOW.0);
        }
        assert!(matches!(first(&asks(429, 120)), Settled::Later { all: true, .. }));
        let weeks = first(&asks(429, 86_400 * 30));
        let Settled::Later { due, .. } = weeks else { panic!("{weeks:?}") };
        assert_eq!(due.0 - NOW.0, DUE_MS_MAX);
    }

    #[test]
    fn after_three_days_it_is_given_up() {
        let at = |age: i64| settled(&status(500), 90, Timestamp(NOW.0 - age), NOW, CHANCE_MAX);
        assert!(matches!(at(GIVE_UP_MS - PAUSE_MS_MAX), Settled::Later { .. }));
        let Settled::GivenUp { trouble } = at(GIVE_UP_MS) else { panic!("it is over") };
        assert_eq!(trouble, "HTTP 500, for three days, 90 times");
    }

    #[test]
    fn both_forms_of_retry_after_are_read() {
        // 2026-09-21 14:13:20 UTC.
        assert_eq!(retry_after("120", NOW), Some(Duration::from_secs(120)));
        let date = "Mon, 21 Sep 2026 14:13:50 GMT";
        assert_eq!(retry_after(date, NOW), Some(Duration::from_secs(30)));
        let over = "Mon, 21 Sep 2026 14:13:00 GMT";
        assert_eq!(retry_after(over, NOW), Some(Duration::ZERO));
        for wrong in ["", "soon", "-1", "Mon, 21 Sep 2026", "1e3"] {
            assert_eq!(retry_after(wrong, NOW), None, "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn pauses_grow_within_limits(tries in 1_u32..10_000, chance in 0..=CHANCE_MAX) {
            let pause = backoff(tries, chance);
            prop_assert!((PAUSE_MS / 2..=PAUSE_MS_MAX).contains(&pause));
            prop_assert!(backoff(tries + 1, chance) >= pause);
        }
    }
}
