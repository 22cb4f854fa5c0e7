//! Tests the formats with hostile text.

use super::*;
use domain::notification::Occasion;
use domain::timestamp::Timestamp;
use serde_json::Value;

const HOSTILE: &str = "<!channel> @here <https://evil.example|Approve> *bold* & [x](https://evil.example) \
                       <at>Leo</at> </script> \"}],\"x\":\"";

fn news() -> News {
    News {
        occasion: Occasion::Waiting,
        at: Timestamp(1_790_000_000_000),
        about: About::Change(domain::change::ChangeId("7".to_owned())),
        on: domain::stage::EndpointKey {
            stage: "anet-prod".parse().expect("a stage"),
            endpoint: "anet-ep".parse().expect("an endpoint"),
        },
        title: "Set the route to green 100 %".to_owned(),
        proposed_by: format!("Dana {HOSTILE}"),
        by: None,
        words: Some(HOSTILE.to_owned()),
        expires: Some(Timestamp(1_790_003_600_000)),
    }
}

fn shaped(kind: Kind) -> Value {
    let console = Url::parse("https://understudy.example/").expect("a URL");
    let body = shape(&Message::News(news()), kind, &console);
    assert_eq!(body.content_type, "application/json");
    serde_json::from_slice(&body.bytes).expect("JSON")
}

/// All strings under this key, at any depth.
fn texts(value: &Value, key: &str) -> Vec<String> {
    match value {
        Value::Object(fields) => fields
            .iter()
            .flat_map(|(name, value)| match value {
                Value::String(text) if name == key => vec![text.clone()],
                value => texts(value, key),
            })
            .collect(),
        Value::Array(values) => values.iter().flat_map(|value| texts(value, key)).collect(),
        _ => Vec::new(),
    }
}

#[test]
fn slack_interprets_nothing_that_people_wrote() {
    let message = shaped(Kind::Slack);
    for text in texts(&message, "text") {
        assert!(!text.contains(['<', '>']), "{text}");
        let rest = ["&amp;", "&lt;", "&gt;"].iter().fold(text, |text, one| text.replace(one, ""));
        assert!(!rest.contains('&'), "{rest}");
    }
    assert!(!message.to_string().contains("mrkdwn"));
    assert_eq!(message["text"], "Waits for approval: Set the route to green 100 %");
    assert_eq!(texts(&message, "url"), ["https://understudy.example/changes/7"]);
    let mentions = News { title: "@channel".to_owned(), ..news() };
    let text = slack::message(&mentions, "")["text"].to_string();
    assert!(!text.contains("@channel"), "{text}");
}

#[test]
fn the_longest_words_fit_into_slacks_limit() {
    let longest = "&".repeat(crate::messages::WORDS_MAX);
    let message = slack::message(&News { words: Some(longest), ..news() }, "");
    for text in texts(&message, "text") {
        assert!(text.chars().count() <= 3_000);
    }
}

#[test]
fn teams_interprets_nothing_that_people_wrote() {
    let message = shaped(Kind::Teams);
    let card = &message["attachments"][0];
    assert_eq!(card["contentType"], "application/vnd.microsoft.card.adaptive");
    let body = card["content"]["body"].as_array().expect("a body");
    for block in body {
        assert_eq!(block["type"], "RichTextBlock");
        assert_eq!(block["inlines"][0]["type"], "TextRun");
    }
    assert_eq!(body[1]["inlines"][0]["text"], HOSTILE);
    // Without entities there are no mentions.
    assert_eq!(card["content"].get("msteams"), None);
    assert_eq!(texts(&message, "url"), ["https://understudy.example/changes/7"]);
}

#[test]
fn plain_messages_have_the_documented_fields() {
    let message = shaped(Kind::Plain);
    assert_eq!(message["type"], "change.waiting");
    assert_eq!(message["timestamp"], "2026-09-21T14:13:20Z");
    let data = &message["data"];
    assert_eq!(data["summary"], "Waits for approval: Set the route to green 100 %");
    assert_eq!(data["words"], HOSTILE);
    assert_eq!(data["change"], "7");
    assert_eq!(data["expires"], "2026-09-21T15:13:20Z");
    assert_eq!(data["url"], "https://understudy.example/changes/7");
    let about = About::Run(domain::run::RunId("9".to_owned()));
    let run = News { about, occasion: Occasion::RunFailed, ..news() };
    assert_eq!(plain::message(&run, "")["type"], "run.failed");
    let back = News { occasion: Occasion::RunRolledBack, ..run };
    assert_eq!(plain::message(&back, "")["type"], "run.rolled_back");
    let glass = News { occasion: Occasion::BrokeGlass, ..back };
    assert_eq!(plain::message(&glass, "")["type"], "run.broke_glass");
    assert_eq!(headline(&glass), "Glass was broken: Set the route to green 100 %");
}

#[test]
fn a_person_is_named_once() {
    let quiet = News { proposed_by: "Dana".to_owned(), expires: None, ..news() };
    assert_eq!(circumstances(&quiet), "anet-ep on anet-prod · proposed by Dana");
    let by =
        |by: &str| News { by: Some(by.to_owned()), occasion: Occasion::Refused, ..quiet.clone() };
    assert_eq!(circumstances(&by("Dana")), "anet-ep on anet-prod · proposed by Dana");
    let refused = "anet-ep on anet-prod · proposed by Dana · rejected by Leo";
    assert_eq!(circumstances(&by("Leo")), refused);
}
