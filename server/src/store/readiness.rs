//! Tests whether the store accepts writes, by writing. Anybody may ask, so one write answers many requests.

use super::Database;
use super::statement::execute;
use super::trouble::Trouble;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::time::Instant;

/// How long an answer is reused.
const ANSWER_AGE_MAX: Duration = Duration::from_secs(1);
/// Timeout of the write.
const WRITE_MAX: Duration = Duration::from_secs(3);
/// Number of bytes written, always to the same row: more than a change and its entries need.
const BYTES: usize = 32 * 1024;

/// Tests the store and caches the answer.
#[derive(Debug)]
pub struct Readiness {
    database: Database,
    latest: Mutex<Option<(Instant, Answer)>>,
}

/// Whether the store accepts writes; the error says why not.
pub type Answer = Result<(), &'static str>;

impl Readiness {
    /// Tests `database`.
    #[must_use]
    pub fn new(database: Database) -> Self {
        Self { database, latest: Mutex::new(None) }
    }

    /// Whether a write succeeded within the last second, or succeeds now. Concurrent callers share one write, which
    /// continues if a caller disconnects.
    pub async fn ask(self: &Arc<Self>) -> Answer {
        let asked = Arc::clone(self);
        let answer = tokio::spawn(async move { asked.answer().await }).await;
        answer.unwrap_or(Err("the test write failed unexpectedly"))
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
                tracing::warn!(%error, "the store does not accept writes");
                Err(sentence(Trouble::behind(&error)))
            }
            Err(_) => {
                tracing::warn!(
                    "the store did not complete a write within {} s",
                    WRITE_MAX.as_secs()
                );
                Err("the database did not complete a write within 3 s")
            }
        };
        *latest = Some((Instant::now(), answer));
        answer
    }

    /// Writes under the same lock as every write with a ledger entry.
    async fn write(&self) -> sqlx::Result<()> {
        let sql = "INSERT INTO readiness (id, tries, body) VALUES (1, 1, $1)
            ON CONFLICT (id) DO UPDATE SET tries = readiness.tries + 1, body = excluded.body";
        let mut tx = self.database.begin().await?;
        execute!(tx, sql, vec![0_u8; BYTES])?;
        tx.commit().await
    }
}

fn sentence(trouble: Option<Trouble>) -> &'static str {
    match trouble {
        Some(Trouble::Away) => "the database does not respond",
        Some(Trouble::TakesNoWrites) => {
            "the database does not accept writes: it is full or read-only"
        }
        Some(Trouble::Damaged) => "the database is damaged, or its disk fails",
        None => "the database rejected a write",
    }
}
