//! Which minute is shown, which minutes form a period, and what the minute p99 says about requests.

use super::*;
use crate::route::Route;
use proptest::prelude::*;

fn traffic(requests: &[Option<f32>]) -> Traffic {
    let minute = |requests: &Option<f32>| Minute { requests: *requests, ..Minute::default() };
    let minutes = requests.iter().map(minute).collect();
    let series = Series { deployment: "anet-eedi".parse().expect("a name"), minutes };
    Traffic { start: Timestamp(0), series: vec![series], trouble: None }
}

#[test]
fn the_newest_minute_is_complete_and_measured() {
    assert_eq!(traffic(&[Some(9.0), Some(8.0), Some(1.0)]).newest(), 1);
    assert_eq!(traffic(&[Some(9.0), None, None]).newest(), 0);
    assert_eq!(traffic(&[None, None, Some(1.0)]).newest(), 2);
    assert_eq!(traffic(&[]).newest(), 0);
}

#[test]
fn a_period_has_whole_minutes_before_or_after_a_time() {
    for (at, after, before) in
        [(600_000, 600_000, 480_000), (600_001, 660_000, 480_000), (659_999, 660_000, 480_000)]
    {
        let period = Period::after(Timestamp(at), 2);
        assert_eq!((period.start.0, period.end().0), (after, after + 120_000), "{at}");
        let period = Period::before(Timestamp(at), 2);
        assert_eq!((period.start.0, period.end().0), (before, before + 120_000), "{at}");
    }
}

#[test]
fn the_minute_p99_of_live_traffic_ignores_shadows_and_old_values() {
    let series = |name: &str, minutes: &[(f32, f32)]| {
        let minute = |(requests, p99): &(f32, f32)| Minute {
            requests: Some(*requests),
            p99_ms: Some(*p99),
            ..Minute::default()
        };
        let deployment = name.parse().expect("a name");
        Series { deployment, minutes: minutes.iter().map(minute).collect() }
    };
    let blue = series("blue", &[(80.0, 20.5), (15.0, 90.0), (5.0, 4_000.0), (0.0, 9_000.0)]);
    let shadow = series("green", &[(1_000.0, 5.0)]);
    let all = |trouble| Traffic {
        start: Timestamp(0),
        series: vec![shadow.clone(), blue.clone()],
        trouble,
    };
    let split = |text: &str| text.parse::<Route>().expect("a route").split().clone();
    let live = split("blue=100;mirror=green:10");
    assert_eq!(all(None).minute_p99_ms(&live), Some(90), "one slow minute with few requests");
    assert_eq!(all(None).minute_p99_ms(&split("green=100")), Some(5));
    assert_eq!(all(None).minute_p99_ms(&split("red=100")), None, "nothing was measured");
    assert_eq!(all(Some("old".to_owned())).minute_p99_ms(&live), None, "the newest are missing");
}

/// The lowest latency such that at least 99 of 100 requests took this long or less.
fn p99(requests: impl IntoIterator<Item = f32>) -> f32 {
    let mut sorted: Vec<_> = requests.into_iter().collect();
    sorted.sort_by(f32::total_cmp);
    sorted[(sorted.len() * 99).div_ceil(100) - 1]
}

/// The minute p99 of minutes, each with the latencies of its requests.
fn minute_p99(minutes: &[Vec<f32>]) -> f32 {
    let minute = |latencies: &Vec<f32>| Minute {
        requests: Some(latencies.len() as f32),
        p99_ms: Some(p99(latencies.iter().copied())),
        ..Minute::default()
    };
    let minutes: Vec<_> = minutes.iter().map(minute).collect();
    minute_p99_ms(&minutes).expect("a minute with requests")
}

#[test]
fn the_minute_p99_is_not_the_p99_of_all_requests() {
    let requests = |counts: &[(usize, f32)]| -> Vec<f32> {
        counts.iter().flat_map(|(count, ms)| vec![*ms; *count]).collect()
    };
    let fast = || requests(&[(100, 10.0)]);
    for (minutes, of_all, of_minutes, why) in [
        (vec![requests(&[(98, 10.0), (2, 80.0)])], 80.0, 80.0, "both are the p99 of one minute"),
        (vec![fast(), fast()], 10.0, 10.0, "all minutes are alike"),
        (
            vec![requests(&[(950, 10.0)]), requests(&[(50, 900.0)])],
            900.0,
            10.0,
            "too low: 5 % of the requests fell in a slow minute, which the minute p99 ignores",
        ),
        (
            vec![requests(&[(800, 10.0)]), requests(&[(197, 10.0), (3, 900.0)])],
            10.0,
            900.0,
            "too high: 3 of 1,000 requests were slow, all of them in one of the minutes that count",
        ),
    ] {
        assert_eq!(p99(minutes.concat()), of_all, "the p99: {why}");
        assert_eq!(minute_p99(&minutes), of_minutes, "the minute p99: {why}");
    }
}

proptest! {
    #[test]
    fn few_requests_take_longer_than_the_minute_p99(
        minutes in prop::collection::vec(prop::collection::vec(0_u16..500, 1..300), 1..20),
    ) {
        let minutes: Vec<Vec<f32>> =
            minutes.iter().map(|minute| minute.iter().map(|ms| f32::from(*ms)).collect()).collect();
        let x = minute_p99(&minutes);
        let longer = |minute: &[f32], than: f32| minute.iter().filter(|ms| **ms > than).count();
        let (mut within, mut of_within, mut all, mut of_all) = (0, 0, 0, 0);
        for minute in &minutes {
            all += minute.len();
            of_all += longer(minute, x);
            if p99(minute.iter().copied()) <= x {
                within += minute.len();
                of_within += longer(minute, x);
            }
        }
        prop_assert!(of_within * 100 <= within, "1 % of the minutes up to the minute p99");
        prop_assert!(within * 10 >= all * 9, "90 % of the requests");
        prop_assert!(of_all * 1_000 <= all * 109, "10.9 % of all requests");
        let slowest = minutes.iter().map(|minute| p99(minute.iter().copied())).fold(0.0, f32::max);
        let over = minutes.iter().map(|minute| longer(minute, slowest)).sum::<usize>();
        prop_assert!(over * 100 <= all, "1 % of all requests, if no minute's p99 is higher");
    }
}
