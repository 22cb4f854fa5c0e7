//! URL plans.

use std::time::{Duration, Instant};

use load::{Ended, LoadFailure, Plan, UrlLoad};

use crate::server::{Behaviour, Server};
use crate::surroundings::{
    SECRET, STARTED_AT_MS, Surroundings, is_empty, load_test, rate, request, too_many_errors,
    url_plan,
};

#[tokio::test]
async fn every_scheduled_request_is_sent_and_counted() {
    let server = Server::start(Behaviour::Plain).await;
    let requests = vec![
        request("score", &server.url("/score")),
        request("bad", &server.url(&format!("/bad?key={SECRET}"))),
        request("score", &server.url("/score")),
    ];
    let mut plan = url_plan(requests, rate(200.0, 50), 2.0);
    plan.ramp_up = Duration::from_secs(1);
    let around = Surroundings::new(1_000);
    let summary = around.run(&load_test(Plan::Url(plan), 2)).await.unwrap();
    // 100 while the rate rises, 200 after that.
    assert_eq!((summary.total.count, server.requests()), (300, 300));
    assert_eq!((summary.by_name["score"].count, summary.by_name["bad"].count), (200, 100));
    assert_eq!(
        summary.by_name["bad"].failures,
        [("HTTP 503 Service Unavailable".to_owned(), 100)].into()
    );
    assert_eq!((summary.total.failed(), summary.total.latencies.count()), (100, 300));
    assert_eq!(summary.ended, Ended::Finished);
    assert!(summary.started_at_ms.abs_diff(STARTED_AT_MS) < 1_000);
    assert!((1_900..5_000).contains(&summary.duration.as_millis()), "{:?}", summary.duration);

    let samples = around.samples().await;
    assert_eq!(samples.iter().map(|sample| sample.tally.count).sum::<u64>(), 300);
    let of_first: u64 =
        samples.iter().filter(|one| one.second == 0).map(|one| one.tally.count).sum();
    assert!((80..=140).contains(&of_first), "{of_first}");
    assert!(samples.iter().any(|sample| sample.engine == 1));

    let rows: u64 = summary.results.iter().map(|file| file.rows).sum();
    assert_eq!((rows, summary.results.len()), (300, 2));
    for file in &summary.results {
        let text = std::fs::read_to_string(&file.path).unwrap();
        assert!(text.contains("/bad?key=***") && !text.contains(SECRET), "{}", &text[..500]);
    }
    assert!(is_empty(&around.work_dir()));
}

#[tokio::test]
async fn users_wait_for_their_responses() {
    let server = Server::start(Behaviour::Closing).await;
    let plan = url_plan(vec![request("a", &server.url("/"))], UrlLoad::Users(3), 1.5);
    let around = Surroundings::new(1_000);
    let summary = around.run(&load_test(Plan::Url(plan), 1)).await.unwrap();
    assert_eq!((summary.total.count, summary.total.failed()), (server.requests(), 0));
    assert!(summary.total.count > 100, "{}", summary.total.count);
    assert_eq!((summary.users_max, around.samples().await[0].users), (3, 3));
}

#[tokio::test]
async fn failures_have_kinds_that_say_what_happened() {
    let silent = Server::start(Behaviour::Silent).await;
    let closed = {
        let server = Server::start(Behaviour::Plain).await;
        server.url("/")
    };
    let requests = vec![request("silent", &silent.url("/")), request("closed", &closed)];
    let mut plan = url_plan(requests, rate(30.0, 40), 0.5);
    plan.timeout = Duration::from_millis(1_500);
    let around = Surroundings::new(1_000);
    let summary = around.run(&load_test(Plan::Url(plan), 1)).await.unwrap();
    let kind = |name: &str| summary.by_name[name].failures.keys().cloned().collect::<Vec<_>>();
    assert_eq!(kind("silent"), ["no complete response within 1.5 s"]);
    assert_eq!(kind("closed"), ["connection refused"]);
    assert_eq!((summary.total.count, summary.total.failed()), (15, 15));
}

#[tokio::test]
async fn what_was_due_and_never_sent_has_failed() {
    let silent = Server::start(Behaviour::Silent).await;
    let mut plan = url_plan(vec![request("a", &silent.url("/"))], rate(100.0, 1), 0.5);
    plan.timeout = Duration::from_millis(400);
    let around = Surroundings::new(1_000);
    let summary = around.run(&load_test(Plan::Url(plan), 1)).await.unwrap();
    let failures = &summary.total.failures;
    let unsent = failures.iter().find(|(kind, _)| kind.starts_with("not sent")).unwrap().1;
    assert_eq!((summary.total.count, summary.total.failed()), (50, 50));
    assert!(*unsent >= 45 && silent.requests() == 50 - unsent, "{failures:?}");
}

#[tokio::test]
async fn a_cancelled_test_ends_at_once_with_what_it_counted() {
    let server = Server::start(Behaviour::Plain).await;
    let plan = url_plan(vec![request("a", &server.url("/"))], rate(100.0, 10), 3_600.0);
    let around = Surroundings::new(1_000);
    let test = load_test(Plan::Url(plan), 2);
    let began = Instant::now();
    let (summary, ()) = tokio::join!(around.run(&test), around.cancel_when_running());
    let summary = summary.unwrap();
    assert_eq!(summary.ended, Ended::Cancelled);
    assert!(summary.total.count > 50 && began.elapsed() < Duration::from_secs(10));
}

#[tokio::test]
async fn a_test_that_was_dropped_sends_nothing_more() {
    let server = Server::start(Behaviour::Plain).await;
    let plan = url_plan(vec![request("a", &server.url("/"))], UrlLoad::Users(4), 3_600.0);
    let around = Surroundings::new(1_000);
    let test = load_test(Plan::Url(plan), 1);
    tokio::select! {
        _ = around.run(&test) => panic!("it ended by itself"),
        _ = around.sample() => {}
    }
    server.disconnected().await;
}

#[tokio::test]
async fn too_many_errors_stop_the_test() {
    let server = Server::start(Behaviour::Failing).await;
    let plan = url_plan(vec![request("a", &server.url("/"))], rate(100.0, 10), 60.0);
    let mut test = load_test(Plan::Url(plan), 1);
    test.auto_stop = Some(too_many_errors(90.0));
    let around = Surroundings::new(1_000);
    let summary = around.run(&test).await.unwrap();
    let window = Duration::from_secs(1);
    assert_eq!(summary.ended, Ended::TooManyErrors { percent: 100.0, window });
    assert!(summary.duration < Duration::from_secs(30), "{:?}", summary.duration);
}

#[tokio::test]
async fn a_caller_that_takes_no_samples_delays_nothing() {
    let server = Server::start(Behaviour::Plain).await;
    let requests = vec![request("a", &server.url("/")), request("b", &server.url("/"))];
    let plan = url_plan(requests, rate(100.0, 10), 2.2);
    let around = Surroundings::new(1);
    let summary = around.run(&load_test(Plan::Url(plan), 1)).await.unwrap();
    assert_eq!((summary.total.count, summary.total.failed()), (220, 0));
    assert!(summary.samples_dropped >= 3, "{}", summary.samples_dropped);
}

#[tokio::test]
async fn a_plan_outside_its_limits_is_refused() {
    let around = Surroundings::new(1);
    let valid = || url_plan(vec![request("a", "http://127.0.0.1:1/")], rate(1.0, 1), 1.0);
    let mut plans = vec![url_plan(Vec::new(), rate(1.0, 1), 1.0)];
    plans.extend([rate(0.0, 1), rate(f64::NAN, 1), rate(1.0, 0), UrlLoad::Users(0)].map(|load| {
        let mut plan = valid();
        plan.load = load;
        plan
    }));
    for url in ["/relative", "ftp://127.0.0.1/"] {
        let mut plan = valid();
        plan.requests[0].url = url.parse().unwrap();
        plans.push(plan);
    }
    let mut plan = valid();
    plan.ramp_up = Duration::from_secs(2);
    plans.push(plan);
    for plan in plans {
        let shown = format!("{plan:?}");
        let refused = around.run(&load_test(Plan::Url(plan), 1)).await;
        assert!(matches!(refused, Err(LoadFailure::Refused(_))), "{shown}");
    }
    for engines in [0, 46] {
        let refused = around.run(&load_test(Plan::Url(valid()), engines)).await;
        assert!(matches!(refused, Err(LoadFailure::Refused(_))), "{engines}");
    }
}
