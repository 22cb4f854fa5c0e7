//! Parses and checks a metrics query, by the parameters that azure-mgmt-monitor documents.

use time::{Duration, OffsetDateTime};

use super::filter::{self, Filter};
use super::kept::bad;
use super::series::Window;
use crate::protocol::call::Call;
use crate::protocol::error::ArmError;
use crate::when;

/// The longest time span of one query.
const SPAN_DAYS_MAX: i64 = 31;
/// The default time span.
const SPAN_HOURS_DEFAULT: i64 = 1;
/// The default number of series of one metric.
const TOP_DEFAULT: usize = 10;

/// The supported intervals, in minutes.
pub const GRAINS: [(&str, i64); 8] = [
    ("PT1M", 1),
    ("PT5M", 5),
    ("PT15M", 15),
    ("PT30M", 30),
    ("PT1H", 60),
    ("PT6H", 360),
    ("PT12H", 720),
    ("P1D", 1440),
];
/// One point for the whole span.
const FULL: &str = "FULL";

/// Aggregations to sort by, and their names in an answer.
const ORDERS: [(&str, &str); 6] = [
    ("average", "Average"),
    ("minimum", "Minimum"),
    ("maximum", "Maximum"),
    ("total", "Total"),
    ("sum", "Total"),
    ("count", "Count"),
];

#[derive(Clone, Debug)]
pub struct Query {
    pub from: OffsetDateTime,
    pub to: OffsetDateTime,
    /// The interval of the answer.
    pub interval: &'static str,
    /// The buckets of the answer.
    pub window: Window,
    pub filter: Filter,
    /// The highest number of series.
    pub top: usize,
    pub order: Option<Order>,
    /// Whether the answer has points, or only the series' metadata.
    pub has_points: bool,
}

/// How series are sorted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Order {
    /// The aggregation over the whole span.
    pub by: &'static str,
    pub is_descending: bool,
}

impl Query {
    /// Reads a request; `now` is the end of a span that has none.
    ///
    /// # Errors
    /// 400 with the invalid parameter.
    pub fn read(call: &Call, now: OffsetDateTime) -> Result<Self, ArmError> {
        let (from, to) = timespan(call, now)?;
        let (interval, minutes) = interval(call, from, to)?;
        let filter =
            filter::parse(call.query.get("$filter").map_or("", String::as_str)).map_err(bad)?;
        Ok(Self {
            from,
            to,
            interval,
            window: Window::new(from, to, minutes),
            top: top(call, &filter)?,
            filter,
            order: order(call)?,
            has_points: has_points(call)?,
        })
    }
}

fn timespan(
    call: &Call,
    now: OffsetDateTime,
) -> Result<(OffsetDateTime, OffsetDateTime), ArmError> {
    let Some(text) = call.query.get("timespan") else {
        return Ok((now - Duration::hours(SPAN_HOURS_DEFAULT), now));
    };
    let ends = match text.split_once('/') {
        Some((from, to)) => when::parse(from).zip(when::parse(to)),
        None => when::duration(text).map(|span| (now - span, now)),
    };
    let (from, to) = ends.ok_or_else(|| bad(format!("The timespan [{text}] is not valid.")))?;
    if from > to || to - from > Duration::days(SPAN_DAYS_MAX) {
        return Err(bad(format!(
            "The timespan [{text}] must run forward and span at most {SPAN_DAYS_MAX} days."
        )));
    }
    Ok((from, to))
}

fn interval(
    call: &Call,
    from: OffsetDateTime,
    to: OffsetDateTime,
) -> Result<(&'static str, i64), ArmError> {
    let text = call.query.get("interval").map_or("PT1M", String::as_str);
    let is_adjusted = match call.query.get("autoadjusttimegrain").map(|text| text.to_lowercase()) {
        None => false,
        Some(word) if word == "true" || word == "false" => word == "true",
        Some(_) => return Err(bad("The parameter AutoAdjustTimegrain must be true or false.")),
    };
    if text.eq_ignore_ascii_case(FULL) {
        let first = from.unix_timestamp().div_euclid(60);
        let end = (to.unix_timestamp() + 59).div_euclid(60);
        return Ok((FULL, (end - first).max(1)));
    }
    if let Some(grain) = GRAINS.iter().find(|(name, _)| name.eq_ignore_ascii_case(text)) {
        return Ok(*grain);
    }
    let wanted = when::duration(text).filter(|wanted| is_adjusted && !wanted.is_zero());
    let closest = wanted.and_then(|wanted| {
        let distance = |minutes: i64| (minutes as f64 * 60.0 - wanted.as_secs_f64()).abs();
        GRAINS.iter().min_by(|a, b| distance(a.1).total_cmp(&distance(b.1)))
    });
    closest.copied().ok_or_else(|| {
        let known: Vec<&str> = GRAINS.iter().map(|(name, _)| *name).collect();
        bad(format!(
            "The interval [{text}] is not supported. Supported are {}, {FULL}.",
            known.join(", ")
        ))
    })
}

fn top(call: &Call, filter: &Filter) -> Result<usize, ArmError> {
    let Some(text) = call.query.get("top") else { return Ok(TOP_DEFAULT) };
    if filter.0.is_empty() {
        return Err(bad("The parameter top is valid only if a $filter is specified."));
    }
    let top = text.parse::<usize>().ok().filter(|top| *top > 0);
    top.ok_or_else(|| {
        bad(format!("The parameter top must be a whole number of at least 1, not [{text}]."))
    })
}

fn order(call: &Call) -> Result<Option<Order>, ArmError> {
    let Some(text) = call.query.get("orderby") else { return Ok(None) };
    let lower = text.to_lowercase();
    let words: Vec<&str> = lower.split_whitespace().collect();
    let order = match words.as_slice() {
        [by] | [by, "asc"] => Some((by, false)),
        [by, "desc"] => Some((by, true)),
        _ => None,
    };
    let order = order.and_then(|(by, is_descending)| {
        let (_, by) = ORDERS.iter().find(|(word, _)| word == by)?;
        Some(Order { by, is_descending })
    });
    let invalid = || {
        let known: Vec<&str> = ORDERS.iter().map(|(word, _)| *word).collect();
        bad(format!(
            "The parameter orderby [{text}] is not valid. It is one aggregation ({}) and asc or desc.",
            known.join(", ")
        ))
    };
    order.map(Some).ok_or_else(invalid)
}

fn has_points(call: &Call) -> Result<bool, ArmError> {
    match call.query.get("resulttype").map(|text| text.to_lowercase()).as_deref() {
        None | Some("data") => Ok(true),
        Some("metadata") => Ok(false),
        Some(_) => Err(bad("The parameter resultType must be Data or Metadata.")),
    }
}
