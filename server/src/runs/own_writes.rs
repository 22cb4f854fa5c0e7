//! The recent writes of the console to an endpoint, from its runs. They identify outdated reads, which would otherwise
//! look like changes from outside.

use crate::planner::step::{Step, Until};
use crate::store::runs::{Run, Runs as Table};
use domain::endpoint::Endpoint;
use domain::name::DeploymentName;
use domain::route::Route;
use domain::run::operation::Operation;
use domain::run::state::{StepState, StepStatus};
use domain::stage::EndpointKey;
use domain::timestamp::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// A route that a run has sent.
#[derive(Debug, Clone)]
struct Sent {
    before: Route,
    after: Route,
    by: Sender,
}

impl Sent {
    /// Whether a route is the one before, the one after, or the split of one with the mirror of the other, which a
    /// read in between may return.
    fn is_near(&self, route: &Route) -> bool {
        let (before, after) = (&self.before, &self.after);
        let is_split = route.split() == before.split() || route.split() == after.split();
        is_split && (route.mirror() == before.mirror() || route.mirror() == after.mirror())
    }
}

/// The run that sent a route.
#[derive(Debug, Clone)]
pub struct Sender {
    pub operation: Operation,
    /// Tenant id and object id of the person who requested the run.
    pub person: String,
}

/// The writes of the console's runs to one endpoint, oldest first.
#[derive(Debug, Clone, Default)]
pub struct OwnWrites {
    sets: Vec<Sent>,
    /// The route that was verified last; `None` when no route was sent, or the result is unknown.
    newest: Option<Route>,
    made: BTreeSet<DeploymentName>,
    /// With the time at which the run began.
    deleted: BTreeMap<DeploymentName, Timestamp>,
}

impl OwnWrites {
    /// Reads the runs of an endpoint that are in progress or ended within the last `ms` milliseconds.
    pub async fn within(
        table: &Table,
        at: &EndpointKey,
        now: Timestamp,
        ms: i64,
    ) -> sqlx::Result<Self> {
        // The range includes the future, because the clock may have been set back since.
        let range = [now.0.saturating_sub(ms), now.0.saturating_add(ms)].map(Timestamp);
        let mut runs = table.lately(&at.clone().into(), range).await?;
        runs.sort_by_key(|run| run.operation.started);
        let mut ours = Self::of(&runs);
        if table.is_changed_elsewhere(at).await {
            // Somebody has set another route since, and that is confirmed.
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
            Step::Wait { until } if state.standing == StepStatus::Succeeded => {
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
                        self.deleted.insert(name.clone(), by.operation.started);
                    }
                    _ => {}
                }
            }
            _ => {}
        }
    }

    /// The last run that sent this route.
    #[must_use]
    pub fn sender(&self, route: &Route) -> Option<&Sender> {
        self.sets.iter().rev().find(|sent| sent.after == *route).map(|sent| &sent.by)
    }

    /// The route that was verified last, if `route` predates it.
    #[must_use]
    pub fn superseded(&self, route: &Route) -> Option<&Route> {
        let newest = self.newest.as_ref().filter(|newest| *newest != route)?;
        let is_former = self.sets.iter().any(|sent| sent.is_near(route));
        is_former.then_some(newest)
    }

    /// Why a read of an endpoint predates the console's own writes; `None` when it does not.
    #[must_use]
    pub fn contradicts(&self, read: &Endpoint) -> Option<String> {
        let name = &read.key.endpoint;
        if let Some(newest) = self.superseded(&read.route) {
            return Some(format!(
                "Azure still reports the former route of {name}, {}, although the console has just set {newest}.",
                read.route
            ));
        }
        if let Some(made) = self.made.iter().find(|made| read.deployment(made).is_none()) {
            return Some(format!(
                "Azure does not list {made} yet, although the console has just created it."
            ));
        }
        // A deployment that was created since has only the name of the deleted one.
        let is_former = |(name, since): &(&DeploymentName, &Timestamp)| {
            let created = read.deployment(name).map(|deployment| deployment.created);
            created.is_some_and(|created| created.is_none_or(|created| created <= **since))
        };
        let (deleted, _) = self.deleted.iter().find(is_former)?;
        Some(format!("Azure still lists {deleted}, although the console has just deleted it."))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::intent::Intent;
    use domain::plan::step::StepKind;
    use domain::run::RunId;
    use domain::run::operation::Progress;
    use domain::run::state::State;

    fn route(text: &str) -> Route {
        text.parse().expect("a route")
    }

    fn set(ours: &mut OwnWrites, before: &str, after: &str, is_sent: bool, is_read_back: bool) {
        let endpoint = "anet-ep".parse().expect("a name");
        let pending = |kind| State::new([kind]).steps.remove(0);
        let step = Step::set_route(&endpoint, &route(before), &route(after));
        let sent = StepState { sent: is_sent, ..pending(StepKind::SetRoute) };
        let by = Sender { operation: operation(), person: "console".to_owned() };
        ours.learn(&by, &step, &sent, None);
        let wait = Step::Wait { until: Until::EndpointSucceeded { route: route(after) } };
        let standing = if is_read_back { StepStatus::Succeeded } else { StepStatus::Failed };
        let state = StepState { standing, ..pending(StepKind::Wait) };
        ours.learn(&by, &wait, &state, Some((&step, &sent)));
    }

    fn operation() -> Operation {
        let at = EndpointKey {
            stage: "anet-prod".parse().expect("a stage"),
            endpoint: "anet-ep".parse().expect("a name"),
        };
        Operation {
            id: RunId("r".to_owned()),
            target: at.clone().into(),
            intent: Intent::SetRoute { at, route: Route::default() },
            moved: None,
            by: "Dana".to_owned(),
            started: Timestamp(0),
            ended: None,
            progress: Progress::Succeeded,
        }
    }

    #[test]
    fn a_route_that_preceded_ours_is_superseded_and_no_other() {
        let mut ours = OwnWrites::default();
        set(&mut ours, "blue=100", "blue=90,green=10", true, true);
        set(&mut ours, "blue=90,green=10", "green=100", true, true);
        let newest = route("green=100");
        for former in ["blue=100", "blue=90,green=10"] {
            assert_eq!(ours.superseded(&route(former)), Some(&newest), "{former}");
        }
        assert_eq!(ours.superseded(&newest), None);
        let mut mirrored = OwnWrites::default();
        set(&mut mirrored, "blue=100;mirror=green:20", "blue=90,green=10", true, true);
        assert!(mirrored.superseded(&route("blue=100")).is_some(), "a mixture of both");
        assert_eq!(ours.superseded(&route("blue=70,green=30")), None, "set by somebody else");
        assert!(ours.sender(&route("blue=90,green=10")).is_some());
        assert!(ours.sender(&route("blue=100")).is_none());
    }

    #[test]
    fn a_route_whose_result_is_unknown_supersedes_nothing() {
        for (is_sent, is_read_back) in [(true, false), (false, true), (false, false)] {
            let mut ours = OwnWrites::default();
            set(&mut ours, "blue=100", "green=100", is_sent, is_read_back);
            assert_eq!(ours.superseded(&route("blue=100")), None, "{is_sent} {is_read_back}");
            assert_eq!(ours.sender(&route("green=100")).is_some(), is_sent);
        }
    }
}
