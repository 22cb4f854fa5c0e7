//! Decides from a webhook's response whether a message is delivered, retried or given up. Pure.

use crate::store::outbox::{DUE_MS_MAX, Settled};
use domain::timestamp::Timestamp;
use std::time::Duration;

/// Pause before the second attempt, in milliseconds. Each further pause is twice as long.
const PAUSE_MS: i64 = 5_000;
/// Maximum pause without a `Retry-After`, in milliseconds.
const PAUSE_MS_MAX: i64 = 3_600_000;
/// The maximum of `chance`.
pub const CHANCE_MAX: u16 = 1_000;
/// The age at which an undelivered message is given up, in milliseconds: three days, longer than a weekend.
pub const GIVE_UP_MS: i64 = 3 * 24 * 3_600_000;

/// The result of one attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    Status {
        code: u16,
        /// From the header `Retry-After`.
        retry_after: Option<Duration>,
    },
    /// No response.
    None { why: &'static str },
}

/// Decides about a message after the attempt number `tries`.
///
/// `chance`, from 0 to [`CHANCE_MAX`], spreads the retries of many messages over time.
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
            format!("HTTP {code}: redirects are not followed; configure the final URL")
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
        let trouble = format!("{trouble}, {tries} attempts in three days");
        return Settled::GivenUp { trouble };
    }
    Settled::Later { due, all: asked.is_some(), trouble }
}

/// The pause before the next attempt: half of it fixed, half of it random.
fn backoff(tries: u32, chance: u16) -> i64 {
    let doubled = PAUSE_MS << tries.saturating_sub(1).min(20);
    let half = doubled.min(PAUSE_MS_MAX) / 2;
    half + half * i64::from(chance.min(CHANCE_MAX)) / i64::from(CHANCE_MAX)
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
    fn success_delivers_4xx_gives_up_and_other_answers_are_retried() {
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
    fn retry_after_is_followed_within_limits() {
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
    fn after_three_days_a_message_is_given_up() {
        let at = |age: i64| settled(&status(500), 90, Timestamp(NOW.0 - age), NOW, CHANCE_MAX);
        assert!(matches!(at(GIVE_UP_MS - PAUSE_MS_MAX), Settled::Later { .. }));
        let Settled::GivenUp { trouble } = at(GIVE_UP_MS) else { panic!("it is over") };
        assert_eq!(trouble, "HTTP 500, 90 attempts in three days");
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
