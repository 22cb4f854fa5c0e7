//! The witnesses: Azure's log of accepted writes, and the consoles' database.

use super::change::Change;
use crate::support::fleet::Azure;
use crate::support::{Browser, LEO, PATIENCE};
use serde_json::Value;
use sqlx::{PgPool, SqlitePool};
use std::time::{Duration, Instant};

/// The pause between two reads. Other processes send no notification to this test.
const LOOK: Duration = Duration::from_millis(10);

/// Reads the consoles' database.
pub enum Beside {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

/// The state before a change was requested.
#[derive(Debug, Clone, Copy)]
pub struct Before {
    accepted: usize,
    pub events: i64,
    pub runs: i64,
}

/// Both witnesses.
pub struct Witness {
    pub azure: Azure,
    pub beside: Beside,
    /// If replicas are paused, a write may arrive late, after another replica has sent the same one
    /// (`durable/lease.rs`). A write that is byte-identical to the one before it, or a DELETE that found
    /// nothing, then counts as late. In all other tests it would be a second effect.
    pub with_late: bool,
}

/// The writes that Azure accepted.
#[derive(Debug, Default)]
pub struct Accepted {
    /// Writes that had an effect.
    pub writes: Vec<Value>,
    /// Late writes that repeated the previous one.
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

    async fn rests(&self) -> bool {
        self.count("SELECT count(*) FROM runs WHERE standing = 'running'").await == 0
    }

    /// Waits until no run is in flight, and returns how the newest run ended. If it does not end, fails
    /// with its state.
    pub async fn rested(&self) -> String {
        let deadline = Instant::now() + PATIENCE;
        while !self.rests().await && Instant::now() < deadline {
            tokio::time::sleep(LOOK).await;
        }
        self.text("SELECT progress FROM runs ORDER BY started DESC, id LIMIT 1").await
    }

    /// The latest events, for error messages.
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
    /// The state now, before a change is requested.
    pub async fn before(&self) -> Before {
        let accepted = self.azure.accepted().await.len();
        Before { accepted, events: self.beside.events().await, runs: self.beside.runs().await }
    }

    /// Waits until the journal has this many events in total, or until a new run ended with fewer. Returns
    /// whether it has them.
    pub async fn written(&self, before: Before, events: i64) -> bool {
        let deadline = Instant::now() + PATIENCE;
        // No pause between two reads, because the failure should follow immediately.
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
        self.accepted_with_late(before).await.writes
    }

    /// The same, with late identical writes counted separately.
    pub async fn accepted_with_late(&self, before: Before) -> Accepted {
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

    /// Checks that the change happened once, and that Azure has the requested state.
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

/// Checks that the ledger is intact.
pub async fn expect_intact(mut anybody: Browser) {
    anybody.cookies.clear();
    anybody.sign_in(LEO, "/history").await;
    anybody.post("/history", &[]).await.expect(200).says("Intact");
}
