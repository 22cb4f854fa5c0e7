//! Paged lists of Azure Resource Manager, with limits on pages, items, bytes and time.

use super::arm::Arm;
use super::error::Error;
use super::link;
use crate::outside::caps::{LIST_BYTES_MAX, LIST_ITEMS_MAX, LIST_PAGES_MAX};
use serde_json::Value;
use std::collections::HashSet;
use url::Url;

/// All items of a list.
///
/// # Errors
/// As [`Arm::get`]; [`Error::Garbled`] if a page is not a list, links to another host or to an earlier page, or a limit
/// is exceeded. A list is never truncated, because decisions based on it must not miss items.
pub(super) async fn all(arm: &Arm, url: Url) -> Result<Vec<Value>, Error> {
    let time = arm.within().list;
    // Boxed, because every future that waits for a list contains one.
    let read = tokio::time::timeout(time, Box::pin(pages(arm, url))).await;
    read.unwrap_or_else(|_| {
        let message = format!("a list was not complete within {} s", time.as_secs_f32());
        Err(Error::Unavailable(message))
    })
}

async fn pages(arm: &Arm, first: Url) -> Result<Vec<Value>, Error> {
    let (mut seen, mut items, mut bytes) = (HashSet::new(), Vec::new(), 0_usize);
    let mut next = Some(first);
    while let Some(url) = next {
        if seen.len() == LIST_PAGES_MAX {
            return Err(Error::garbled(format!("a list of more than {LIST_PAGES_MAX} pages")));
        }
        if !seen.insert(url.clone()) {
            return Err(Error::garbled("a list whose next page is an earlier page"));
        }
        let mut reply = arm.get(url).await?;
        bytes += reply.bytes;
        if bytes > LIST_BYTES_MAX {
            return Err(Error::garbled(format!("a list of more than {LIST_BYTES_MAX} bytes")));
        }
        let Some(Value::Array(page)) = reply.body.get_mut("value").map(Value::take) else {
            return Err(Error::garbled("a list without “value”"));
        };
        if items.len() + page.len() > LIST_ITEMS_MAX {
            return Err(Error::garbled(format!("a list of more than {LIST_ITEMS_MAX} items")));
        }
        items.extend(page);
        let link = reply.body.get("nextLink").and_then(Value::as_str);
        next = link.map(|link| link::followed(arm.cloud(), link)).transpose()?;
    }
    Ok(items)
}

/// Logs in one line how many items of a list were skipped, and the error of the first.
pub(super) fn tell_left_out(what: &str, left_out: &[Error]) {
    if let Some(first) = left_out.first() {
        let count = left_out.len();
        tracing::warn!(what, count, %first, "skipped invalid items of a list from Azure");
    }
}
