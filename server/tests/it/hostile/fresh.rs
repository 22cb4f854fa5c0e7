//! A stage is shown as fresh only while Azure answers in time. Unreadable items cause one line in the log,
//! whatever their number.

use super::azure::{arm, workspace};
use super::mode::Mode;
use super::server::World;
use crate::support::PATIENCE;
use domain::policy::Policy;
use domain::stage::{Freshness, Stage};
use server::azure::arm::Arm;
use server::azure::endpoints;
use server::clock::Clock;
use server::patience::Patience;
use server::stages::Observation;
use server::stages::Observer;
use server::stages::RoundTime;
use server::stages::run;
use server::stages::surroundings::Surroundings;
use server::stages::traffic::TrafficCache;
use server::stages::{Rules, StageContext};
use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

fn place(arm: Arm) -> StageContext {
    let ms = Duration::from_millis;
    // Much shorter than the time that one answer may take here.
    let time = RoundTime { fresh: ms(1_500), whole: ms(3_000) };
    StageContext {
        stage: Stage {
            name: "anet-prod".parse().expect("a stage"),
            subscription: "s".to_owned(),
            resource_group: "rg".to_owned(),
            workspace: "w".to_owned(),
            protected: false,
        },
        rules: Rules::new(Policy::default()),
        arm,
        workspace: workspace(),
        observer: Arc::new(Observer::new(ms(50), Patience::lasting(ms(100))).taking(time)),
        traffic: TrafficCache::new(ms(100)),
        around: Surroundings::new(ms(100), None),
        patience: Patience::lasting(ms(100)),
        probing: None,
    }
}

async fn until(
    place: &StageContext,
    what: &str,
    is_so: impl Fn(&Observation) -> bool,
) -> Arc<Observation> {
    let mut seen = place.observer.subscribe();
    let found = tokio::time::timeout(PATIENCE, seen.wait_for(|seen| is_so(seen))).await;
    Arc::clone(&found.unwrap_or_else(|_| panic!("never observed: {what}")).expect("it is observed"))
}

#[tokio::test]
async fn a_slow_stage_is_not_shown_as_fresh_after_the_deadline() {
    let world = World::start(Mode::Honest).await;
    // This test covers the round's own deadline, not that of a single answer.
    let place = Arc::new(place(arm(&world)));
    let observed = tokio::spawn(run(Arc::clone(&place), Clock::system()));
    until(&place, "fresh", |seen| seen.freshness.is_fresh()).await;
    world.turn(Mode::Drip);
    let seen = until(&place, "stale", |seen| !seen.freshness.is_fresh()).await;
    match &seen.freshness {
        Freshness::Stale { since: Some(_), reason } => {
            assert!(reason.contains("longer than 1.5 s"), "{reason}");
        }
        other => panic!("{other:?}"),
    }
    assert!(!seen.endpoints.is_empty(), "known endpoints stay");
    let given_up = |seen: &Observation| match &seen.freshness {
        Freshness::Stale { reason, .. } => reason.contains("could not be read within 3 s"),
        _ => false,
    };
    until(&place, "given up", given_up).await;
    world.turn(Mode::Honest);
    until(&place, "fresh again", |seen| seen.freshness.is_fresh()).await;
    observed.abort();
}

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("no panic").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn a_list_of_unreadable_items_causes_one_log_line() {
    let lines = Lines::default();
    let writer = lines.clone();
    let world = World::start(Mode::Odd).await;
    let stage = "anet-prod".parse().expect("a stage");
    // All of this test runs on one thread.
    let logging = tracing::subscriber::set_default(server::log::to(move || writer.clone()));
    let read = endpoints::list(&arm(&world), &workspace(), &stage).await;
    drop(logging);
    assert!(read.expect("the readable items").is_empty());
    let written = String::from_utf8(lines.0.lock().expect("no panic").clone()).expect("UTF-8");
    let lines: Vec<_> = written.lines().filter(|line| line.contains("skipped")).collect();
    assert_eq!(lines.len(), 1, "{written}");
    assert!(lines[0].contains("count=1000") && written.len() < 4_000, "{written}");
}
