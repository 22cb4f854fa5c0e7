//! Plans the resources that watch an endpoint.

use super::draft::PlanDraft;
use super::monitor::{self, Put};
use super::observed::{Presence, Watch};
use super::step::Step;
use super::{alert, monitor::diagnostics};
use domain::guard::context::Move;
use domain::plan::Subject;
use serde_json::Value;

impl PlanDraft<'_> {
    fn watch(&self) -> Option<&Watch> {
        self.observed.watched.get(&self.key.endpoint)
    }

    /// Sets the endpoint's diagnostic settings if they differ.
    pub(super) fn diagnostics(&mut self) {
        let log = self.observed.log_analytics.as_deref();
        let (name, body) = diagnostics(&self.key.endpoint, log);
        let found = self.watch().map_or(&Presence::Unknown, |watch| &watch.diagnostics);
        let logs = "console, traffic and event logs";
        let Some(put) = monitor::put(&Subject::Diagnostics, found, &body, logs) else { return };
        self.put_watch(put, Step::PutDiagnostics { endpoint: self.endpoint(), name, body });
    }

    /// Sets the endpoint's alert rule if it differs. `team` is the team tag of the endpoint's definition.
    pub(super) fn alert(&mut self, team: Option<&Value>, repository: Option<&str>) {
        let (name, body) = alert::alert(self.key, self.observed, team, repository);
        let found = self.watch().map_or(&Presence::Unknown, |watch| &watch.alert);
        let counts = "more than 10 answers other than 200 in 15 minutes";
        let Some(put) = monitor::put(&Subject::Alert, found, &body, counts) else { return };
        self.put_watch(put, Step::PutAlert { endpoint: self.endpoint(), name, body });
    }

    fn put_watch(&mut self, put: Put, step: Step) {
        self.differences.extend(put.differences);
        self.now.insert(step.words().kind, put.now);
        self.steps.push(step);
        self.moves.push(Move::Observe);
    }
}
