//! When in a round somebody is killed.

use super::{Before, Site};
use crate::kill::at_random;
use crate::kill::builds::{Death, Who};
use domain::job::Event;
use std::collections::BTreeSet;
use tokio::task::JoinHandle;

/// The most kills in one round. A kill causes events itself.
const KILLS_MAX: usize = 60;

/// The kind of an event that only kills cause, so that it is no moment for another one.
const RETRY: &str = "retry";

impl Site {
    /// Sends the form, and kills somebody at the given moments. Returns the number of the job's events at each.
    pub(super) async fn dies(
        &mut self,
        who: Who,
        death: Death,
        before: Before,
        form: &reqwest::RequestBuilder,
    ) -> Vec<i64> {
        if let Death::EachFrom(first) = death {
            self.hold(who, before.events + first.max(1)).await;
        }
        let asked = tokio::spawn(form.try_clone().expect("a form").send());
        let mut kills = Vec::new();
        match death {
            Death::Random(times, ms_max) => {
                for _ in 0..times {
                    at_random(ms_max).await;
                    self.kill(who).await;
                }
                self.is_requested(before, asked, form).await;
            }
            Death::EachFrom(first) => {
                if first == 0 {
                    kills.push(0);
                    self.kill(who).await;
                }
                self.is_requested(before, asked, form).await;
                kills.extend(self.dies_from(who, first.max(1), before).await);
            }
        }
        kills
    }

    /// Kills somebody after each event from this one on that the job did not have before: a kill causes some events again.
    /// A console that is killed never writes the next event. Returns the number of the job's events at each kill.
    async fn dies_from(&mut self, who: Who, first: i64, before: Before) -> Vec<i64> {
        let (mut next, mut kills) = (first, Vec::new());
        let mut seen = BTreeSet::from([RETRY.to_owned()]);
        while self.written(before, before.events + next).await {
            let events = self.events().await;
            let journal = self.jobs.journal(&self.job().await.id).await.expect("a journal");
            let is_new = journal.last().is_none_or(|last| seen.insert(kind(&last.event)));
            next = events - before.events + 1;
            if is_new && kills.len() < KILLS_MAX {
                kills.push(next - 1);
                if who.has_console() {
                    self.console.kill();
                }
                self.hold(who, before.events + next).await;
                self.kill(who).await;
            } else {
                self.hold(who, before.events + next).await;
            }
        }
        self.limit(i64::MAX).await;
        kills
    }

    /// Makes the store refuse more events than these, so that a console is killed before it writes another one.
    async fn hold(&self, who: Who, events: i64) {
        if who.has_console() {
            self.limit(events).await;
        }
    }

    /// The number of events in the store may not exceed this.
    async fn limit(&self, events: i64) {
        let limit = sqlx::query("UPDATE held SET events = $1").bind(events);
        limit.execute(&self.store).await.expect("a store");
    }

    /// Prepares [`Self::hold`].
    pub(super) async fn can_hold(&self) {
        let sql = format!(
            "CREATE TABLE held AS SELECT {} AS events;
             CREATE TRIGGER held BEFORE INSERT ON job_journal
             WHEN (SELECT count(*) FROM job_journal) >= (SELECT events FROM held)
             BEGIN SELECT RAISE(ABORT, 'held'); END",
            i64::MAX
        );
        sqlx::raw_sql(&sql).execute(&self.store).await.expect("a trigger");
    }

    /// The request may have had no answer; the store decides whether it is sent again.
    async fn is_requested(
        &self,
        before: Before,
        asked: JoinHandle<reqwest::Result<reqwest::Response>>,
        form: &reqwest::RequestBuilder,
    ) {
        let _ = asked.await;
        if self.requested().await == before.jobs {
            let again = form.try_clone().expect("a form").send().await.expect("it answers");
            let status = again.status();
            assert_eq!(status, 303, "{}", again.text().await.unwrap_or_default());
        }
    }
}

/// An event without its times and texts of errors.
fn kind(event: &Event) -> String {
    match event {
        Event::RetryScheduled { .. } => RETRY.to_owned(),
        Event::StepSending { step } => format!("sending {step}"),
        other => format!("{other:?}"),
    }
}
