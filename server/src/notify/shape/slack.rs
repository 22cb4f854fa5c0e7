//! Slack's incoming webhooks: Block Kit, with a text for notifications.
//!
//! Slack interprets `&`, `<` and `>` in every text (`<!channel>` notifies everybody), so these are always
//! escaped (<https://docs.slack.dev/messaging/formatting-message-text>). People's text goes into `plain_text`,
//! in which Slack interprets nothing else. In the text for notifications a zero-width space after each `@`
//! keeps clients from turning it into a mention.

use super::{circumstances, headline};
use crate::messages::News;
use serde_json::{Value, json};

/// Invisible, and ends a word.
const ZERO_WIDTH_SPACE: char = '\u{200b}';

/// The message.
pub(super) fn message(news: &News, link: &str) -> Value {
    let mut blocks = vec![json!({ "type": "section", "text": plain(&headline(news)) })];
    if let Some(words) = &news.words {
        blocks.push(json!({ "type": "section", "text": plain(words) }));
    }
    blocks.push(json!({ "type": "context", "elements": [plain(&circumstances(news))] }));
    blocks.push(json!({ "type": "actions", "elements": [
        { "type": "button", "text": plain("Open in Understudy"), "url": link },
    ] }));
    json!({
        "text": unmentioned(&escaped(&headline(news))),
        "blocks": blocks,
        "link_names": false,
        "unfurl_links": false,
    })
}

fn plain(text: &str) -> Value {
    json!({ "type": "plain_text", "text": escaped(text), "emoji": false })
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn unmentioned(text: &str) -> String {
    text.replace('@', &format!("@{ZERO_WIDTH_SPACE}"))
}
