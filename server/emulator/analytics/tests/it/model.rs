//! The evaluator against a naive model: rows in a vector, and loops over them.

use std::collections::{BTreeMap, BTreeSet};

use super::support::{Logs, now};
use analytics::{LogStore, Schema, Type, Value, ticks};
use proptest::prelude::*;

/// A row: a time in seconds before now, a deployment, a code and a duration, either of which may be null.
type Row = (i64, String, Option<i64>, Option<i64>);

fn row() -> impl Strategy<Value = Row> {
    (
        0_i64..2000,
        prop::sample::select(vec!["blue", "green", "", "Blue"]).prop_map(str::to_owned),
        prop::option::weighted(0.9, prop::sample::select(vec![200_i64, 404, 500, 503])),
        prop::option::weighted(0.9, 0_i64..40),
    )
}

fn store(rows: &[Row], folder: &std::path::Path) -> LogStore {
    let store = LogStore::open(folder).expect("a store");
    let schema = Schema::of(&[
        ("t", Type::DateTime),
        ("d", Type::String),
        ("code", Type::Int),
        ("ms", Type::Long),
    ]);
    store.create("T", &schema.expect("valid")).expect("a table");
    let long = |number: &Option<i64>| number.map_or(Value::Null, Value::Long);
    let values: Vec<Vec<Value>> = rows
        .iter()
        .map(|(ago, d, code, ms)| {
            vec![Value::Long(now() - ago * ticks::SECOND), Value::text(d), long(code), long(ms)]
        })
        .collect();
    store.append("T", now(), &values).expect("appends");
    store
}

/// What a condition of the model and of KQL is.
type Condition = (&'static str, fn(&Row) -> bool);

const CONDITIONS: [Condition; 9] = [
    ("code == 200", |row| row.2 == Some(200)),
    ("code != 200", |row| row.2 != Some(200)),
    ("code >= 404", |row| row.2.is_some_and(|code| code >= 404)),
    ("d =~ 'BLUE' and ms < 20", |row| {
        row.1.eq_ignore_ascii_case("blue") && row.3.is_some_and(|ms| ms < 20)
    }),
    ("d in ('blue', 'green') or isnull(ms)", |row| {
        ["blue", "green"].contains(&row.1.as_str()) || row.3.is_none()
    }),
    ("t > ago(10m)", |row| row.0 < 600),
    ("ms between (5 .. 10)", |row| row.3.is_some_and(|ms| (5..=10).contains(&ms))),
    ("not(code == 500) and d startswith 'b'", |row| {
        row.2 != Some(500) && row.1.to_lowercase().starts_with('b')
    }),
    ("ms + 1 > 10 or code in (404, 503)", |row| {
        row.3.is_some_and(|ms| ms + 1 > 10) || row.2.is_some_and(|code| [404, 503].contains(&code))
    }),
];

fn text(number: Option<i64>) -> String {
    number.map_or("null".to_owned(), |number| number.to_string())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn queries_answer_what_loops_answer(rows in prop::collection::vec(row(), 0..200), at in 0..CONDITIONS.len(), n in 0_usize..30) {
        let folder = tempfile::tempdir().expect("a folder");
        let logs = Logs { store: store(&rows, folder.path()), _folder: folder };
        let (condition, holds) = CONDITIONS[at];
        let kept: Vec<&Row> = rows.iter().filter(|row| holds(row)).collect();

        let expected: Vec<String> =
            kept.iter().map(|(_, d, code, ms)| format!("{d}|{}|{}", text(*code), text(*ms))).collect();
        prop_assert_eq!(logs.rows(&format!("T | where {condition} | project d, code, ms")), expected);

        let mut groups: BTreeMap<(i64, String), Vec<&Row>> = BTreeMap::new();
        for row in &kept {
            let time = now() - row.0 * ticks::SECOND;
            let bin = time - time.rem_euclid(300 * ticks::SECOND);
            groups.entry((bin, row.1.clone())).or_default().push(row);
        }
        let expected: Vec<String> = groups.iter().map(|((bin, d), rows)| {
            let ms: Vec<i64> = rows.iter().filter_map(|row| row.3).collect();
            let mut sorted = ms.clone();
            sorted.sort_unstable();
            let p95 = sorted.get(((sorted.len() as f64 * 0.95).ceil() as usize).max(1) - 1).copied();
            let codes: BTreeSet<i64> = rows.iter().filter_map(|row| row.2).collect();
            let failed = rows.iter().filter(|row| row.2.is_some_and(|code| code >= 500)).count();
            let sum = if ms.is_empty() { None } else { Some(ms.iter().sum()) };
            format!(
                "{}|{d}|{}|{failed}|{}|{}|{}|{}|{}",
                ticks::format_time(*bin), rows.len(), text(sum), text(ms.iter().min().copied()),
                text(ms.iter().max().copied()), text(p95), codes.len(),
            )
        }).collect();
        let query = format!(
            "T | where {condition} | summarize count(), countif(code >= 500), sum(ms), min(ms), max(ms), percentile(ms, 95), \
             dcount(code) by b = bin(t, 5m), d | sort by b asc, d asc"
        );
        prop_assert_eq!(logs.rows(&query), expected);

        let mut sorted: Vec<&Row> = kept.clone();
        sorted.sort_by_key(|row| (row.3.is_none(), row.3.map(std::cmp::Reverse)));
        let expected: Vec<String> = sorted.iter().take(n).map(|row| text(row.3)).collect();
        prop_assert_eq!(logs.rows(&format!("T | where {condition} | top {n} by ms | project ms")), expected.clone());
        prop_assert_eq!(logs.rows(&format!("T | where {condition} | sort by ms | take {n} | project ms")), expected);

        let distinct: BTreeSet<&String> = kept.iter().map(|row| &row.1).collect();
        let expected: Vec<String> = distinct.into_iter().cloned().collect();
        prop_assert_eq!(logs.rows(&format!("T | where {condition} | distinct d | sort by d asc")), expected);
    }
}
