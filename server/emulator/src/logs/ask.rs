//! Carries out queries: a few at a time, each with a deadline, and never on a thread that serves requests.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use analytics::{Answer, Checked, Options, QueryError, ticks};
use time::OffsetDateTime;
use tokio::sync::OwnedSemaphorePermit;

use super::Logs;

/// How long a query may take by default (Azure Monitor, Log Analytics API, timeouts).
pub const WAIT_DEFAULT: Duration = Duration::from_secs(180);
/// The longest that a client can ask for (ditto).
pub const WAIT_MAX: Duration = Duration::from_secs(600);
/// How many queries may wait for their turn (Azure Monitor, service limits: concurrency queue).
const WAITING_MAX: usize = 200;
/// How long they may wait (ditto).
const TURN_MAX: Duration = Duration::from_secs(180);

/// What is asked.
#[derive(Clone, Debug)]
pub struct Question {
    pub text: String,
    /// The time of `now()`; rows that become visible later are not there.
    pub now: OffsetDateTime,
    /// Only rows generated from the first time on and before the second.
    pub span: Option<(OffsetDateTime, OffsetDateTime)>,
    /// Only rows of this resource and what is below it, by its ARM id.
    pub resource: Option<String>,
    /// How long it may take.
    pub wait: Duration,
    /// Whether an alert rule asks. Rules do not wait for people, as on Azure.
    pub is_of_rule: bool,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum Unanswered {
    #[error("{0}")]
    Query(#[from] QueryError),
    /// Too many others wait.
    #[error("Too many queries run or wait. Try again in a minute.")]
    Busy,
    /// There is no such workspace, or the emulator stops.
    #[error("The log workspace does not exist.")]
    NoWorkspace,
}

impl Logs {
    /// Answers a question about a workspace; `read` takes what it needs from the answer, on the thread of the query.
    ///
    /// # Errors
    /// [`Unanswered`].
    pub async fn ask<T: Send + 'static>(
        &self,
        workspace: &str,
        question: Question,
        read: impl FnOnce(Answer) -> T + Send + 'static,
    ) -> Result<T, Unanswered> {
        let workspace = self.workspace(workspace).ok_or(Unanswered::NoWorkspace)?;
        let turn = self.turn(question.is_of_rule).await?;
        let shared = Arc::clone(&self.shared);
        let (done, answered) = tokio::sync::oneshot::channel();
        // A thread of its own: the runtime would wait for its blocking tasks when the emulator ends.
        let work = move || {
            // The turn ends with the query, even if nobody waits for its answer any more.
            let _turn = turn;
            let deadline = Instant::now() + question.wait.min(WAIT_MAX);
            shared.backlog.settle();
            let tick = ticks::from_time;
            let options = Options {
                span: question.span.map(|(from, to)| (tick(from), tick(to))),
                deadline: Some(deadline),
                ..Options::at(tick(question.now))
            };
            let resource = question.resource.as_deref();
            let store = &workspace.store;
            let answer = analytics::query_of(store, resource, &question.text, &options).map(read);
            // Who asked may have gone away.
            let _ = done.send(answer);
        };
        let failed = |text: &str| QueryError::Store(text.to_owned());
        let thread = std::thread::Builder::new().name("query".to_owned()).spawn(work);
        thread.map_err(|_| failed("The system cannot start another thread."))?;
        match answered.await {
            Ok(answer) => Ok(answer?),
            Err(_) => {
                tracing::error!("a query panicked");
                Err(failed("The query could not be carried out.").into())
            }
        }
    }

    async fn turn(&self, is_of_rule: bool) -> Result<OwnedSemaphorePermit, Unanswered> {
        let asking = Arc::clone(if is_of_rule { &self.watching } else { &self.asking });
        if let Ok(turn) = Arc::clone(&asking).try_acquire_owned() {
            return Ok(turn);
        }
        if self.waiting.fetch_add(1, Ordering::Relaxed) >= WAITING_MAX {
            self.waiting.fetch_sub(1, Ordering::Relaxed);
            return Err(Unanswered::Busy);
        }
        let waits = Waits(self);
        let turn = tokio::time::timeout(TURN_MAX, asking.acquire_owned()).await;
        drop(waits);
        turn.ok().and_then(Result::ok).ok_or(Unanswered::Busy)
    }

    /// What a query would answer, without reading rows.
    ///
    /// # Errors
    /// If there is no such workspace, or the query is wrong.
    pub fn check(
        &self,
        workspace: &str,
        text: &str,
        now: OffsetDateTime,
    ) -> Result<Checked, Unanswered> {
        let workspace = self.workspace(workspace).ok_or(Unanswered::NoWorkspace)?;
        Ok(analytics::check(&workspace.store, text, ticks::from_time(now))?)
    }
}

/// Counts a query that waits, also if its client goes away.
struct Waits<'a>(&'a Logs);

impl Drop for Waits<'_> {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    fn question(is_of_rule: bool) -> Question {
        Question {
            text: "print 1".to_owned(),
            now: datetime!(2026-01-01 00:00 UTC),
            span: None,
            resource: None,
            wait: WAIT_DEFAULT,
            is_of_rule,
        }
    }

    #[tokio::test]
    async fn too_many_waiting_queries_are_refused_and_rules_do_not_wait_behind_them() {
        let folder = tempfile::tempdir().expect("a folder");
        let logs = Logs::new(folder.path(), Duration::ZERO).expect("a thread");
        let now = datetime!(2026-01-01 00:00 UTC);
        logs.open("log-x", "some-id", now).expect("a workspace");
        let turns = Arc::clone(&logs.asking);
        let all = u32::try_from(turns.available_permits()).expect("a small number");
        let all = turns.acquire_many_owned(all).await.expect("turns");
        logs.waiting.store(WAITING_MAX, Ordering::Relaxed);
        let rows = |answer: Answer| answer.len();
        let refused = logs.ask("log-x", question(false), rows).await;
        assert!(matches!(refused, Err(Unanswered::Busy)), "{refused:?}");
        assert_eq!(logs.ask("log-x", question(true), rows).await.expect("an answer"), 1);
        logs.waiting.store(0, Ordering::Relaxed);
        drop(all);
        assert_eq!(logs.ask("log-x", question(false), rows).await.expect("an answer"), 1);
        let unknown = logs.ask("log-y", question(false), rows).await;
        assert!(matches!(unknown, Err(Unanswered::NoWorkspace)), "{unknown:?}");
        logs.close();
    }
}
