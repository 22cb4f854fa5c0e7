//! What a rule's query finds: one value for each combination of dimensions and each period.

use std::collections::BTreeMap;

use analytics::{Answer, Value, ticks};
use time::OffsetDateTime;

use super::rule::{Aggregation, Rule, Scope};
use crate::inner::Inner;
use crate::logs::ask::{Question, Unanswered, WAIT_DEFAULT};

/// The most combinations of dimensions (Azure Monitor, service limits: time series of a rule).
const SERIES_MAX: usize = 6_000;

/// The values of the dimensions, in the order of the rule.
pub type Key = Vec<String>;
/// The values of the periods, newest first; `None` if a period has no rows to measure.
pub type Found = BTreeMap<Key, Vec<Option<f64>>>;

/// Why a rule could not be evaluated.
#[derive(Debug, thiserror::Error)]
pub enum Unmeasured {
    #[error("{0}")]
    Unanswered(#[from] Unanswered),
    #[error("The query has no column '{0}'.")]
    NoColumn(String),
    #[error("The dimensions have more than {SERIES_MAX} combinations.")]
    TooMany,
}

/// Rows of one combination in one period.
#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    rows: f64,
    measured: f64,
    sum: f64,
    least: f64,
    most: f64,
}

impl Tally {
    fn add(&mut self, value: Option<f64>) {
        self.rows += 1.0;
        let Some(value) = value.filter(|value| value.is_finite()) else { return };
        let is_first = self.measured == 0.0;
        self.least = if is_first { value } else { self.least.min(value) };
        self.most = if is_first { value } else { self.most.max(value) };
        self.measured += 1.0;
        self.sum += value;
    }

    fn value(self, aggregation: Aggregation) -> Option<f64> {
        if aggregation == Aggregation::Count {
            return Some(self.rows);
        }
        (self.measured > 0.0).then_some(match aggregation {
            Aggregation::Average => self.sum / self.measured,
            Aggregation::Minimum => self.least,
            Aggregation::Maximum => self.most,
            Aggregation::Count | Aggregation::Total => self.sum,
        })
    }
}

/// Runs the query of a rule for the periods that end at `at`.
///
/// # Errors
/// If the query fails, or does not answer what the rule needs.
pub async fn measure(
    inner: &Inner,
    rule: &Rule,
    scope: &Scope,
    at: OffsetDateTime,
) -> Result<Found, Unmeasured> {
    let mut found = Found::new();
    let periods = usize::try_from(rule.periods).unwrap_or(1);
    if rule.dimensions.is_empty() && rule.aggregation == Aggregation::Count {
        // A query without rows has a count, too.
        found.insert(Key::new(), vec![Some(0.0); periods]);
    }
    for period in 0..rule.periods {
        let to = at - rule.window * period;
        let from = to - rule.window;
        let earliest = rule.range.map_or(from, |range| from.min(at - range));
        let question = Question {
            text: rule.query.clone(),
            now: at,
            span: Some((earliest, to)),
            resource: scope.resource.clone(),
            wait: WAIT_DEFAULT,
            is_of_rule: true,
        };
        let asked = rule.clone();
        let within = (ticks::from_time(from), ticks::from_time(to));
        let read = move |answer: Answer| tallies(&asked, &answer, within);
        let tallies = inner.logs.ask(&scope.workspace, question, read).await??;
        for (key, tally) in tallies {
            let values = found.entry(key).or_insert_with(|| vec![None; periods]);
            values[usize::try_from(period).unwrap_or(0)] = tally.value(rule.aggregation);
        }
    }
    Ok(found)
}

fn tallies(
    rule: &Rule,
    answer: &Answer,
    (from, to): (i64, i64),
) -> Result<BTreeMap<Key, Tally>, Unmeasured> {
    let place =
        |name: &str| answer.index(name).ok_or_else(|| Unmeasured::NoColumn(name.to_owned()));
    let places: Vec<usize> =
        rule.dimensions.iter().map(|one| place(&one.name)).collect::<Result<_, _>>()?;
    let is_measured = rule.aggregation != Aggregation::Count;
    let measured = rule.column.as_ref().filter(|_| is_measured);
    let measured = measured.map(|name| place(name)).transpose()?;
    // A longer time range of the query does not make the period longer.
    let time = answer.index("TimeGenerated").filter(|_| rule.range.is_some());
    let mut tallies: BTreeMap<Key, Tally> = BTreeMap::new();
    for row in answer.rows() {
        let at = time.and_then(|time| row[time].as_long());
        if at.is_some_and(|at| at < from || at >= to) {
            continue;
        }
        let key: Key = places.iter().map(|place| text(&row[*place])).collect();
        if !rule.dimensions.iter().zip(&key).all(|(dimension, value)| dimension.has(value)) {
            continue;
        }
        if tallies.len() >= SERIES_MAX && !tallies.contains_key(&key) {
            return Err(Unmeasured::TooMany);
        }
        let value = measured.and_then(|place| row[place].as_real());
        tallies.entry(key).or_default().add(value);
    }
    Ok(tallies)
}

fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Bool(is) => is.to_string(),
        Value::Long(number) => number.to_string(),
        Value::Real(number) => number.to_string(),
        Value::Text(text) => text.to_string(),
        Value::Dynamic(json) => json.to_string(),
    }
}
