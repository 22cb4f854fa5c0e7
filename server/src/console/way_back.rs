//! The way back from a run, and what else belongs to it, as its page shows them.

use super::error::internal;
use super::runs::right;
use super::{Services, SignedIn};
use crate::operations::plan::observed::{Live, Observed};
use crate::operations::plan::{Wish, plan};
use crate::store::runs::Run;
use app::domain::endpoint::Endpoint;
use app::domain::guard::facts::Facts;
use app::domain::operation::Operation;
use app::domain::plan::Plan;
use app::domain::route::Route;
use app::domain::run::roll_back::way_back;
use app::domain::run::view::{Related, WayBack};
use app::domain::run::{Decision, RunId};
use app::error::ConsoleError;
use app::port::Result;
use std::sync::Arc;

/// What belongs to a run.
#[derive(Debug, Default)]
pub(super) struct Belonging {
    pub(super) rolled_back: Option<Related>,
    pub(super) rolls_back: Option<Related>,
}

fn related(Operation { id, action, progress, .. }: Operation) -> Related {
    Related { run: id, title: action.title(), progress }
}

fn unreadable(error: sqlx::Error) -> ConsoleError {
    internal("what belongs to a run cannot be read", &error)
}

impl SignedIn {
    /// The runs that belong to a run.
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

    /// The way back from a run, by what was observed; nothing while it goes on, where it changed no route, or where
    /// nobody can tell what Azure has.
    pub(super) async fn view_way_back(&self, run: &Run) -> Result<Option<WayBack>> {
        let past = run.past();
        let (Some(to), false) = (past.before.clone(), past.sent.is_empty()) else {
            return Ok(None);
        };
        let at = &run.operation.endpoint;
        let Ok(place) = self.place(at) else { return Ok(None) };
        let Ok(endpoint) = self.endpoint_at(place, at).await else { return Ok(None) };
        if !past.is_at_rest {
            return Ok(None);
        }
        let newest = self.services.operations.table.newest_route(at).await.map_err(unreadable)?;
        let forbidden = way_back(&past, newest.as_ref(), &endpoint).err();
        let Some(plan) = plan_back(&endpoint, &to) else { return Ok(None) };
        let why_not = self.asker.user.why_not(right(Decision::RollBack));
        let why_not = match why_not.or_else(|| plan.blocked()) {
            Some(why) => Some(why),
            None => self.services.operations.idle(at).await.err().map(|error| error.to_string()),
        };
        Ok(Some(WayBack {
            forbidden: forbidden.map(|why| why.to_string()),
            protected: place.stage.protected,
            may_break_glass: self.may_break_glass(place),
            endpoint: Arc::unwrap_or_clone(endpoint),
            to,
            plan,
            why_not,
        }))
    }
}

/// The plan as a roll-back makes it: on the endpoint alone.
fn plan_back(endpoint: &Arc<Endpoint>, to: &Route) -> Option<Plan> {
    let wish = Wish::SetRoute { at: &endpoint.key, route: to };
    let observed = Observed::of(Live::of(Arc::clone(endpoint)));
    plan(&wish, &observed, &Facts::default()).ok().map(|planned| planned.plan)
}

impl Services {
    /// How a run's page stands, as a text that differs when it would look otherwise: its journal, the run that rolls
    /// it back, and the route that a way back would start from.
    ///
    /// # Errors
    /// When the store fails.
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
            && let Ok(place) = self.stages.get(&run.operation.endpoint.stage)
            && let Some(endpoint) =
                place.observer.now().endpoints.get(&run.operation.endpoint.endpoint)
        {
            stamp.push_str(&format!(" {}", endpoint.route.to_text()));
        }
        Ok(stamp)
    }
}
