//! How a webhook is doing, in a word and a sentence.

use crate::domain::notification::Health;
use crate::domain::timestamp::Timestamp;
use crate::ui::badge::{Badge, Tone};
use leptos::prelude::*;

/// How it stands, for those who see its badge and for those who read on.
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
                "{lost} did not arrive and will not: {trouble}. Look at its URL and at who receives there. {last}"
            );
            (Tone::Bad, "gave up", sentence)
        }
        Some(trouble) if *waiting > 0 => {
            let late = messages(waiting);
            (Tone::Warn, "trouble", format!("{late} could not be delivered yet: {trouble}. {last}"))
        }
        _ if *waiting > 0 => {
            (Tone::Busy, "sending", format!("{} to be delivered. {last}", messages(waiting)))
        }
        _ if delivered.is_some() => (Tone::Good, "delivers", last),
        _ => (Tone::Quiet, "unused", "Nothing has been sent to it yet.".to_owned()),
    }
}

/// How a webhook is doing.
#[component]
pub fn HealthLine(
    /// What is known.
    health: Health,
    /// The server's clock.
    now: Timestamp,
) -> impl IntoView {
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
    fn a_dead_webhook_is_told_from_one_in_trouble() {
        let now = Timestamp(100_000);
        let trouble = Some("HTTP 404".to_owned());
        let health = Health { given_up: 1, waiting: 2, trouble: trouble.clone(), delivered: None };
        let (tone, word, sentence) = standing(&health, now);
        assert_eq!((tone, word), (Tone::Bad, "gave up"));
        assert!(
            sentence.contains("One message did not arrive and will not: HTTP 404."),
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
        assert_eq!(standing(&health, now).1, "delivers");
        assert_eq!(standing(&Health::default(), now).1, "unused");
    }
}
