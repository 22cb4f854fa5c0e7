//! The earlier runs of an endpoint, and the state to roll back to.

use super::rows::Row;
use super::{Run, Runs};
use crate::planner::step::Step;
use crate::store::ledger::Ledger;
use crate::store::statement::{fetch_all, fetch_optional, scalar};
use domain::intent::Intent;
use domain::run::operation::Operation;
use domain::run::roll_back::{Newest, Past};
use domain::run::warrant::{GoodState, held_by_freeze};
use domain::run::{Event, RunId};
use domain::stage::EndpointKey;
use domain::target::Target;

/// The target's history before a new run.
#[derive(Debug, Default)]
pub(in crate::store) struct Former {
    /// The runs that the new run closes: they wait for a decision, or are being rolled back.
    pub(in crate::store) closes: Vec<Run>,
    /// The last good state, if known.
    pub(in crate::store) good: Option<GoodState>,
    /// The number of the newest run. Two runs that begin at the same moment get the same next number, so one is
    /// refused.
    pub(in crate::store) count: i64,
}

impl Run {
    /// The facts about this run that matter for a roll-back.
    #[must_use]
    pub fn past(&self) -> Past {
        let sets = self.steps.iter().map(|step| match step {
            Step::SetRoute { after, .. } => Some(after),
            _ => None,
        });
        let (Operation { id, intent, .. }, sets) = (&self.operation, sets.collect::<Vec<_>>());
        Past::of(id, intent, self.warrant.as_ref(), &self.state, &sets)
    }

    /// The run that this run rolls back.
    #[must_use]
    pub fn takes_back(&self) -> Option<&RunId> {
        match &self.operation.intent {
            Intent::RollBack { run, .. } => Some(run),
            _ => None,
        }
    }

    /// Whether the run may give a deployment more live traffic on a frozen stage.
    #[must_use]
    pub fn passes_freeze(&self) -> bool {
        self.warrant.as_ref().is_some_and(|warrant| warrant.consent.passes_freeze())
    }

    /// Whether this event sends a route that a frozen stage must hold back.
    pub(super) fn is_about_to_give_more(&self, event: &Event) -> bool {
        let Event::StepSending { step } = event else { return false };
        let step = usize::try_from(*step).ok().and_then(|step| self.steps.get(step));
        let Some(Step::SetRoute { before, after, .. }) = step else { return false };
        held_by_freeze(self.warrant.as_ref(), before, after)
    }
}

impl Runs {
    /// The newest run of a target that settled the route ([`Past::settles_route`]).
    pub async fn newest_route(&self, target: &Target) -> sqlx::Result<Option<Newest>> {
        let newest = self.newest_settled(target).await?;
        Ok(newest
            .map(|run| Newest { takes_back: run.takes_back().cloned(), run: run.operation.id }))
    }

    /// The newest run of a target that settled the route ([`Past::settles_route`]).
    async fn newest_settled(&self, target: &Target) -> sqlx::Result<Option<Run>> {
        let sql = "SELECT * FROM runs WHERE target = $1 AND sent_route = 1
                   ORDER BY number DESC LIMIT 1";
        let rows: Vec<Row> = fetch_all!(self.0, sql, target.key())?;
        Ok(self.with_journals(rows).await?.pop())
    }

    /// The number of a target's newest run; 0 when it has no runs.
    async fn count(&self, target: &Target) -> sqlx::Result<i64> {
        let sql = "SELECT coalesce(max(number), 0) FROM runs WHERE target = $1";
        let count: i64 = scalar!(self.0, sql, target.key())?;
        Ok(count)
    }

    /// Whether the newest route in the ledger was set outside the console. `false` when the ledger cannot be read; the
    /// caller's next write then reports why.
    pub async fn is_changed_elsewhere(&self, at: &EndpointKey) -> bool {
        let newest = Ledger::new(self.0.clone()).route_at(at, None).await;
        let newest = newest.ok().flatten();
        newest.is_some_and(|entry| entry.by.kind == ::ledger::entry::Actor::Elsewhere)
    }

    /// The newest run that rolls back `run`.
    pub async fn taken_back_by(&self, run: &RunId) -> sqlx::Result<Option<Operation>> {
        let sql = "SELECT * FROM runs WHERE takes_back = $1 ORDER BY number DESC LIMIT 1";
        let row: Option<Row> = fetch_optional!(self.0, sql, &run.0)?;
        row.map(|row| row.operation()).transpose()
    }

    /// The target's history before a new run.
    pub(in crate::store) async fn former(&self, target: &Target) -> sqlx::Result<Former> {
        let count = self.count(target).await?;
        let good = self.newest_settled(target).await?.and_then(|run| run.past().good_after());
        Ok(Former { closes: self.waiting(target).await?, good, count })
    }
}
