//! Relative times, with the exact time on hover.

use domain::timestamp::Timestamp;
use leptos::prelude::*;

/// Marks an age, in milliseconds since 1970, so that a script can update it.
pub const AGO: &str = "data-ago";
/// Marks a remaining time, with its end in milliseconds since 1970, so that a script can update it.
pub const LEFT: &str = "data-left";

/// `3 min ago`, with the exact UTC as a title.
#[component]
pub fn Time(at: Timestamp, #[prop(into)] now: Signal<Timestamp>) -> impl IntoView {
    view! {
        <time datetime=at.iso() title=at.utc() data-ago=at.0.to_string()>
            {move || at.ago(now.get())}
        </time>
    }
}

/// `in 2 d 23 h`, with the exact UTC as a title.
#[component]
pub fn Left(until: Timestamp, now: Timestamp) -> impl IntoView {
    view! {
        <time datetime=until.iso() title=until.utc() data-left=until.0.to_string()>
            {left(until, now)}
        </time>
    }
}

/// The remaining time in words.
#[must_use]
pub fn left(until: Timestamp, now: Timestamp) -> String {
    match until.0 - now.0 {
        ..=0 => "any moment now".to_owned(),
        _ => format!("in {}", lasted(now, until)),
    }
}

/// How long something took or will take: `12 s`, `3 min`, `5 h 20 min`, `2 d 23 h`.
#[must_use]
pub fn lasted(from: Timestamp, to: Timestamp) -> String {
    span(to.since(from))
}

/// A length of time in milliseconds, in its two largest units from an hour on: `12 s`, `3 min`, `5 h 20 min`,
/// `2 d 23 h`.
#[must_use]
pub fn span(ms: i64) -> String {
    let seconds = ms.max(0) / 1000;
    let both = |large: i64, unit: &str, small: i64, of: &str| match small {
        0 => format!("{large} {unit}"),
        small => format!("{large} {unit} {small} {of}"),
    };
    match seconds {
        0..=59 => format!("{seconds} s"),
        60..=3599 => format!("{} min", seconds / 60),
        3600..=86_399 => both(seconds / 3600, "h", seconds / 60 % 60, "min"),
        _ => both(seconds / 86_400, "d", seconds / 3600 % 24, "h"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_remaining_time_shows_its_two_largest_units() {
        let now = Timestamp(1_000_000);
        for (seconds, expected) in [
            (-1, "any moment now"),
            (0, "any moment now"),
            (59, "in 59 s"),
            (3_599, "in 59 min"),
            (3_600, "in 1 h"),
            (7_199, "in 1 h 59 min"),
            (86_400, "in 1 d"),
            (71 * 3_600 + 59 * 60, "in 2 d 23 h"),
            (72 * 3_600, "in 3 d"),
        ] {
            assert_eq!(left(Timestamp(now.0 + seconds * 1000), now), expected);
        }
    }
}
