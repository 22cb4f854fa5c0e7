//! The formats of messages, one file each. People's text goes into fields that the receiver does not interpret, or
//! is escaped as the receiver documents.

mod plain;
mod slack;
mod teams;

use crate::messages::{About, Message, News};
use app::paths;
use domain::notification::Kind;
use url::Url;

/// The body of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Body {
    pub content_type: &'static str,
    /// The signature covers these bytes.
    pub bytes: Vec<u8>,
}

/// Formats a message for a webhook; `console` is the public URL of the console.
#[must_use]
pub fn shape(message: &Message, kind: Kind, console: &Url) -> Body {
    let news = match message {
        Message::News(news) => news,
        Message::Checkpoint { note, .. } => {
            let content_type = "text/plain; charset=utf-8";
            return Body { content_type, bytes: note.clone().into_bytes() };
        }
    };
    let link = link(news, console);
    let json = match kind {
        Kind::Slack => slack::message(news, &link),
        Kind::Teams => teams::message(news, &link),
        Kind::Plain => plain::message(news, &link),
    };
    Body { content_type: "application/json", bytes: json.to_string().into_bytes() }
}

/// The URL of the change's or run's page, which requires signing in.
fn link(news: &News, console: &Url) -> String {
    let path = match &news.about {
        About::Change(id) => paths::change(id),
        About::Run(id) => paths::run(id),
    };
    console.join(&path).unwrap_or_else(|_| console.clone()).to_string()
}

/// `Waits for approval: Set the route to green 100 %`
fn headline(news: &News) -> String {
    let label = news.occasion.label();
    let mut letters = label.chars();
    let first = letters.next().map(|first| first.to_ascii_uppercase());
    let label: String = first.into_iter().chain(letters).collect();
    format!("{label}: {}", news.title)
}

/// Endpoint, stage, people and expiry in one line.
fn circumstances(news: &News) -> String {
    let mut said = vec![format!("{} on {}", news.on.endpoint, news.on.stage)];
    said.push(match news.about {
        About::Change(_) => format!("proposed by {}", news.proposed_by),
        About::Run(_) => format!("started by {}", news.proposed_by),
    });
    let by = news.by.as_ref().filter(|by| **by != news.proposed_by);
    said.extend(by.map(|by| format!("{} by {by}", news.occasion.label())));
    said.extend(news.expires.map(|expires| format!("expires {}", expires.utc())));
    said.join(" · ")
}

#[cfg(test)]
mod tests;
