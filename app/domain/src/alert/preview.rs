//! When a rule would have fired on recorded traffic.
//!
//! Azure evaluates a rule every `frequency`. Each evaluation counts the rows of the last `periods` windows, and the
//! condition is met if `failing` of them violate the threshold. This preview evaluates at multiples of the frequency since
//! 1970; Azure's own phase is not known, so times can differ by up to one frequency.
//!
//! A minute without a recording is unknown, not 0: an evaluation that depends on it neither fires nor resolves an alert.

use super::rule::{After, AlertRule, Operator};
use crate::timestamp::Timestamp;
use serde::{Deserialize, Serialize};

const MINUTE_MS: i64 = 60_000;
/// Maximum number of minutes of a recording: 35 days. Keeps a preview fast enough for a page.
pub const MINUTES_MAX: usize = 35 * 24 * 60;
/// Maximum number of alerts that are listed. All of them are counted.
pub const LISTED_MAX: usize = 500;

/// The rows that a rule's query would have found, minute by minute.
#[derive(Debug, Clone, Copy)]
pub struct Recorded<'a> {
    /// When the first minute starts.
    pub start: Timestamp,
    /// The rows of each minute; `None` if nothing was recorded. At most [`MINUTES_MAX`] are used, the newest.
    pub minutes: &'a [Option<u32>],
    /// The time after a request until Log Analytics has its row, in minutes. Rows that come later than the look-back are
    /// never counted.
    pub delay_minutes: u32,
}

/// One evaluation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evaluation {
    pub at: Timestamp,
    /// The known rows of the newest window.
    pub count: u64,
    /// Whether the condition was met; `None` if unknown.
    pub met: Option<bool>,
}

/// An alert that would have fired.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alert {
    pub fired: Timestamp,
    /// When it would have been resolved; `None` if it still would be fired, or if the rule resolves nothing.
    pub resolved: Option<Timestamp>,
    /// The most rows of a window while it was fired.
    pub peak: u64,
}

/// A preview.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Preview {
    /// All evaluations, oldest first. The first is the first one whose look-back is recorded.
    pub evaluations: Vec<Evaluation>,
    /// The alerts, oldest first; at most [`LISTED_MAX`].
    pub alerts: Vec<Alert>,
    /// The number of all alerts.
    pub count: u32,
    /// The number of evaluations whose result is unknown.
    pub unknown: u32,
}

/// Sums of the minutes before each minute, so that any period is counted in constant time.
struct Sums {
    start_minute: i64,
    rows: Vec<u64>,
    missing: Vec<u32>,
}

impl Sums {
    fn of(recorded: &Recorded<'_>) -> Self {
        let skipped = recorded.minutes.len().saturating_sub(MINUTES_MAX);
        let minutes = recorded.minutes.get(skipped..).unwrap_or_default();
        let (mut rows, mut missing) = (vec![0], vec![0]);
        for (at, minute) in minutes.iter().enumerate() {
            rows.push(rows[at] + u64::from(minute.unwrap_or(0)));
            missing.push(missing[at] + u32::from(minute.is_none()));
        }
        let skipped = i64::try_from(skipped).unwrap_or(0);
        Self { start_minute: recorded.start.0.div_euclid(MINUTE_MS) + skipped, rows, missing }
    }

    /// The minute after the last.
    fn end_minute(&self) -> i64 {
        self.start_minute + i64::try_from(self.rows.len() - 1).unwrap_or(0)
    }

    /// The known rows from one minute up to another, and whether a minute between them is missing.
    fn between(&self, from: i64, to: i64) -> (u64, bool) {
        let last = self.rows.len() - 1;
        let place = |minute: i64| {
            usize::try_from((minute - self.start_minute).max(0)).unwrap_or(usize::MAX).min(last)
        };
        let (from, to) = (place(from), place(to.max(from)));
        (self.rows[to] - self.rows[from], self.missing[to] > self.missing[from])
    }
}

/// When a rule would have fired. An invalid rule fires never.
#[must_use]
pub fn preview(rule: &AlertRule, recorded: &Recorded<'_>) -> Preview {
    let frequency = i64::from(rule.frequency.whole_minutes());
    let back = i64::from(rule.look_back_minutes());
    let sums = Sums::of(recorded);
    if !rule.problems().is_empty() || frequency == 0 {
        return Preview::default();
    }
    let first = (sums.start_minute + back + frequency - 1).div_euclid(frequency) * frequency;
    let count = (sums.end_minute() - first).div_euclid(frequency) + 1;
    let ticks = (0..count.max(0)).map(|n| first + n * frequency);
    let delay = i64::from(recorded.delay_minutes);
    let evaluations: Vec<_> = ticks.map(|minute| evaluate(rule, &sums, minute, delay)).collect();
    let unknown = evaluations.iter().filter(|one| one.met.is_none()).count();
    let (alerts, count) = match rule.after {
        After::Resolves => resolving(rule, &evaluations),
        After::Repeats { mute } => {
            repeating(mute.map_or(0, |mute| i64::from(mute.whole_minutes())), &evaluations)
        }
    };
    Preview { evaluations, alerts, count, unknown: u32::try_from(unknown).unwrap_or(u32::MAX) }
}

fn evaluate(rule: &AlertRule, sums: &Sums, minute: i64, delay: i64) -> Evaluation {
    let window = i64::from(rule.window.whole_minutes());
    let (mut violated, mut open, mut newest) = (0, 0, 0);
    for period in 0..i64::from(rule.periods) {
        let (from, to) = (minute - (period + 1) * window, minute - period * window);
        let (rows, is_missing) = sums.between(from, to.min(minute - delay));
        if period == 0 {
            newest = rows;
        }
        let violates = rule.operator.violates(rows, rule.threshold);
        // More rows in the missing minutes could change all but a count that is already too high.
        let is_sure = !is_missing
            || violates
                && matches!(rule.operator, Operator::GreaterThan | Operator::GreaterThanOrEqual);
        violated += u8::from(is_sure && violates);
        open += u8::from(!is_sure);
    }
    let met = match violated >= rule.failing {
        true => Some(true),
        false if violated + open >= rule.failing => None,
        false => Some(false),
    };
    Evaluation { at: Timestamp(minute * MINUTE_MS), count: newest, met }
}

/// Alerts that are resolved after enough quiet evaluations in a row.
fn resolving(rule: &AlertRule, evaluations: &[Evaluation]) -> (Vec<Alert>, u32) {
    let (mut alerts, mut count) = (Vec::new(), 0_u32);
    let mut open: Option<Alert> = None;
    let mut quiet = 0;
    for one in evaluations {
        match (&mut open, one.met) {
            (None, Some(true)) => {
                count = count.saturating_add(1);
                quiet = 0;
                open = Some(Alert { fired: one.at, resolved: None, peak: one.count });
            }
            (Some(alert), Some(true)) => {
                quiet = 0;
                alert.peak = alert.peak.max(one.count);
            }
            (Some(alert), Some(false)) => {
                quiet += 1;
                if quiet >= rule.quiet_evaluations() {
                    alert.resolved = Some(one.at);
                    list(&mut alerts, open.take());
                }
            }
            (_, None) | (None, Some(false)) => {}
        }
    }
    list(&mut alerts, open);
    (alerts, count)
}

/// Alerts that fire at each evaluation, with a pause after each.
fn repeating(mute_minutes: i64, evaluations: &[Evaluation]) -> (Vec<Alert>, u32) {
    let (mut alerts, mut count) = (Vec::new(), 0_u32);
    let mut silent_until = i64::MIN;
    for one in evaluations.iter().filter(|one| one.met == Some(true)) {
        if one.at.0 >= silent_until {
            silent_until = one.at.0 + mute_minutes * MINUTE_MS;
            count = count.saturating_add(1);
            list(&mut alerts, Some(Alert { fired: one.at, resolved: None, peak: one.count }));
        }
    }
    (alerts, count)
}

fn list(alerts: &mut Vec<Alert>, alert: Option<Alert>) {
    if alerts.len() < LISTED_MAX {
        alerts.extend(alert);
    }
}

impl Preview {
    /// The preview in words: `Would have fired twice in the last 7 days: 2026-11-24 10:05 UTC (42 rows, resolved after 20
    /// minutes), …`
    #[must_use]
    pub fn words(&self) -> String {
        const NAMED_MAX: usize = 3;
        let Some((first, last)) = self.evaluations.first().zip(self.evaluations.last()) else {
            return "The recording is shorter than the rule looks back, so nothing can be said."
                .to_owned();
        };
        let minutes = last.at.since(first.at) / MINUTE_MS;
        let span = match minutes {
            2_880.. => format!("{} days", (minutes + 720) / 1_440),
            120.. => format!("{} hours", (minutes + 30) / 60),
            minutes => format!("{minutes} minutes"),
        };
        let times = match self.count {
            0 => "not have fired".to_owned(),
            1 => "have fired once".to_owned(),
            2 => "have fired twice".to_owned(),
            count => format!("have fired {count} times"),
        };
        let named: Vec<_> = self.alerts.iter().take(NAMED_MAX).map(Alert::words).collect();
        let more = self.count.saturating_sub(u32::try_from(named.len()).unwrap_or(0));
        let more = if more > 0 { format!(", and {more} more") } else { String::new() };
        let list =
            if named.is_empty() { String::new() } else { format!(": {}{more}", named.join(", ")) };
        let unknown = match self.unknown {
            0 => String::new(),
            unknown => format!(
                " {unknown} of {} evaluations are unknown, because minutes were not recorded.",
                self.evaluations.len()
            ),
        };
        format!("Would {times} in the {span} that were recorded{list}.{unknown}")
    }
}

impl Alert {
    fn words(&self) -> String {
        let rows = if self.peak == 1 { "1 row".to_owned() } else { format!("{} rows", self.peak) };
        let after = self.resolved.map(|resolved| {
            format!(", resolved after {} minutes", resolved.since(self.fired) / MINUTE_MS)
        });
        format!("{} ({rows}{})", self.fired.utc(), after.unwrap_or_default())
    }
}

#[cfg(test)]
mod tests;
