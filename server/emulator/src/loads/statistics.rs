//! `testRunStatistics`: what each request name, and all of them together, measured.

use std::collections::BTreeMap;

use load::Tally;
use serde_json::{Map, Value, json};

/// What a run measured as a whole.
#[derive(Clone, Debug, Default)]
pub struct Totals {
    pub by_name: BTreeMap<String, Tally>,
    pub total: Tally,
    /// From the first second to the last response.
    pub seconds: f64,
}

impl Totals {
    pub fn new(by_name: BTreeMap<String, Tally>, seconds: f64) -> Self {
        let mut total = Tally::default();
        by_name.values().for_each(|tally| total.merge(tally));
        Self { by_name, total, seconds }
    }

    /// The requests of a name, or all of them.
    pub fn of(&self, name: Option<&str>) -> Option<&Tally> {
        match name {
            None => Some(&self.total),
            Some(name) => self.by_name.get(name),
        }
    }

    /// `testRunStatistics`
    pub fn statistics(&self) -> Value {
        let mut all = Map::new();
        for (name, tally) in &self.by_name {
            // A request may have the name of the sum, which is more important.
            all.insert(name.clone(), entry(name, tally, self.seconds));
        }
        all.insert("Total".to_owned(), entry("Total", &self.total, self.seconds));
        Value::Object(all)
    }
}

/// Two decimals.
pub fn rounded(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}

/// Milliseconds of a share of the requests.
pub fn quantile_ms(tally: &Tally, share: f64) -> f64 {
    rounded(tally.latencies.quantile_us(share) as f64 / 1000.0)
}

/// Something per second; 0 for a run without duration.
pub fn per_second(count: f64, seconds: f64) -> f64 {
    if seconds > 0.0 { rounded(count / seconds) } else { 0.0 }
}

fn entry(name: &str, tally: &Tally, seconds: f64) -> Value {
    let ms = |us: f64| rounded(us / 1000.0);
    let kilobytes = |bytes: u64| per_second(bytes as f64 / 1024.0, seconds);
    json!({
        "transaction": name,
        "sampleCount": tally.count as f64,
        "errorCount": tally.failed() as f64,
        "errorPct": rounded(tally.error_percent()),
        "meanResTime": ms(tally.latencies.mean_us()),
        "medianResTime": quantile_ms(tally, 0.5),
        "maxResTime": ms(tally.latencies.max_us() as f64),
        "minResTime": ms(tally.latencies.min_us() as f64),
        "pct75ResTime": quantile_ms(tally, 0.75),
        "pct1ResTime": quantile_ms(tally, 0.9),
        "pct2ResTime": quantile_ms(tally, 0.95),
        "pct96ResTime": quantile_ms(tally, 0.96),
        "pct97ResTime": quantile_ms(tally, 0.97),
        "pct98ResTime": quantile_ms(tally, 0.98),
        "pct3ResTime": quantile_ms(tally, 0.99),
        "pct999ResTime": quantile_ms(tally, 0.999),
        "pct9999ResTime": quantile_ms(tally, 0.9999),
        "throughput": per_second(tally.count as f64, seconds),
        "receivedKBytesPerSec": kilobytes(tally.bytes_received),
        "sentKBytesPerSec": kilobytes(tally.bytes_sent),
    })
}
