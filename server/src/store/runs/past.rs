//! What came before a run on its endpoint, and what it means for going back.

use super::rows::Row;
use super::{Run, Runs};
use crate::operations::plan::step::Step;
use crate::store::on;
use app::domain::operation::{Action, Operation};
use app::domain::run::roll_back::{Newest, Past};
use app::domain::run::warrant::{GoodState, held_by_freeze};
use app::domain::run::{Event, RunId};
use app::domain::stage::EndpointKey;

/// What was there before a run that is about to begin.
#[derive(Debug, Default)]
pub(in crate::store) struct Former {
    /// The runs that it closes: they wait for somebody's decision, or are to be set back.
    pub(in crate::store) closes: Vec<Run>,
    /// What is good before it, when that is known.
    pub(in crate::store) good: Option<GoodState>,
    /// How many runs there were. A run that begins at the same moment takes the same place, and one of them is
    /// refused.
    pub(in crate::store) count: i64,
}

impl Run {
    /// As far as going back from it is concerned.
    #[must_use]
    pub fn past(&self) -> Past {
        let sets = self.steps.iter().map(|step| match step {
            Step::SetRoute { after, .. } => Some(after),
            _ => None,
        });
        let (Operation { id, action, .. }, sets) = (&self.operation, sets.collect::<Vec<_>>());
        Past::of(id, action, self.warrant.as_ref(), &self.state, &sets)
    }

    /// The run that it takes back, when it is a roll-back.
    #[must_use]
    pub fn takes_back(&self) -> Option<&RunId> {
        match &self.operation.action {
            Action::RollBack { run, .. } => Some(run),
            _ => None,
        }
    }

    /// Whether it may give a deployment more live traffic on a frozen stage.
    #[must_use]
    pub fn passes_freeze(&self) -> bool {
        self.warrant.as_ref().is_some_and(|warrant| warrant.consent.passes_freeze())
    }

    /// Whether this event says that a route is sent which a frozen stage holds back.
    pub(super) fn is_about_to_give_more(&self, event: &Event) -> bool {
        let Event::StepSending { step } = event else { return false };
        let step = usize::try_from(*step).ok().and_then(|step| self.steps.get(step));
        let Some(Step::SetRoute { before, after, .. }) = step else { return false };
        held_by_freeze(self.warrant.as_ref(), before, after)
    }
}

impl Runs {
    /// The newest run of an endpoint that sent a route, or may have.
    ///
    /// # Errors
    /// When the store fails, or a journal is not one of ours.
    pub async fn newest_route(&self, at: &EndpointKey) -> sqlx::Result<Option<Newest>> {
        let newest = self.newest_sent(at).await?;
        Ok(newest
            .map(|run| Newest { takes_back: run.takes_back().cloned(), run: run.operation.id }))
    }

    /// The newest run of an endpoint that sent a route, or may have.
    async fn newest_sent(&self, at: &EndpointKey) -> sqlx::Result<Option<Run>> {
        let sql =
            "SELECT * FROM runs WHERE stage = $1 AND lower(endpoint) = lower($2) AND sent_route = 1
                   ORDER BY number DESC LIMIT 1";
        let rows: Vec<Row> = on!(&self.0, pool => sqlx::query_as(sql)
            .bind(at.stage.as_str())
            .bind(at.endpoint.as_str())
            .fetch_all(pool)
            .await?);
        Ok(self.with_journals(rows).await?.pop())
    }

    /// The number of an endpoint's newest run; 0 when there is none.
    async fn count(&self, at: &EndpointKey) -> sqlx::Result<i64> {
        let sql = "SELECT coalesce(max(number), 0) FROM runs WHERE stage = $1 AND lower(endpoint) = lower($2)";
        let count: i64 = on!(&self.0, pool => sqlx::query_scalar(sql)
            .bind(at.stage.as_str())
            .bind(at.endpoint.as_str())
            .fetch_one(pool)
            .await?);
        Ok(count)
    }

    /// The newest run that takes another one back.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn taken_back_by(&self, run: &RunId) -> sqlx::Result<Option<Operation>> {
        let sql = "SELECT * FROM runs WHERE takes_back = $1 ORDER BY number DESC LIMIT 1";
        let row: Option<Row> =
            on!(&self.0, pool => sqlx::query_as(sql).bind(&run.0).fetch_optional(pool).await?);
        row.map(|row| row.operation()).transpose()
    }

    /// What was there before a run that is about to begin.
    pub(in crate::store) async fn former(&self, at: &EndpointKey) -> sqlx::Result<Former> {
        let count = self.count(at).await?;
        let good = self.newest_sent(at).await?.and_then(|run| run.past().good_after());
        Ok(Former { closes: self.waiting(at).await?, good, count })
    }
}
