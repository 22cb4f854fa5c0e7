//! Who saw what happened: Azure's log of accepted writes, and the consoles' database, looked into from beside
//! them.

use super::change::Change;
use crate::support::fleet::Azure;
use crate::support::{Browser, LEO, PATIENCE};
use serde_json::Value;
use sqlx::{PgPool, SqlitePool};
use std::time::{Duration, Instant};

/// Between two looks: what is looked at is in other processes, which tell nobody of it.
const LOOK: Duration = Duration::from_millis(10);

/// Looks into the consoles' database beside them.
pub enum Beside {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

/// What was there before something was asked for.
#[derive(Debug, Clone, Copy)]
pub struct Before {
    accepted: usize,
    pub events: i64,
    pub runs: i64,
}

/// The two who saw it.
pub struct Witness {
    pub azure: Azure,
    pub beside: Beside,
    /// Where replicas are paused, a write may leave late, after another has sent the same (`operations/lease.rs`).
    /// One that is, byte for byte, the write before it, and a DELETE that found nothing, are then counted apart.
    /// Everywhere else they would be a second effect.
    pub with_late: bool,
}

/// What Azure accepted.
#[derive(Debug, Default)]
pub struct Accepted {
    /// Writes that had an effect.
    pub writes: Vec<Value>,
    /// Writes that repeated the one before, late.
    pub late: usize,
}

impl Beside {
    pub async fn count(&self, sql: &str) -> i64 {
        let counted = match self {
            Self::Sqlite(pool) => sqlx::query_scalar(sql).fetch_one(pool).await,
            Self::Postgres(pool) => sqlx::query_scalar(sql).fetch_one(pool).await,
        };
        counted.expect("a number")
    }

    pub async fn text(&self, sql: &str) -> String {
        let found = match self {
            Self::Sqlite(pool) => sqlx::query_scalar(sql).fetch_one(pool).await,
            Self::Postgres(pool) => sqlx::query_scalar(sql).fetch_one(pool).await,
        };
        found.expect("a text")
    }

    pub async fn events(&self) -> i64 {
        self.count("SELECT count(*) FROM journal").await
    }

    pub async fn runs(&self) -> i64 {
        self.count("SELECT count(*) FROM runs").await
    }

    /// Whether nothing is in flight.
    async fn rests(&self) -> bool {
        self.count("SELECT count(*) FROM runs WHERE standing = 'running'").await == 0
    }

    /// Waits until nothing is in flight, and tells how the newest run ended; when it does not end, how it
    /// stands.
    pub async fn rested(&self) -> String {
        let deadline = Instant::now() + PATIENCE;
        while !self.rests().await && Instant::now() < deadline {
            tokio::time::sleep(LOOK).await;
        }
        self.text("SELECT progress FROM runs ORDER BY started DESC, id LIMIT 1").await
    }

    /// What was written last, for whoever has to find out why it went wrong.
    async fn last_events(&self) -> String {
        let newest = "SELECT run || ' ' || number || ' at ' || at || ' by ' || coalesce(token, 0) || ': ' || event
                      FROM journal ORDER BY at DESC, number DESC LIMIT 1";
        let lease =
            "SELECT 'token ' || token || ', beat ' || beat || ', ' || coalesce(holder, 'nobody')
                     FROM leases ORDER BY token DESC LIMIT 1";
        format!("{}\n{}", self.text(newest).await, self.text(lease).await)
    }
}

impl Witness {
    /// Looks at how things are before something is asked for.
    pub async fn before(&self) -> Before {
        let accepted = self.azure.accepted().await.len();
        Before { accepted, events: self.beside.events().await, runs: self.beside.runs().await }
    }

    /// Waits until so many events are written in all, or a new run ended with fewer; whether they are.
    pub async fn written(&self, before: Before, events: i64) -> bool {
        let deadline = Instant::now() + PATIENCE;
        // No pause between two looks: what is to happen then should come as soon as it can.
        while self.beside.events().await < events {
            if self.beside.runs().await > before.runs && self.beside.rests().await {
                return self.beside.events().await >= events;
            }
            assert!(Instant::now() < deadline, "event {events} never came");
        }
        true
    }

    /// What Azure accepted since then.
    pub async fn accepted(&self, before: Before) -> Vec<Value> {
        self.told_apart(before).await.writes
    }

    /// The same, with the late identical writes counted.
    pub async fn told_apart(&self, before: Before) -> Accepted {
        let mut all = self.azure.accepted().await;
        let since = all.split_off(before.accepted);
        let mut last = all.pop().unwrap_or_default();
        let mut accepted = Accepted::default();
        for write in since {
            let is_same = ["method", "path", "body"].iter().all(|part| write[*part] == last[*part]);
            if self.with_late && (write["status"] == 204 || is_same) {
                accepted.late += 1;
                continue;
            }
            last = write.clone();
            accepted.writes.push(write);
        }
        accepted
    }

    /// Whatever happened in between: it was done once, and it is as asked.
    pub async fn check(&self, change: Change, before: Before, said: impl Fn() -> String) {
        let progress = self.beside.rested().await;
        if progress != "\"succeeded\"" {
            let last = self.beside.last_events().await;
            panic!("{progress}: {change:?} {last}\n{}", said());
        }
        change.check(&self.azure).await;
        let log = self.accepted(before).await;
        let writes: Vec<_> = log.iter().map(|write| (&write["method"], &write["path"])).collect();
        let (method, end) = change.write();
        let [(sent, path)] = &writes[..] else {
            panic!("one write, not {writes:?}: {change:?} {}", said())
        };
        let is_it = path.as_str().is_some_and(|path| path.ends_with(end));
        assert!(*sent == method && is_it, "{writes:?} {}", said());
    }
}

/// The ledger is whole after all that.
pub async fn is_intact(mut anybody: Browser) {
    anybody.cookies.clear();
    anybody.sign_in(LEO, "/history").await;
    anybody.post("/history", &[]).await.expect(200).says("Intact");
}
