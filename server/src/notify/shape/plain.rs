//! The console's own JSON: `type`, `timestamp` and `data`, as Standard Webhooks recommend. See
//! server/docs/notifications.md.

use super::headline;
use crate::messages::{About, News};
use domain::notification::Occasion;
use domain::timestamp::Timestamp;
use serde_json::{Value, json};

/// The message.
pub(super) fn message(news: &News, link: &str) -> Value {
    let (kind, id) = match &news.about {
        About::Change(id) => ("change", &id.0),
        About::Run(id) => ("run", &id.0),
    };
    let what = match news.occasion {
        Occasion::RunFailed => Occasion::Failed.word(),
        Occasion::RunRolledBack => Occasion::RolledBack.word(),
        occasion => occasion.word(),
    };
    json!({
        "type": format!("{kind}.{what}"),
        "timestamp": news.at.iso(),
        "data": {
            "summary": headline(news),
            "title": news.title,
            kind: id,
            "stage": news.on.stage,
            "endpoint": news.on.endpoint,
            "proposed_by": news.proposed_by,
            "by": news.by,
            "words": news.words,
            "expires": news.expires.map(Timestamp::iso),
            "url": link,
        },
    })
}
