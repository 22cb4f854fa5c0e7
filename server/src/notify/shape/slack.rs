//! Slack's incoming webhooks: Block Kit, with a text for notifications.
//!
//! Slack interprets `&`, `<` and `>` in every text (`<!channel>` calls everybody), so these are always
//! escaped (<https://docs.slack.dev/messaging/formatting-message-text>). People's words stand in `plain_text`,
//! in which nothing else is interpreted either; in the text for notifications an `@` is parted from its
//! word, so that no client makes a mention of it.

use super::{circumstances, headline};
use crate::notify::news::News;
use serde_json::{Value, json};

/// Not seen, and no part of a word.
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
