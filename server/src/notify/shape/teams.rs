//! Microsoft Teams: a message with one Adaptive Card, as its workflows accept it (“When a Teams webhook request
//! is received”). The Office 365 connectors and their message cards are retired.
//!
//! All text is in text runs. Unlike text blocks they do not support Markdown, and a mention needs an entity of its
//! own, so Teams interprets nothing that people wrote.

use super::{circumstances, headline};
use crate::messages::News;
use serde_json::{Value, json};

/// Rich text needs 1.2; Teams supports up to 1.5.
const CARD_VERSION: &str = "1.4";

/// The message.
pub(super) fn message(news: &News, link: &str) -> Value {
    let title = json!({ "type": "TextRun", "text": headline(news), "weight": "Bolder" });
    let mut body = vec![rich(title)];
    body.extend(news.words.iter().map(|words| rich(json!({ "type": "TextRun", "text": words }))));
    let line = json!({ "type": "TextRun", "text": circumstances(news), "isSubtle": true });
    body.push(rich(line));
    let card = json!({
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": CARD_VERSION,
        "body": body,
        "actions": [{ "type": "Action.OpenUrl", "title": "Open in Understudy", "url": link }],
    });
    json!({
        "type": "message",
        "attachments": [{
            "contentType": "application/vnd.microsoft.card.adaptive",
            "contentUrl": null,
            "content": card,
        }],
    })
}

fn rich(run: Value) -> Value {
    json!({ "type": "RichTextBlock", "inlines": [run] })
}
