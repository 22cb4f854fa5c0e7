//! A server that stops for two seconds: what an open and a closed model say about it.

use std::time::Duration;

use load::{Plan, UrlLoad};

use crate::server::{Behaviour, Server};
use crate::surroundings::{Surroundings, load_test, rate, request, url_plan};

const STALL: Behaviour =
    Behaviour::Stalling { from: Duration::from_millis(1_000), until: Duration::from_millis(3_000) };

#[tokio::test]
async fn a_stall_shows_in_the_percentiles_of_an_open_model_and_not_of_a_closed_one() {
    let (first, second) = (Server::start(STALL).await, Server::start(STALL).await);
    let open = url_plan(vec![request("a", &first.url("/"))], rate(200.0, 20), 4.0);
    let closed = url_plan(vec![request("a", &second.url("/"))], UrlLoad::Users(2), 4.0);
    let (around, beside) = (Surroundings::new(1_000), Surroundings::new(1_000));
    let (open, closed) = (load_test(Plan::Url(open), 1), load_test(Plan::Url(closed), 1));
    let (open, closed) = tokio::join!(around.run(&open), beside.run(&closed));
    let (open, closed) = (open.unwrap().total, closed.unwrap().total);

    // Half of the requests were due during the stall, and waited two seconds at most and one on average. With 20
    // connections, most of them were not even sent during it. A machine that is busy adds to that.
    assert_eq!((open.count, open.failed()), (800, 0));
    let at = |share: f64| open.latencies.quantile_us(share) as f64 / 1e6;
    for (share, seconds) in [(0.60, 0.4), (0.75, 1.0), (0.90, 1.6), (0.99, 1.96)] {
        let is_honest = (seconds - 0.1..seconds + 1.5).contains(&at(share));
        assert!(is_honest, "p{}: {} s", share * 100.0, at(share));
    }

    // The closed model had two requests in the stall, and sent none meanwhile.
    let at = |share: f64| closed.latencies.quantile_us(share) as f64 / 1e6;
    assert!(closed.count > 300 && at(0.99) < 0.5, "{} requests, p99 {}", closed.count, at(0.99));
    assert!(at(1.0) > 1.9, "max {}", at(1.0));
}
