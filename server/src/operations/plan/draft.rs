//! A plan in the making: each movement adds its steps, what guards judge, and its differences.

use super::Planned;
use super::diff;
use super::hash;
use super::monitor::{self, Put};
use super::observed::{Live, Observed, Presence};
use super::step::{Step, Until};
use app::domain::endpoint::MadeOf;
use app::domain::evidence::standing::rising;
use app::domain::guard::case::{Case, Move, Wanted};
use app::domain::guard::facts::Facts;
use app::domain::guard::{self, TABLE};
use app::domain::name::{DeploymentName, EndpointName};
use app::domain::plan::promotion::{Station, stations};
use app::domain::plan::step::StepKind;
use app::domain::plan::{Difference, Plan, Subject, Target, route_differences};
use app::domain::policy::promotion::Promotion;
use app::domain::release::Question;
use app::domain::route::Route;
use app::domain::stage::EndpointKey;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A plan of one endpoint in the making.
pub(super) struct Draft<'a> {
    pub(super) key: &'a EndpointKey,
    pub(super) observed: &'a Observed,
    /// The endpoint as it is; `None` when there is none.
    pub(super) live: Option<&'a Live>,
    /// How live traffic moves to a deployment that gets more of it.
    promotion: Option<&'a Promotion>,
    steps: Vec<Step>,
    moves: Vec<Move>,
    differences: Vec<Difference>,
    route: Route,
    mirror_to_live: Option<DeploymentName>,
    left_undone: Option<String>,
    /// What is there now of what a step sets, in words.
    now: BTreeMap<StepKind, &'static str>,
}

impl<'a> Draft<'a> {
    pub(super) fn new(
        key: &'a EndpointKey,
        observed: &'a Observed,
        promotion: Option<&'a Promotion>,
    ) -> Self {
        let live = observed.endpoints.get(&key.endpoint);
        let route = live.map(|live| live.endpoint.route.clone()).unwrap_or_default();
        Self {
            key,
            observed,
            live,
            promotion,
            steps: Vec::new(),
            moves: Vec::new(),
            differences: Vec::new(),
            route,
            mirror_to_live: None,
            left_undone: None,
            now: BTreeMap::new(),
        }
    }

    fn endpoint(&self) -> EndpointName {
        self.key.endpoint.clone()
    }

    /// The route after what is planned so far.
    pub(super) fn route(&self) -> &Route {
        &self.route
    }

    /// The fields that the plan changes so far.
    pub(super) fn differences(&self) -> &[Difference] {
        &self.differences
    }

    fn base(&self) -> Route {
        self.live.map(|live| live.endpoint.route.clone()).unwrap_or_default()
    }

    fn located(&self, body: &Value) -> Value {
        let mut body = body.clone();
        let own =
            self.live.and_then(|live| live.body.as_ref()).and_then(|body| body.get("location"));
        let location = own.cloned().or_else(|| self.observed.location.clone().map(Value::from));
        if let (Some(fields), Some(location)) = (body.as_object_mut(), location) {
            fields.insert("location".to_owned(), location);
        }
        body
    }

    /// Sets the endpoint's diagnostic settings, unless they are there as wanted.
    pub(super) fn diagnostics(&mut self) {
        let log = self.observed.log_analytics.as_deref();
        let (name, body) = monitor::diagnostics(&self.key.endpoint, log);
        let found = self.live.map_or(&Presence::Unknown, |live| &live.diagnostics);
        let Some(put) = monitor::put(&Subject::Diagnostics, found, &body) else { return };
        self.watch(put, Step::PutDiagnostics { endpoint: self.endpoint(), name, body });
    }

    /// Sets the endpoint's alert rule, unless it is there as wanted.
    pub(super) fn alert(&mut self, repository: Option<&str>) {
        let (name, body) = monitor::alert(self.key, self.observed, self.live, repository);
        let found = self.live.map_or(&Presence::Unknown, |live| &live.alert);
        let Some(put) = monitor::put(&Subject::Alert, found, &body) else { return };
        self.watch(put, Step::PutAlert { endpoint: self.endpoint(), name, body });
    }

    fn watch(&mut self, put: Put, step: Step) {
        self.differences.extend(put.differences);
        self.now.insert(step.words().kind, put.now);
        self.steps.push(step);
        self.moves.push(Move::Observe);
    }

    /// Creates or updates the endpoint, its route as it is.
    pub(super) fn put_endpoint(&mut self, desired: &Value) {
        let mut body = self.located(desired);
        let (traffic, mirror) = super::step::maps(&self.route);
        let own = self.live.and_then(|live| live.body.as_ref()?.pointer("/properties/properties"));
        if let Some(properties) = body.get_mut("properties").and_then(Value::as_object_mut) {
            properties.insert("traffic".to_owned(), traffic);
            properties.insert("mirrorTraffic".to_owned(), mirror);
            if let Some(own) = own {
                properties.insert("properties".to_owned(), without_operation(own));
            }
        }
        let before = self.live.and_then(|live| live.body.as_deref()).unwrap_or(&Value::Null);
        self.differences.extend(diff::compare(&Subject::Endpoint, before, &body));
        self.steps.push(Step::PutEndpoint { endpoint: self.endpoint(), body });
        let until = Until::EndpointSucceeded { route: self.route.clone() };
        self.steps.push(Step::Wait { until });
        self.moves.push(Move::PutEndpoint);
    }

    /// Creates a deployment without traffic.
    pub(super) fn create(&mut self, name: &DeploymentName, desired: &Value, wanted: Wanted) {
        let body = self.located(desired);
        self.differences.extend(diff::all_of(&Subject::Deployment(name.clone()), &body));
        self.put_deployment(name, body);
        self.moves.push(Move::Create(wanted));
    }

    /// Changes a deployment in place.
    pub(super) fn update(&mut self, name: &DeploymentName, desired: &Value, wanted: Wanted) {
        let body = self.located(desired);
        let before = self.body(name).unwrap_or(&Value::Null);
        self.differences.extend(diff::compare(&Subject::Deployment(name.clone()), before, &body));
        self.put_deployment(name, body);
        self.moves.push(Move::Update(wanted));
    }

    /// Deletes a deployment and creates it anew. While nobody is served by it, which the guards check.
    pub(super) fn recreate(&mut self, name: &DeploymentName, desired: &Value, wanted: Wanted) {
        let body = self.located(desired);
        let before = self.body(name).unwrap_or(&Value::Null);
        self.differences.extend(diff::compare(&Subject::Deployment(name.clone()), before, &body));
        self.remove(name);
        self.put_deployment(name, body);
        self.moves.push(Move::Create(wanted));
    }

    fn put_deployment(&mut self, name: &DeploymentName, body: Value) {
        let (endpoint, name) = (self.endpoint(), name.clone());
        self.steps.push(Step::PutDeployment { endpoint, name: name.clone(), body });
        self.steps.push(Step::Wait { until: Until::DeploymentSucceeded { name } });
    }

    fn remove(&mut self, name: &DeploymentName) {
        let (endpoint, name) = (self.endpoint(), name.clone());
        self.moves.push(Move::Delete(name.clone()));
        self.steps.push(Step::DeleteDeployment { endpoint, name: name.clone() });
        self.steps.push(Step::Wait { until: Until::DeploymentGone { name } });
    }

    pub(super) fn delete(&mut self, name: &DeploymentName) {
        let state = self.live.and_then(|live| live.endpoint.deployment(name));
        self.differences.push(Difference {
            subject: Subject::Deployment(name.clone()),
            field: "/properties/provisioningState".to_owned(),
            before: state.map(|deployment| deployment.state.to_string()),
            after: None,
        });
        self.remove(name);
    }

    /// Sets a route, by the stations that the stage's policy asks for. Guards judge where it ends: what is
    /// right for the wanted share is right for a smaller one.
    pub(super) fn set_route(&mut self, after: &Route) {
        let mut now = self.route.clone();
        for Station { route, baking } in stations(&self.route, after, self.promotion) {
            self.steps.push(Step::set_route(&self.key.endpoint, &now, &route));
            let until = Until::EndpointSucceeded { route: route.clone() };
            self.steps.push(Step::Wait { until });
            now.clone_from(&route);
            let bake = baking.map(|baking| Step::Bake { endpoint: self.endpoint(), route, baking });
            self.steps.extend(bake);
        }
        self.moves.push(Move::SetRoute(after.clone()));
        self.route = after.clone();
    }

    /// Notes that a mirror was asked for and cannot be had.
    pub(super) fn cannot_mirror(&mut self, name: &DeploymentName) {
        self.mirror_to_live = Some(name.clone());
    }

    /// Notes that something is half given, and so not done.
    pub(super) fn leave_undone(&mut self, why: String) {
        self.left_undone = Some(why);
    }

    pub(super) fn load_test(&mut self, test: String, config: String, run: String) {
        let key_secret = format!("api-key-{}", self.key.endpoint);
        let endpoint = self.endpoint();
        self.steps.push(Step::RunLoadTest { endpoint, test, config, run, key_secret });
        self.moves.push(Move::LoadTest);
    }

    /// Azure's body of a deployment.
    pub(super) fn body(&self, name: &DeploymentName) -> Option<&'a Value> {
        self.live.and_then(|live| live.deployments.get(name)).map(AsRef::as_ref)
    }

    /// What those are made of that rise, and are there already.
    fn made_of(&self, base: &Route) -> BTreeMap<DeploymentName, MadeOf> {
        let made_of = |name: DeploymentName| {
            let deployment = self.live?.endpoint.deployment(&name)?;
            let made_of = MadeOf::from(deployment);
            Some((name, made_of))
        };
        rising(base, &self.route).into_iter().filter_map(made_of).collect()
    }

    /// Ends: judges, and hashes.
    pub(super) fn finish(mut self, facts: &Facts, questions: Vec<Question>) -> Planned {
        let base = self.base();
        let facts = &Facts {
            mirror_to_live: self.mirror_to_live.take(),
            left_undone: self.left_undone.take(),
            ..facts.clone()
        };
        let target = Target::Endpoint(self.key.clone());
        let endpoint = self.live.map(|live| live.endpoint.as_ref());
        let case = Case { at: &target, endpoint, moves: &self.moves, facts };
        let verdicts = guard::judge(&TABLE, &case);
        if case.touches_endpoint() {
            let route = self.live.map(|_| base.clone());
            self.steps.insert(0, Step::Check { endpoint: self.endpoint(), route });
        }
        let routed = self.moves.iter().any(|moved| matches!(moved, Move::SetRoute(_)));
        let mut differences = Vec::new();
        if routed {
            differences = route_differences(&base, &self.route);
        }
        differences.append(&mut self.differences);
        let words = |step: &Step| {
            let mut words = step.words();
            words.text.push_str(self.now.get(&words.kind).copied().unwrap_or_default());
            words
        };
        let plan = Plan {
            target,
            made_of: self.made_of(&base),
            base,
            steps: self.steps.iter().map(words).collect(),
            differences,
            verdicts,
            questions,
            hash: None,
        };
        hash::sealed(plan, self.steps)
    }
}

/// Azure's own keys of an endpoint, without those that it sets by itself at each operation.
fn without_operation(own: &Value) -> Value {
    let mut own = own.as_object().cloned().unwrap_or_default();
    own.retain(|key, _| key != "AzureAsyncOperationUri" && key != "azureml.onlineendpointid");
    json!(own)
}
