//! How probes are counted and reported.

use super::*;

#[test]
fn an_answer_counts_as_clients_see_it() {
    let mut count = Count::default();
    assert_eq!(count.told(), Probe::Tally(Tally::default()));
    for met in [Met::Answer, Met::Nothing, Met::ModelError, Met::Answer] {
        let number = count.begin();
        count.end(number, met);
    }
    count.begin();
    let Probe::Tally(tally) = count.told() else { panic!("it was probed") };
    assert_eq!((tally.done, tally.failed, tally.model_errors, tally.open), (4, 1, 1, 1));
    assert!(tally.worst_ms.is_some());
}

#[test]
fn every_probe_counts_as_the_consoles_own_request() {
    let mut count = Count::default();
    let green: Option<DeploymentName> = "green".parse().ok();
    count.sent(green.clone(), Timestamp(60_000), Some(200));
    count.sent(green.clone(), Timestamp(61_000), Some(424));
    count.sent(green, Timestamp(120_000), Some(200));
    count.begin();
    count.give_up(Timestamp(120_000));
    count.give_up(Timestamp(120_000));
    let counts: Vec<_> =
        count.own.iter().map(|one| (one.minute.0, one.calls, one.errors)).collect();
    assert_eq!(counts, [(60_000, 2, 1), (120_000, 1, 0), (120_000, 1, 0)]);
}

#[test]
fn the_wait_for_a_missing_answer_counts_as_latency() {
    let mut count = Count::default();
    let number = count.begin();
    let since = Instant::now().checked_sub(Duration::from_secs(3)).expect("the machine is up");
    count.open.insert(number, since);
    let Probe::Tally(tally) = count.told() else { panic!("it was probed") };
    assert!(tally.worst_ms.is_some_and(|worst| worst >= 3_000), "{tally:?}");
}

#[test]
fn the_reason_why_no_probe_can_be_sent_is_reported_until_one_is_sent() {
    let mut count = Count { trouble: Some("no key.".to_owned()), ..Count::default() };
    assert_eq!(count.told(), Probe::Impossible { why: "no key.".to_owned() });
    count.begin();
    assert!(matches!(count.told(), Probe::Tally(_)));
}
