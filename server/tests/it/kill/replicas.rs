//! Three consoles on one PostgreSQL server, and rounds in which a person requests a change at one of them
//! while others fail.

use super::SPEED;
use super::change::{Change, EVENTS_MAX};
use super::witness::{Before, Beside, Witness, expect_intact};
use crate::support::fleet::{Azure, Replica};
use crate::support::{Browser, DANA};
use rand::Rng as _;
use reqwest::{RequestBuilder, StatusCode};
use sqlx::PgPool;
use tokio::task::JoinHandle;

const NAMES: [&str; 3] = ["one", "two", "three"];

/// When in a round the failure happens.
#[derive(Debug, Clone, Copy)]
pub enum Moment {
    /// After each event in turn, but never before the first.
    ByTurns,
    /// After the intent is written, immediately before the write is sent.
    Intent,
}

impl Moment {
    /// The number of events of the round at this moment.
    fn event(self, round: usize) -> i64 {
        match self {
            Self::ByTurns => 1 + i64::try_from(round).expect("small") % (EVENTS_MAX - 3),
            // Requested; the check began and succeeded; the step began, and is sending.
            Self::Intent => 5,
        }
    }
}

/// Three replicas, their user, and their witness.
pub struct Replicas {
    witness: Witness,
    all: Vec<Replica>,
    dana: Browser,
    first: Before,
    rounds: usize,
}

/// A requested change.
pub struct Asked {
    change: Change,
    before: Before,
    pub of: usize,
    answer: JoinHandle<StatusCode>,
}

impl Replicas {
    /// Starts them, each with its own connection to the database. `beside` is another one that never fails.
    pub async fn start(beside: &str, ways: [&str; NAMES.len()]) -> Self {
        let azure = Azure::start(SPEED).await;
        let mut all = Vec::new();
        for (name, way) in NAMES.into_iter().zip(ways) {
            let mut replica = Replica::new(&azure, name, Some(way));
            replica.start().await;
            all.push(replica);
        }
        let beside = Beside::Postgres(PgPool::connect(beside).await.expect("it answers"));
        let dana = all[0].signed_in(DANA).await;
        let witness = Witness { azure, beside, with_late: true };
        let first = witness.before().await;
        Self { witness, all, dana, first, rounds: 0 }
    }

    /// A random one.
    pub fn any(&self) -> usize {
        rand::rng().random_range(0..self.all.len())
    }

    pub fn others(&self, than: usize) -> impl Iterator<Item = &Replica> {
        self.all.iter().enumerate().filter_map(move |(at, one)| (at != than).then_some(one))
    }

    /// A signed-in browser at one of them.
    pub fn browser(&self, at: usize) -> Browser {
        self.dana.at(self.all[at].url())
    }

    /// Begins a round: requests the next change at one of them, and waits for the event after which the
    /// failure happens.
    pub async fn ask(&mut self, moment: Moment) -> Asked {
        let change = Change::of(self.rounds);
        let (before, of) = (self.witness.before().await, self.any());
        let form = change.form(&self.browser(of)).await;
        let answer = tokio::spawn(answer(form));
        let event = moment.event(self.rounds);
        self.rounds += 1;
        self.witness.written(before, before.events + event).await;
        Asked { change, before, of, answer }
    }

    /// Checks that the requested change happened once.
    pub async fn check(&self, asked: &Asked, said: &str) {
        let said = || {
            let logs: String = self.all.iter().map(Replica::log).collect();
            format!("{said}\n{logs}")
        };
        self.witness.check(asked.change, asked.before, said).await;
    }

    /// Ends all rounds, after replicas that returned had time to repeat a write. Returns the number of late
    /// identical writes.
    pub async fn end(self) -> usize {
        let accepted = self.witness.accepted_with_late(self.first).await;
        assert_eq!(accepted.writes.len(), self.rounds, "{:#?}", accepted.writes);
        expect_intact(self.dana).await;
        accepted.late
    }
}

impl Asked {
    /// The replica's answer, if it could give one.
    pub async fn answer(self) -> StatusCode {
        self.answer.await.expect("it was not refused")
    }
}

/// Sends a form. Only a replica that cannot reach the database, or that meets an endpoint which Azure keeps
/// updating, may refuse, and must say “try again”.
async fn answer(form: RequestBuilder) -> StatusCode {
    let answer = form.send().await.expect("it answers in the end");
    let status = answer.status();
    if status != 303 {
        let text = answer.text().await.unwrap_or_default();
        assert_eq!(status, 503, "{text}");
        // Shows the reason if the round fails.
        eprintln!("a replica answered {status}: {text}");
    }
    status
}
