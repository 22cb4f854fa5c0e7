//! Microsoft Teams: the message with one Adaptive Card that its workflows take (“When a Teams webhook request
//! is received”). The connectors of Office 365, with their message cards, are retired.
//!
//! All text stands in text runs. Unlike text blocks these know no Markdown, and a mention needs an entity of its
//! own, so that nothing that people wrote is interpreted.

use super::{circumstances, headline};
use crate::notify::news::News;
use serde_json::{Value, json};

/// Rich text needs 1.2; Teams shows up to 1.5.
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
