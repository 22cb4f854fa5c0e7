//! Pages: `{"value":[…],"nextLink":…}`. `count` and `$top` set the length of a page, and `$skip` its start;
//! the next link repeats the caller's other parameters.

use serde_json::{Value, json};

use super::call::{Answer, Answered, Call};
use super::error::ArmError;

/// The default number of items on a page.
pub const PAGE_ITEMS_DEFAULT: usize = 50;
/// The highest number of items on a page.
pub const PAGE_ITEMS_MAX: usize = 1000;

fn number(call: &Call, names: &[&str], default: usize) -> Result<usize, ArmError> {
    let Some((name, text)) = names.iter().find_map(|n| Some((n, call.query.get(*n)?))) else {
        return Ok(default);
    };
    text.parse().map_err(|_| {
        ArmError::user(format!("The query parameter {name}={text} must be a whole number."))
    })
}

pub fn page(call: &Call, items: Vec<Value>) -> Answered {
    let skip = number(call, &["$skip", "$skiptoken"], 0)?;
    let size = number(call, &["count", "$top", "top"], PAGE_ITEMS_DEFAULT)?.min(PAGE_ITEMS_MAX);
    let size = if size == 0 { PAGE_ITEMS_DEFAULT } else { size };
    let total = items.len();
    let value: Vec<Value> = items.into_iter().skip(skip).take(size).collect();
    let mut body = json!({ "value": value });
    // The caller chooses `$skip`, so it can be any number.
    let next = skip.saturating_add(size);
    if next < total {
        body["nextLink"] = Value::String(next_link(call, next));
    }
    Ok(Answer::ok(body))
}

fn next_link(call: &Call, skip: usize) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in call.query.iter().filter(|(name, _)| !name.starts_with("$skip")) {
        query.append_pair(name, value);
    }
    query.append_pair("$skip", &skip.to_string());
    format!("{}{}?{}", call.base, call.path, query.finish())
}

/// Sorts by `$orderBy`: `CreatedAtDesc`, `createdtime desc`, `UpdatedAtAsc`, …; items have `systemData`.
/// Any other value leaves the order unchanged.
pub fn sort(call: &Call, items: &mut [Value]) {
    let order = call.query.get("$orderby").or_else(|| call.query.get("orderby"));
    let Some(order) = order.map(|order| order.to_lowercase()) else { return };
    let field = match () {
        () if order.contains("creat") => "createdAt",
        () if order.contains("updat") || order.contains("modif") => "lastModifiedAt",
        () => return,
    };
    let key = |item: &Value| item["systemData"][field].as_str().unwrap_or_default().to_owned();
    items.sort_by_key(key);
    if order.contains("desc") {
        items.reverse();
    }
}

/// Keeps items that match `tags=a,b=c` and `properties=a,b=c`.
pub fn filter_labels(call: &Call, items: &mut Vec<Value>) {
    for (parameter, place) in [("tags", "/tags"), ("properties", "/properties/properties")] {
        let wanted = call.query.get(parameter).filter(|wanted| !wanted.is_empty());
        let Some(wanted) = wanted else { continue };
        items.retain(|item| item.pointer(place).is_some_and(|labels| has_all(labels, wanted)));
    }
}

fn has_all(labels: &Value, wanted: &str) -> bool {
    wanted.split(',').all(|wanted| {
        let (name, value) = wanted.split_once('=').unwrap_or((wanted, ""));
        let has = &labels[name.trim()];
        !has.is_null() && (value.is_empty() || has.as_str() == Some(value.trim()))
    })
}
