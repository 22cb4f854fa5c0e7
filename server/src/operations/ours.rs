//! What the console itself has lately done to an endpoint, as its runs tell: so that a read from before it is
//! known as such, and nobody is blamed for it.

use crate::operations::plan::step::{Step, Until};
use crate::store::runs::{Run, Runs as Table};
use app::domain::endpoint::Endpoint;
use app::domain::name::DeploymentName;
use app::domain::operation::Operation;
use app::domain::route::Route;
use app::domain::run::state::{Standing, StepState};
use app::domain::stage::EndpointKey;
use app::domain::timestamp::Timestamp;
use std::collections::BTreeSet;

/// A route that a run has sent.
#[derive(Debug, Clone)]
struct Sent {
    before: Route,
    after: Route,
    by: Sender,
}

impl Sent {
    /// Whether a route is the one before, the one after, or the split of one with the mirror of the other, as it
    /// may be read in between.
    fn is_near(&self, route: &Route) -> bool {
        let (before, after) = (&self.before, &self.after);
        let is_split = route.split() == before.split() || route.split() == after.split();
        is_split && (route.mirror() == before.mirror() || route.mirror() == after.mirror())
    }
}

/// The run that has sent a route.
#[derive(Debug, Clone)]
pub struct Sender {
    /// As the screens show it.
    pub operation: Operation,
    /// Who asked for it: tenant id and object id.
    pub person: String,
}

/// What runs of the console did to one endpoint, oldest first.
#[derive(Debug, Clone, Default)]
pub struct Ours {
    /// Each route that was sent, and the one that was there before.
    sets: Vec<Sent>,
    /// The route that was read back last; `None` where nothing was sent, or it is not known what came of it.
    newest: Option<Route>,
    /// Deployments that were made.
    made: BTreeSet<DeploymentName>,
    /// Deployments that were deleted.
    deleted: BTreeSet<DeploymentName>,
}

impl Ours {
    /// Reads what runs did to an endpoint that are under way or have ended within so many milliseconds.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn within(
        table: &Table,
        at: &EndpointKey,
        now: Timestamp,
        ms: i64,
    ) -> sqlx::Result<Self> {
        // Both ways: the clock may have been set back since.
        let range = [now.0.saturating_sub(ms), now.0.saturating_add(ms)].map(Timestamp);
        let mut runs = table.lately(at, range).await?;
        runs.sort_by_key(|run| run.operation.started);
        let mut ours = Self::of(&runs);
        if table.is_changed_elsewhere(at).await {
            // It is confirmed that somebody has set another route since.
            ours.newest = None;
        }
        Ok(ours)
    }

    fn of(runs: &[Run]) -> Self {
        let mut ours = Self::default();
        for run in runs {
            let by = Sender { operation: run.operation.clone(), person: run.person.clone() };
            let mut before = None;
            for (step, state) in run.steps.iter().zip(&run.state.steps) {
                ours.learn(&by, step, state, before);
                before = Some((step, state));
            }
        }
        ours
    }

    fn learn(
        &mut self,
        by: &Sender,
        step: &Step,
        state: &StepState,
        before: Option<(&Step, &StepState)>,
    ) {
        match step {
            Step::SetRoute { before, after, .. } if state.sent => {
                let (before, after, by) = (before.clone(), after.clone(), by.clone());
                self.sets.push(Sent { before, after, by });
                self.newest = None;
            }
            Step::Wait { until } if state.standing == Standing::Succeeded => {
                let was_sent = before.is_some_and(|(_, state)| state.sent);
                match until {
                    Until::EndpointSucceeded { route } if was_sent => {
                        self.newest = Some(route.clone());
                    }
                    Until::DeploymentSucceeded { name } if was_sent => {
                        self.deleted.remove(name);
                        self.made.insert(name.clone());
                    }
                    Until::DeploymentGone { name } if was_sent => {
                        self.made.remove(name);
                        self.deleted.insert(name.clone());
                    }
                    _ => {}
                }
            }
            _ => {}
        }
    }

    /// The last run that has sent a route.
    #[must_use]
    pub fn sender(&self, route: &Route) -> Option<&Sender> {
        self.sets.iter().rev().find(|sent| sent.after == *route).map(|sent| &sent.by)
    }

    /// The route that was read back last, where a route that is read now is from before it.
    #[must_use]
    pub fn superseded(&self, route: &Route) -> Option<&Route> {
        let newest = self.newest.as_ref().filter(|newest| *newest != route)?;
        let is_former = self.sets.iter().any(|sent| sent.is_near(route));
        is_former.then_some(newest)
    }

    /// Why what was read of an endpoint is from before what the console has done to it; `None` when it is not.
    #[must_use]
    pub fn contradicts(&self, read: &Endpoint) -> Option<String> {
        let name = &read.key.endpoint;
        if let Some(newest) = self.superseded(&read.route) {
            return Some(format!(
                "Azure still reports the former route of {name}, {}; the console has just set {newest}.",
                read.route
            ));
        }
        let is_there = |name: &&DeploymentName| read.deployment(name).is_some();
        if let Some(made) = self.made.iter().find(|made| !is_there(made)) {
            return Some(format!(
                "Azure does not list {made} yet; the console has just created it."
            ));
        }
        let deleted = self.deleted.iter().find(is_there)?;
        Some(format!("Azure still lists {deleted}; the console has just deleted it."))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use app::domain::operation::{Action, Progress};
    use app::domain::plan::step::StepKind;
    use app::domain::run::RunId;
    use app::domain::run::state::State;

    fn route(text: &str) -> Route {
        text.parse().expect("a route")
    }

    /// A route that is set, how far that went.
    fn set(ours: &mut Ours, before: &str, after: &str, is_sent: bool, is_read_back: bool) {
        let endpoint = "anet-ep".parse().expect("a name");
        let pending = |kind| State::new([kind]).steps.remove(0);
        let step = Step::set_route(&endpoint, &route(before), &route(after));
        let sent = StepState { sent: is_sent, ..pending(StepKind::SetRoute) };
        let by = Sender { operation: operation(), person: "console".to_owned() };
        ours.learn(&by, &step, &sent, None);
        let wait = Step::Wait { until: Until::EndpointSucceeded { route: route(after) } };
        let standing = if is_read_back { Standing::Succeeded } else { Standing::Failed };
        let state = StepState { standing, ..pending(StepKind::Wait) };
        ours.learn(&by, &wait, &state, Some((&step, &sent)));
    }

    fn operation() -> Operation {
        Operation {
            id: RunId("r".to_owned()),
            endpoint: EndpointKey {
                stage: "anet-prod".parse().expect("a stage"),
                endpoint: "anet-ep".parse().expect("a name"),
            },
            action: Action::SetRoute { before: Route::default(), after: Route::default() },
            by: "Dana".to_owned(),
            started: Timestamp(0),
            ended: None,
            progress: Progress::Succeeded,
        }
    }

    #[test]
    fn a_route_from_before_ours_is_known_as_such_and_any_other_is_not() {
        let mut ours = Ours::default();
        set(&mut ours, "blue=100", "blue=90,green=10", true, true);
        set(&mut ours, "blue=90,green=10", "green=100", true, true);
        let newest = route("green=100");
        for former in ["blue=100", "blue=90,green=10"] {
            assert_eq!(ours.superseded(&route(former)), Some(&newest), "{former}");
        }
        assert_eq!(ours.superseded(&newest), None);
        let mut mirrored = Ours::default();
        set(&mut mirrored, "blue=100;mirror=green:20", "blue=90,green=10", true, true);
        assert!(mirrored.superseded(&route("blue=100")).is_some(), "half of it");
        assert_eq!(ours.superseded(&route("blue=70,green=30")), None, "somebody else's");
        assert!(ours.sender(&route("blue=90,green=10")).is_some());
        assert!(ours.sender(&route("blue=100")).is_none());
    }

    #[test]
    fn where_it_is_not_known_what_came_of_it_nothing_is_superseded() {
        for (is_sent, is_read_back) in [(true, false), (false, true), (false, false)] {
            let mut ours = Ours::default();
            set(&mut ours, "blue=100", "green=100", is_sent, is_read_back);
            assert_eq!(ours.superseded(&route("blue=100")), None, "{is_sent} {is_read_back}");
            assert_eq!(ours.sender(&route("green=100")).is_some(), is_sent);
        }
    }
}
