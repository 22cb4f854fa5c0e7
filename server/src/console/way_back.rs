//! The roll-back of a run and its related runs, for the run's page.

use super::runs::right;
use super::{Services, SignedIn};
use crate::error::internal;
use crate::planner::observed::Live;
use crate::planner::pinned::needs;
use crate::runs::begin::another;
use crate::runs::plan::Judged;
use crate::runs::reading::Around;
use crate::store::runs::Run;
use app::error::ConsoleError;
use app::port::Result;
use domain::intent::Intent;
use domain::run::operation::Operation;
use domain::run::roll_back::way_back;
use domain::run::view::{Related, WayBack};
use domain::run::{Decision, RunId};
use std::sync::Arc;

/// The runs related to a run.
#[derive(Debug, Default)]
pub(super) struct Belonging {
    pub(super) rolled_back: Option<Related>,
    pub(super) rolls_back: Option<Related>,
}

fn related(Operation { id, intent, progress, .. }: Operation) -> Related {
    Related { run: id, title: intent.title(), progress }
}

fn unreadable(error: sqlx::Error) -> ConsoleError {
    internal("the runs related to a run cannot be read", &error)
}

impl SignedIn {
    /// Loads the runs related to a run.
    pub(super) async fn belonging(&self, run: &Run) -> Result<Belonging> {
        let table = &self.services.operations.table;
        let id = &run.operation.id;
        let rolled_back = table.taken_back_by(id).await.map_err(unreadable)?;
        let rolls_back = match run.takes_back() {
            Some(of) => table.load(of).await.map_err(unreadable)?.map(|run| run.operation),
            None => None,
        };
        Ok(Belonging { rolled_back: rolled_back.map(related), rolls_back: rolls_back.map(related) })
    }

    /// The roll-back of a run on the observed state. `None` while the run is in progress, if it changed no route, or if
    /// the endpoint cannot be read.
    pub(super) async fn view_way_back(&self, run: &Run) -> Result<Option<WayBack>> {
        let past = run.past();
        let (Some(to), false) = (past.before.clone(), past.sent.is_empty()) else {
            return Ok(None);
        };
        let Some(at) = run.operation.target.endpoint() else { return Ok(None) };
        let Ok(place) = self.place(at) else { return Ok(None) };
        let Ok(endpoint) = self.endpoint_at(place, at).await else { return Ok(None) };
        if !past.is_at_rest {
            return Ok(None);
        }
        let newest = self
            .services
            .operations
            .table
            .newest_route(&run.operation.target)
            .await
            .map_err(unreadable)?;
        let forbidden = way_back(&past, newest.as_ref(), &endpoint).err();
        let back =
            Intent::RollBack { at: at.clone(), run: run.operation.id.clone(), route: to.clone() };
        let (needs, now) = (needs(&back), self.services.clock.now());
        let known = Box::pin(place.facts(&needs, Some(&endpoint), now)).await;
        let judged = Judged::ByTheEndpoint { bandwidth: known.bandwidth };
        let around = Around::alone(place, Some(Live::of(Arc::clone(&endpoint))));
        let runs = &self.services.operations;
        let Ok(planned) = runs.plan(place, &back, &around, judged).await else { return Ok(None) };
        let plan = planned.plan;
        let why_not = self.principal.why_not(right(Decision::RollBack));
        let busy = self.services.operations.in_progress(at).await?;
        let why_not = why_not.or_else(|| plan.blocked()).or_else(|| busy.as_ref().map(another));
        Ok(Some(WayBack {
            forbidden: forbidden.map(|why| why.to_string()),
            protected: place.stage.protected,
            may_break_glass: self.may_break_glass(place),
            endpoint: Arc::unwrap_or_clone(endpoint),
            to,
            plan,
            why_not,
            busy: busy.map(related),
        }))
    }
}

impl Services {
    /// A text that changes whenever a run's page does. It covers the run's journal, the run that rolls it back, and the
    /// route that a roll-back would start from. Live pages compare it.
    pub async fn run_stamp(&self, id: &RunId) -> sqlx::Result<String> {
        let Some(run) = self.operations.table.load(id).await? else { return Ok(String::new()) };
        let mut stamp = run.state.events.to_string();
        if let Some(broken) = self.changes.glass.of_run(id).await? {
            stamp.push_str(&format!(" {}", broken.acknowledged.is_some()));
        }
        if let Some(back) = self.operations.table.taken_back_by(id).await? {
            stamp.push_str(&format!(" {} {:?}", back.id, back.progress));
        }
        if !run.state.is_running()
            && let Ok(place) = self.stages.get(run.operation.target.stage())
            && let Some(at) = run.operation.target.endpoint()
            && let Some(endpoint) = place.observer.now().endpoints.get(&at.endpoint)
        {
            stamp.push_str(&format!(" {}", endpoint.route.to_text()));
        }
        Ok(stamp)
    }
}
