//! A console that is killed with `kill -9` during direct changes.

use super::change::{Change, EVENTS_MAX};
use super::witness::{Before, Beside, Witness, expect_intact};
use super::{Death, SPEED, at_random, soak_rounds, timed};
use crate::support::fleet::{Azure, Besides, Replica};
use crate::support::{Browser, DANA};
use server::store::Database;

/// The longest wait before a random kill, in milliseconds: about the duration of a run.
const RANDOM_MS_MAX: u64 = 700;

/// The console that is killed, with its own database.
pub struct Victim {
    pub witness: Witness,
    pub console: Replica,
    pub kills: usize,
}

impl Victim {
    /// Starts the console, and opens its database for reading.
    pub async fn start(azure: Azure, besides: &Besides) -> Self {
        let mut console = Replica::with(&azure, "console", None, besides);
        console.start().await;
        let Ok(Database::Sqlite(pool, _)) = Database::in_directory(console.data()).await else {
            panic!("it is SQLite");
        };
        let witness = Witness { azure, beside: Beside::Sqlite(pool), with_late: false };
        Self { witness, console, kills: 0 }
    }

    /// `kill -9`, and a new process starts on the same data.
    pub async fn kill(&mut self) {
        self.console.kill();
        self.kills += 1;
        self.console.start().await;
    }

    /// Kills the console at the given moment, during the change requested after `before`.
    pub async fn dies(&mut self, death: Death, before: Before) {
        match death {
            Death::At(events) => {
                self.witness.written(before, before.events + events).await;
                self.kill().await;
            }
            Death::Each => {
                let mut events = before.events + 1;
                while self.witness.written(before, events).await {
                    self.kill().await;
                    events += 1;
                }
            }
            Death::Random(ms_max) => {
                for _ in 0..2 {
                    at_random(ms_max).await;
                    self.kill().await;
                }
            }
        }
    }

    /// Requests a change, kills the console during it, and checks the outcome.
    async fn round(&mut self, dana: &Browser, change: Change, death: Death) {
        let before = self.witness.before().await;
        let asked = tokio::spawn(change.form(dana).await.send());
        self.dies(death, before).await;
        // The request may have had no answer; the store decides.
        let _ = asked.await;
        if self.witness.beside.runs().await == before.runs {
            let again = change.form(dana).await.send().await.expect("it answers");
            let status = again.status();
            assert_eq!(status, 303, "{}", again.text().await.unwrap_or_default());
        }
        let said = || format!("killed at {death:?}\n{}", self.console.log());
        self.witness.check(change, before, said).await;
    }
}

/// Runs rounds, each with its own moment of death. Returns the number of kills.
async fn survives(rounds: usize, death: impl Fn(usize) -> Death) -> usize {
    let mut victim = Victim::start(Azure::start(SPEED).await, &Besides::default()).await;
    let dana = victim.console.signed_in(DANA).await;
    for round in 0..rounds {
        victim.round(&dana, Change::of(round), death(round)).await;
    }
    expect_intact(dana).await;
    victim.kills
}

#[tokio::test]
async fn a_killed_console_continues_its_run() {
    let exact = |round: usize| Death::At(i64::try_from(round).expect("small"));
    survives(usize::try_from(EVENTS_MAX).expect("small"), exact).await;
    survives(4, |_| Death::Random(RANDOM_MS_MAX)).await;
}

#[tokio::test]
#[ignore = "takes minutes: make soak"]
async fn soak_kills() {
    let rounds = soak_rounds(160);
    // Each event of each change first, then random times.
    let exact = |round: usize| {
        let event = i64::try_from(round / 4).unwrap_or(i64::MAX);
        if event < EVENTS_MAX { Death::At(event) } else { Death::Random(RANDOM_MS_MAX) }
    };
    let lanes = tokio::join!(
        timed("kills after each event, then at random", survives(rounds, exact)),
        timed("kills after each event of each run", survives(rounds / 4, |_| Death::Each)),
        timed("kills at random", survives(rounds, |_| Death::Random(RANDOM_MS_MAX))),
    );
    eprintln!("{} kills survived", lanes.0 + lanes.1 + lanes.2);
}
