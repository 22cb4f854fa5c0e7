//! Whether the store takes writes now, found out by writing. Anybody may ask, so that many questions are
//! answered by one write.

use super::trouble::Trouble;
use super::{Database, within};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::time::Instant;

/// How long an answer is given again before another write is tried.
const ANSWER_AGE_MAX: Duration = Duration::from_secs(1);
/// How long a write may take.
const WRITE_MAX: Duration = Duration::from_secs(3);
/// Bytes that are written, always over the same ones: more than a change and its entries need.
const BYTES: usize = 32 * 1024;

/// Tries the store.
#[derive(Debug)]
pub struct Readiness {
    database: Database,
    latest: Mutex<Option<(Instant, Answer)>>,
}

/// Whether the store takes writes, or a sentence that says what keeps it from doing so.
pub type Answer = Result<(), &'static str>;

impl Readiness {
    /// Of a database.
    #[must_use]
    pub fn new(database: Database) -> Self {
        Self { database, latest: Mutex::new(None) }
    }

    /// Whether a write worked within the last second, or works now. Who asks while one is tried waits for it;
    /// who hangs up meanwhile does not cause another.
    pub async fn ask(self: &Arc<Self>) -> Answer {
        let asked = Arc::clone(self);
        let answer = tokio::spawn(async move { asked.answer().await }).await;
        answer.unwrap_or(Err("the write was broken off"))
    }

    async fn answer(&self) -> Answer {
        let mut latest = self.latest.lock().await;
        if let Some((at, answer)) = *latest
            && at.elapsed() < ANSWER_AGE_MAX
        {
            return answer;
        }
        let answer = match tokio::time::timeout(WRITE_MAX, self.write()).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => {
                tracing::warn!(%error, "the store takes no writes");
                Err(sentence(Trouble::behind(&error)))
            }
            Err(_) => {
                tracing::warn!("the store did not take a write within {} s", WRITE_MAX.as_secs());
                Err("the database did not take a write within 3 s")
            }
        };
        *latest = Some((Instant::now(), answer));
        answer
    }

    /// Writes in the way that everything is written that has an entry in the ledger.
    async fn write(&self) -> sqlx::Result<()> {
        let sql = "INSERT INTO readiness (id, tries, body) VALUES (1, 1, $1)
            ON CONFLICT (id) DO UPDATE SET tries = readiness.tries + 1, body = excluded.body";
        let mut tx = self.database.begin().await?;
        within!(&mut tx, connection => sqlx::query(sql)
            .bind(vec![0_u8; BYTES])
            .execute(connection)
            .await
            .map(|_| ())?);
        tx.commit().await
    }
}

fn sentence(trouble: Option<Trouble>) -> &'static str {
    match trouble {
        Some(Trouble::Away) => "the database does not answer",
        Some(Trouble::TakesNoWrites) => "the database takes no writes: it is full or read-only",
        Some(Trouble::Damaged) => "the database is damaged, or its disk fails",
        None => "the database did not take a write",
    }
}
