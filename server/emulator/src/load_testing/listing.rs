//! Lists: search, times, order and pages, which tests and runs share.

use serde_json::{Value, json};

use super::refused::Refused;
use super::wire::{Answered, Asked};
use crate::protocol::call::Answer;
use crate::when;

/// The number of items on a page: the default, and the highest one.
const PAGE_ITEMS_MAX: usize = 50;

/// An item, with what it is found and ordered by.
pub struct Item {
    /// In these texts `search` looks.
    pub texts: Vec<String>,
    /// `orderby` names one of these fields.
    pub fields: Vec<(&'static str, Value)>,
    pub view: Value,
}

impl Asked<'_> {
    /// A parameter that is given.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.call.query.get(name).map(String::as_str).filter(|text| !text.is_empty())
    }

    /// A time, in Unix milliseconds.
    pub fn time(&self, name: &str) -> Result<Option<i64>, Refused> {
        let Some(text) = self.parameter(name) else { return Ok(None) };
        let time = when::parse(text).map(when::unix_ms);
        let text = || format!("The query parameter {name} is not a time in ISO 8601.");
        time.map(Some).ok_or_else(|| Refused::bad("InvalidQueryParameter", text()))
    }
}

fn key(item: &Item, field: &str) -> (i64, String) {
    let found = item.fields.iter().find(|(name, _)| name.eq_ignore_ascii_case(field));
    match found.map(|(_, value)| value) {
        Some(Value::Number(number)) => (number.as_i64().unwrap_or(0), String::new()),
        Some(Value::String(text)) => (0, text.to_lowercase()),
        _ => (0, String::new()),
    }
}

/// A page of a list; `order` is the default, for example `lastModifiedDateTime desc`.
pub fn page(asked: &Asked<'_>, mut items: Vec<Item>, order: &str) -> Answered {
    if let Some(wanted) = asked.parameter("search").map(str::to_lowercase) {
        items.retain(|item| item.texts.iter().any(|text| text.to_lowercase().contains(&wanted)));
    }
    let order = asked.parameter("orderby").unwrap_or(order);
    let (field, direction) = order.split_once(' ').unwrap_or((order, "asc"));
    items.sort_by_key(|item| key(item, field));
    if direction.trim().eq_ignore_ascii_case("desc") {
        items.reverse();
    }
    let number = |name: &str, default: usize| match asked.parameter(name) {
        None => Ok(default),
        Some(text) => text.parse::<usize>().map_err(|_| {
            let text = format!("The query parameter {name} must be a whole number.");
            Refused::bad("InvalidQueryParameter", text)
        }),
    };
    let size = number("maxpagesize", PAGE_ITEMS_MAX)?.clamp(1, PAGE_ITEMS_MAX);
    let skip = number("continuationtoken", 0)?;
    let next = skip.saturating_add(size);
    let has_more = next < items.len();
    let value: Vec<Value> = items.into_iter().skip(skip).take(size).map(|item| item.view).collect();
    let mut body = json!({ "value": value });
    if has_more {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        let others = asked.call.query.iter().filter(|(name, _)| *name != "continuationtoken");
        others.for_each(|(name, value)| {
            query.append_pair(name, value);
        });
        query.append_pair("continuationToken", &next.to_string());
        let (base, path) = (&asked.call.base, &asked.call.path);
        body["nextLink"] = json!(format!("{base}{path}?{}", query.finish()));
    }
    Ok(Answer::ok(body))
}
