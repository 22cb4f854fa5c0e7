//! One console that is killed with `kill -9`, in the middle of changes that were asked for directly.

use super::change::{Change, EVENTS_MAX};
use super::witness::{Before, Beside, Witness, is_intact};
use super::{Death, SPEED, at_random, soak_rounds, timed};
use crate::support::fleet::{Azure, Besides, Replica};
use crate::support::{Browser, DANA};
use server::store::Database;

/// Longest that a random kill waits, in milliseconds: about as long as a run takes.
const RANDOM_MS_MAX: u64 = 700;

/// One console that is killed, on a database of its own.
pub struct Victim {
    pub witness: Witness,
    pub console: Replica,
    pub kills: usize,
}

impl Victim {
    /// Starts it, and looks into its database.
    pub async fn start(azure: Azure, besides: &Besides) -> Self {
        let mut console = Replica::with(&azure, "console", None, besides);
        console.start().await;
        let Ok(Database::Sqlite(pool, _)) = Database::in_directory(console.data()).await else {
            panic!("it is SQLite");
        };
        let witness = Witness { azure, beside: Beside::Sqlite(pool), with_late: false };
        Self { witness, console, kills: 0 }
    }

    /// `kill -9`, and the next one starts on what it left behind.
    pub async fn kill(&mut self) {
        self.console.kill();
        self.kills += 1;
        self.console.start().await;
    }

    /// Is killed as told, during what was asked for after `before`.
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

    /// Asks for a change, kills the console meanwhile, and looks what became of it.
    async fn round(&mut self, dana: &Browser, change: Change, death: Death) {
        let before = self.witness.before().await;
        let asked = tokio::spawn(change.form(dana).send());
        self.dies(death, before).await;
        // It was answered or not; what counts is what was written down.
        let _ = asked.await;
        if self.witness.beside.runs().await == before.runs {
            let again = change.form(dana).send().await.expect("it answers");
            let status = again.status();
            assert_eq!(status, 303, "{}", again.text().await.unwrap_or_default());
        }
        let said = || format!("killed at {death:?}\n{}", self.console.log());
        self.witness.check(change, before, said).await;
    }
}

/// So many rounds, each with its moment of death. Returns how many kills there were.
async fn survives(rounds: usize, death: impl Fn(usize) -> Death) -> usize {
    let mut victim = Victim::start(Azure::start(SPEED).await, &Besides::default()).await;
    let dana = victim.console.signed_in(DANA).await;
    for round in 0..rounds {
        victim.round(&dana, Change::of(round), death(round)).await;
    }
    is_intact(dana).await;
    victim.kills
}

#[tokio::test]
async fn a_killed_console_goes_on_where_it_was() {
    let exact = |round: usize| Death::At(i64::try_from(round).expect("small"));
    survives(usize::try_from(EVENTS_MAX).expect("small"), exact).await;
    survives(4, |_| Death::Random(RANDOM_MS_MAX)).await;
}

#[tokio::test]
#[ignore = "takes minutes: make soak"]
async fn soak_kills() {
    let rounds = soak_rounds(400);
    // Each event of each change first, then whenever it comes.
    let exact = |round: usize| {
        let event = i64::try_from(round / 4).unwrap_or(i64::MAX);
        if event < EVENTS_MAX { Death::At(event) } else { Death::Random(RANDOM_MS_MAX) }
    };
    let lanes = tokio::join!(
        timed("kills at each event, then at random", survives(rounds, exact)),
        timed("kills after each event of each run", survives(rounds / 4, |_| Death::Each)),
        timed("kills at random", survives(rounds, |_| Death::Random(RANDOM_MS_MAX))),
    );
    eprintln!("{} kills survived", lanes.0 + lanes.1 + lanes.2);
}
