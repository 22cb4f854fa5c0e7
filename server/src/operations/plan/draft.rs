//! A plan in the making: each movement adds its steps, what guards judge, and its differences.

use super::observed::{Live, Observed};
use super::step::{Step, Until};
use super::{Planned, hash, rows};
use app::domain::endpoint::MadeOf;
use app::domain::evidence::standing::rising;
use app::domain::guard::case::{Case, Move, Wanted};
use app::domain::guard::facts::{AlertQuery, Facts};
use app::domain::guard::{self, TABLE};
use app::domain::name::{DeploymentName, EndpointName};
use app::domain::plan::promotion::{Station, stations};
use app::domain::plan::step::StepKind;
use app::domain::plan::{Difference, Plan, Subject, Target};
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
    pub(super) steps: Vec<Step>,
    pub(super) moves: Vec<Move>,
    pub(super) differences: Vec<Difference>,
    route: Route,
    mirror_to_live: Option<DeploymentName>,
    left_undone: Option<String>,
    /// What the team's workflow would do as well and the console does not, in words.
    left_to_workflow: Vec<String>,
    /// How the alert rule's query compares response codes.
    pub(super) alert_query: Option<AlertQuery>,
    /// What is there now of what a step sets, in words.
    pub(super) now: BTreeMap<StepKind, &'static str>,
    said: BTreeMap<DeploymentName, BTreeMap<&'static str, String>>,
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
            left_to_workflow: Vec::new(),
            alert_query: None,
            now: BTreeMap::new(),
            said: BTreeMap::new(),
        }
    }

    pub(super) fn endpoint(&self) -> EndpointName {
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
        let state = self.live.map(|live| live.endpoint.state);
        self.differences.extend(rows::of(&Subject::Endpoint, before, &body, state, None));
        self.steps.push(Step::PutEndpoint { endpoint: self.endpoint(), body });
        let until = Until::EndpointSucceeded { route: self.route.clone() };
        self.steps.push(Step::Wait { until });
        self.moves.push(Move::PutEndpoint);
    }

    /// Creates a deployment without traffic.
    pub(super) fn create(&mut self, name: &DeploymentName, desired: &Value, wanted: Wanted) {
        let body = self.tell(name, desired, false);
        self.put_deployment(name, body);
        self.moves.push(Move::Create(wanted));
    }

    /// Changes a deployment in place.
    pub(super) fn update(&mut self, name: &DeploymentName, desired: &Value, wanted: Wanted) {
        let body = self.tell(name, desired, true);
        self.put_deployment(name, body);
        self.moves.push(Move::Update(wanted));
    }

    /// Deletes a deployment and creates it again. While nobody is served by it, which the guards check.
    pub(super) fn recreate(&mut self, name: &DeploymentName, desired: &Value, wanted: Wanted) {
        let body = self.tell(name, desired, true);
        self.remove(name);
        self.put_deployment(name, body);
        self.moves.push(Move::Create(wanted));
    }

    /// The body as it is sent, its fields added to the differences.
    fn tell(&mut self, name: &DeploymentName, desired: &Value, is_there: bool) -> Value {
        let body = self.located(desired);
        let before = self.body(name).filter(|_| is_there).unwrap_or(&Value::Null);
        let state = self.live.and_then(|live| live.endpoint.deployment(name)).map(|one| one.state);
        let subject = Subject::Deployment(name.clone());
        let said = self.said.get(name);
        self.differences.extend(rows::of(&subject, before, &body, state, said));
        body
    }

    /// What is said beside the fields of a deployment: `latest, now 7`.
    pub(super) fn say(&mut self, name: &DeploymentName, said: BTreeMap<&'static str, String>) {
        self.said.insert(name.clone(), said);
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

    /// Notes what the team's workflow would do as well and the console does not.
    pub(super) fn leave_to_workflow(&mut self, what: String) {
        self.left_to_workflow.push(what);
    }

    pub(super) fn load_test(&mut self, test: String, config: String, run: String) {
        let key_secret = format!("api-key-{}", self.key.endpoint);
        let endpoint = self.endpoint();
        self.differences.extend(rows::of_load_test(&test, &run, &key_secret));
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
            left_to_workflow: std::mem::take(&mut self.left_to_workflow),
            alert_query: self.alert_query.take(),
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
            // A shadow that is created again loses its mirror for a while.
            let is_remade = self.moves.iter().any(|moved| matches!(moved, Move::Delete(_)));
            let is_off_between = is_remade && base.mirror() == self.route.mirror();
            differences = rows::of_route(&base, &self.route, is_off_between);
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
        hash::sealed(plan, self.steps, &self.observed.marks)
    }
}

/// Azure's own keys of an endpoint, without those that it sets by itself at each operation.
fn without_operation(own: &Value) -> Value {
    let mut own = own.as_object().cloned().unwrap_or_default();
    own.retain(|key, _| key != "AzureAsyncOperationUri" && key != "azureml.onlineendpointid");
    json!(own)
}
