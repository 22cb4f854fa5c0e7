//! A webhook's health, as a badge and a sentence.

use crate::ui::badge::{Badge, Tone};
use domain::notification::Health;
use domain::timestamp::Timestamp;
use leptos::prelude::*;

fn standing(health: &Health, now: Timestamp) -> (Tone, &'static str, String) {
    let Health { waiting, given_up, trouble, delivered } = health;
    let messages = |count: &u32| match count {
        1 => "One message".to_owned(),
        count => format!("{count} messages"),
    };
    let last = match delivered {
        Some(at) => format!("The last one arrived {}.", at.ago(now)),
        None => "None has arrived yet.".to_owned(),
    };
    match trouble {
        Some(trouble) if *given_up > 0 => {
            let lost = messages(given_up);
            let sentence = format!(
                "{lost} could not be delivered and will not be retried: {trouble}. Check the webhook's URL and \
                 its receiver. {last}"
            );
            (Tone::Bad, "failing", sentence)
        }
        Some(trouble) if *waiting > 0 => {
            let late = messages(waiting);
            (
                Tone::Warn,
                "retrying",
                format!("{late} could not be delivered yet: {trouble}. {last}"),
            )
        }
        _ if *waiting > 0 => {
            (Tone::Busy, "sending", format!("{} to be delivered. {last}", messages(waiting)))
        }
        _ if delivered.is_some() => (Tone::Good, "healthy", last),
        _ => (Tone::Quiet, "unused", "Nothing has been sent to this webhook yet.".to_owned()),
    }
}

/// A webhook's health.
#[component]
pub fn HealthLine(health: Health, now: Timestamp) -> impl IntoView {
    let (tone, word, sentence) = standing(&health, now);
    view! {
        <Badge tone word />
        " "
        {sentence}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failing_webhook_is_distinguished_from_a_retrying_one() {
        let now = Timestamp(100_000);
        let trouble = Some("HTTP 404".to_owned());
        let health = Health { given_up: 1, waiting: 2, trouble: trouble.clone(), delivered: None };
        let (tone, word, sentence) = standing(&health, now);
        assert_eq!((tone, word), (Tone::Bad, "failing"));
        assert!(
            sentence
                .contains("One message could not be delivered and will not be retried: HTTP 404."),
            "{sentence}"
        );
        let delivered = Some(Timestamp(40_000));
        let health = Health { given_up: 0, waiting: 2, trouble, delivered };
        let (tone, _, sentence) = standing(&health, now);
        assert_eq!(tone, Tone::Warn);
        assert_eq!(
            sentence,
            "2 messages could not be delivered yet: HTTP 404. The last one arrived 1 min ago."
        );
        let health = Health { waiting: 0, trouble: None, ..health };
        assert_eq!(standing(&health, now).1, "healthy");
        assert_eq!(standing(&Health::default(), now).1, "unused");
    }
}
