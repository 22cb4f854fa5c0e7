//! What probes count as, and what is said of them.

use super::*;

#[test]
fn what_came_back_is_counted_by_what_it_means_to_clients() {
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
fn every_probe_is_counted_as_a_request_of_the_consoles_own() {
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
fn an_answer_that_does_not_come_counts_by_how_long_it_was_waited_for() {
    let mut count = Count::default();
    let number = count.begin();
    let since = Instant::now().checked_sub(Duration::from_secs(3)).expect("the machine is up");
    count.open.insert(number, since);
    let Probe::Tally(tally) = count.told() else { panic!("it was probed") };
    assert!(tally.worst_ms.is_some_and(|worst| worst >= 3_000), "{tally:?}");
}

#[test]
fn why_nothing_could_be_sent_is_told_until_something_was() {
    let mut count = Count { trouble: Some("no key.".to_owned()), ..Count::default() };
    assert_eq!(count.told(), Probe::Impossible { why: "no key.".to_owned() });
    count.begin();
    assert!(matches!(count.told(), Probe::Tally(_)));
}
