//! Text and rows from somebody who means harm: nothing panics, stalls or takes all memory.

use std::time::{Duration, Instant};

use super::support::{logs, now};
use analytics::{Options, QueryError, query};
use proptest::prelude::*;

/// Longer than any of these takes on a slow machine, and shorter than anybody waits.
const LONG: Duration = Duration::from_secs(10);

fn quick(text: &str) -> Result<usize, QueryError> {
    let logs = logs();
    let started = Instant::now();
    let answer = query(&logs.store, text, &Options::at(now())).map(|answer| answer.len());
    let took = started.elapsed();
    assert!(took < LONG, "{took:?} for {} bytes", text.len());
    answer
}

#[test]
fn deep_and_long_texts_are_refused_at_once() {
    for text in [
        format!("print {}1{}", "(".repeat(100_000), ")".repeat(100_000)),
        format!("print {}1", "not(".repeat(100_000)),
        format!("print 1{}", " + 1".repeat(200_000)),
        format!("print x{}", "[0]".repeat(200_000)),
        format!("print 1{}", " | extend a = 1".repeat(50_000)),
        format!("{}print 1", "union (".repeat(50_000)),
        format!("print {}", "a".repeat(2 << 20)),
        format!("print {}", "\"a\" ".repeat(200_000) + "+"),
        "print '".repeat(100_000),
        "let a = 1; ".repeat(50_000) + "print a",
    ] {
        assert!(quick(&text).is_err(), "{}…", &text[..60.min(text.len())]);
    }
}

#[test]
fn wide_texts_are_answered() {
    let any: Vec<String> = (0..20_000).map(|at| format!("x == {at}")).collect();
    assert_eq!(quick(&format!("range x from 1 to 10 step 1 | where {}", any.join(" or "))), Ok(10));
    let list: Vec<String> = (0..50_000).map(|at| at.to_string()).collect();
    assert_eq!(
        quick(&format!("range x from 1 to 10 step 1 | where x in ({})", list.join(","))),
        Ok(10)
    );
    assert_eq!(quick(&format!("print {}", "'a' ".repeat(200_000))), Ok(1));
    assert_eq!(quick(&format!("print {}1", "-".repeat(500_000))), Ok(1));
}

#[test]
fn tables_that_double_are_refused() {
    let mut text = String::from("let t0 = range x from 1 to 2 step 1; ");
    for at in 1..100 {
        text.push_str(&format!("let t{at} = union t{}, t{}; ", at - 1, at - 1));
    }
    text.push_str("t99 | count");
    assert!(matches!(quick(&text), Err(QueryError::TooLarge(_))));
}

#[test]
fn strings_that_double_stay_small() {
    let doubling = " | extend a = strcat(a, a)".repeat(100);
    assert_eq!(quick(&format!("print a = 'x'{doubling} | where strlen(a) == 1048576")), Ok(1));
    let many = quick(&format!(
        "range n from 1 to 60000 step 1 | extend a = tostring(n){doubling} | count"
    ));
    assert!(matches!(many, Err(QueryError::OutOfMemory { .. })), "{many:?}");
}

#[test]
fn regular_expressions_stay_linear_and_small() {
    let text = "print a = strcat('a', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!') | where a matches regex '(a+)+$'";
    assert_eq!(quick(text), Ok(0));
    let bomb = quick("print 'a' matches regex '((a{1,1000}){1,1000}){1,1000}'");
    assert!(matches!(bomb, Err(QueryError::Semantic { .. })), "{bomb:?}");
}

#[test]
fn terms_are_looked_for_in_linear_time() {
    let (row, term) = ("a ".repeat(200_000), "a ".repeat(50_000));
    assert_eq!(
        quick(&format!("print s = '{row}' | extend t = strcat('{term}', 'c') | where s has t")),
        Ok(0)
    );
    assert_eq!(quick("print s = 'xa a a' | where s has 'a a'"), Ok(1));
}

#[test]
fn a_query_ends_at_its_deadline_and_at_its_memory() {
    let logs = logs();
    let numbers = "range x from 1 to 1000000 step 1";
    let mut options = Options::at(now());
    options.deadline = Some(Instant::now() + Duration::from_millis(50));
    let cross = format!(
        "{numbers} | extend k = 1 | join kind=inner ({numbers} | extend k = 1) on k | count"
    );
    let started = Instant::now();
    let error = query(&logs.store, &cross, &options).expect_err("a trillion rows");
    assert!(matches!(error, QueryError::TimedOut | QueryError::OutOfMemory { .. }), "{error:?}");
    assert!(started.elapsed() < LONG);
    let mut options = Options::at(now());
    options.memory_max = 1 << 20;
    for text in [
        format!("{numbers} | sort by x"),
        format!("{numbers} | summarize count() by x"),
        format!("{numbers} | summarize dcount(x)"),
        format!("{numbers} | summarize make_list(x)"),
        format!("{numbers} | summarize percentile(x, 50)"),
        format!("print x = 1 | join ({numbers}) on x"),
        numbers.to_owned(),
    ] {
        let error = query(&logs.store, &text, &options).expect_err("more than a megabyte");
        assert_eq!(error, QueryError::OutOfMemory { limit: 1 << 20 }, "{text}");
    }
}

#[test]
fn an_answer_is_cut_at_the_services_limits_and_says_so() {
    let logs = logs();
    let mut options = Options::at(now());
    options.rows_max = 10;
    let answer = query(&logs.store, "range x from 1 to 11 step 1", &options).expect("an answer");
    assert_eq!(answer.len(), 10);
    let json: serde_json::Value = serde_json::from_str(&answer.to_json()).expect("JSON");
    assert_eq!(json["error"]["code"], "PartialError");
    let message = json["error"]["details"][0]["message"].as_str().expect("a message");
    assert!(message.contains("record count limit 10 (E_QUERY_RESULT_SET_TOO_LARGE)"), "{message}");
    let whole = query(&logs.store, "range x from 1 to 10 step 1", &options).expect("an answer");
    assert!(whole.partial.is_empty() && !whole.to_json().contains("error"));
    options.rows_max = usize::MAX;
    options.bytes_max = 1000;
    let answer =
        query(&logs.store, "range x from 1 to 100000 step 1", &options).expect("an answer");
    assert!(!answer.partial.is_empty() && answer.to_json().len() < 2000, "{} rows", answer.len());
}

/// Parts of queries, so that many of the texts get past the parser.
fn part() -> impl Strategy<Value = String> {
    prop_oneof![
        prop::sample::select(vec![
            "AmlOnlineEndpointTrafficLog",
            "|",
            "where",
            "project",
            "extend",
            "summarize",
            "by",
            "count()",
            "sort by",
            "top",
            "take",
            "join",
            "on",
            "union",
            "let",
            "=",
            ";",
            "(",
            ")",
            "[",
            "]",
            ",",
            "ResponseCode",
            "TimeGenerated",
            "Path",
            "==",
            "!=",
            "<",
            "and",
            "or",
            "in",
            "!in~",
            "has",
            "between",
            "..",
            "5",
            "5m",
            "'x'",
            "datetime(2026-01-01)",
            "dynamic({\"a\":1})",
            "bin(TimeGenerated, 5m)",
            "ago(1h)",
            "-",
            "+",
            "*",
            "/",
            "%",
            ".",
            "tostring(",
            "iff(",
            "percentile(",
            "distinct",
            "render timechart",
            "kind=inner",
            "print",
            "range x from 1 to 3 step 1",
            "not(",
            "~",
        ])
        .prop_map(str::to_owned),
        ".{0,4}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]

    #[test]
    fn no_text_panics(parts in prop::collection::vec(part(), 0..25)) {
        thread_local!(static LOGS: super::support::Logs = logs());
        LOGS.with(|logs| {
            let text = parts.join(" ");
            let mut options = Options::at(now());
            options.deadline = Some(Instant::now() + Duration::from_secs(5));
            if let Err(error) = query(&logs.store, &text, &options) {
                // Messages and places are computed for every error.
                let _ = (error.message(), error.to_json());
            }
        });
    }

    #[test]
    fn no_letters_panic(text in any::<String>()) {
        thread_local!(static LOGS: super::support::Logs = logs());
        LOGS.with(|logs| drop(logs.ask(&text)));
    }
}
