//! A draft of a plan. Each move adds its steps, its differences, and the facts that guards judge by.

use super::observed::{Live, Observed};
use super::step::{Step, Until};
use super::{Planned, hash, rows};
use domain::endpoint::MadeOf;
use domain::evidence::status::rising;
use domain::guard::context::{GuardContext, Move, Wanted};
use domain::guard::inputs::GuardInputs;
use domain::guard::{self, TABLE};
use domain::name::{DeploymentName, EndpointName};
use domain::plan::promotion::{Station, stations};
use domain::plan::step::StepKind;
use domain::plan::{Difference, Plan, Subject, route_maps};
use domain::policy::promotion::Promotion;
use domain::release::Question;
use domain::route::Route;
use domain::stage::EndpointKey;
use domain::target::Target;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The draft of a plan for one endpoint.
pub(super) struct PlanDraft<'a> {
    pub(super) key: &'a EndpointKey,
    pub(super) observed: &'a Observed,
    /// `None` when the endpoint does not exist.
    pub(super) live: Option<&'a Live>,
    promotion: Option<&'a Promotion>,
    pub(super) steps: Vec<Step>,
    pub(super) moves: Vec<Move>,
    pub(super) differences: Vec<Difference>,
    route: Route,
    pub(super) mirror_to_live: Option<DeploymentName>,
    pub(super) left_undone: Option<String>,
    /// The work of the team's workflow that the console does not do, in words.
    pub(super) left_to_workflow: Vec<String>,
    /// The build that the workflow begins with, in words.
    pub(super) builds_first: Option<String>,
    /// The current state of the resource that a step sets, in words.
    pub(super) now: BTreeMap<StepKind, &'static str>,
    said: BTreeMap<DeploymentName, BTreeMap<&'static str, String>>,
}

impl<'a> PlanDraft<'a> {
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
            builds_first: None,
            now: BTreeMap::new(),
            said: BTreeMap::new(),
        }
    }

    pub(super) fn endpoint(&self) -> EndpointName {
        self.key.endpoint.clone()
    }

    /// The route after the steps planned so far.
    pub(super) fn route(&self) -> &Route {
        &self.route
    }

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

    /// Creates or updates the endpoint. The route stays the same.
    pub(super) fn put_endpoint(&mut self, desired: &Value) {
        let mut body = self.located(desired);
        let (traffic, mirror) = route_maps(&self.route);
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

    /// Deletes a deployment and creates it again. The guards check that it has no traffic.
    pub(super) fn recreate(&mut self, name: &DeploymentName, desired: &Value, wanted: Wanted) {
        let body = self.tell(name, desired, true);
        self.remove(name);
        self.put_deployment(name, body);
        self.moves.push(Move::Create(wanted));
    }

    /// Adds the body's fields to the differences, and returns the body to send.
    fn tell(&mut self, name: &DeploymentName, desired: &Value, is_there: bool) -> Value {
        let body = self.located(desired);
        let before = self.body(name).filter(|_| is_there).unwrap_or(&Value::Null);
        let state = self.live.and_then(|live| live.endpoint.deployment(name)).map(|one| one.state);
        let subject = Subject::Deployment(name.clone());
        let said = self.said.get(name);
        self.differences.extend(rows::of(&subject, before, &body, state, said));
        body
    }

    /// Sets the remarks beside the fields of a deployment, such as `latest, now 7`.
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
        let deployment = self.live.and_then(|live| live.endpoint.deployment(&name));
        let made_of = deployment.map(MadeOf::from);
        self.steps.push(Step::DeleteDeployment { endpoint, name: name.clone(), made_of });
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

    /// Sets a route in the steps of the stage's promotion policy. Guards judge only the final route, because smaller
    /// shares are safe if the final one is.
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

    /// Notes that the requested mirror is impossible.
    pub(super) fn cannot_mirror(&mut self, name: &DeploymentName) {
        self.mirror_to_live = Some(name.clone());
    }

    /// Notes that the plan omits something because inputs are incomplete.
    pub(super) fn leave_undone(&mut self, why: String) {
        self.left_undone = Some(why);
    }

    /// Notes work of the team's workflow that the console does not do.
    pub(super) fn leave_to_workflow(&mut self, what: String) {
        self.left_to_workflow.push(what);
    }

    /// Notes the build that the team's workflow begins with.
    pub(super) fn build_first(&mut self, what: String) {
        self.builds_first = Some(what);
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

    /// The existing deployments that get more live traffic.
    fn made_of(&self, base: &Route) -> BTreeMap<DeploymentName, MadeOf> {
        let made_of = |name: DeploymentName| {
            let deployment = self.live?.endpoint.deployment(&name)?;
            let made_of = MadeOf::from(deployment);
            Some((name, made_of))
        };
        rising(base, &self.route).into_iter().filter_map(made_of).collect()
    }

    /// Finishes the plan: judges it by the guards, and hashes it.
    pub(super) fn finish(mut self, facts: &GuardInputs, questions: Vec<Question>) -> Planned {
        let base = self.base();
        let facts = &self.judged_by(facts);
        let target = Target::Endpoint(self.key.clone());
        let endpoint = self.live.map(|live| live.endpoint.as_ref());
        let case = GuardContext { at: &target, endpoint, moves: &self.moves, facts };
        let verdicts = guard::judge(&TABLE, &case);
        if case.touches_endpoint() {
            let route = self.live.map(|_| base.clone());
            self.steps.insert(0, Step::Check { endpoint: self.endpoint(), route });
        }
        let routed = self.moves.iter().any(|moved| matches!(moved, Move::SetRoute(_)));
        let mut differences = Vec::new();
        if routed {
            // A recreated shadow has no mirror in between.
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
            images: BTreeMap::new(),
            steps: self.steps.iter().map(words).collect(),
            differences,
            verdicts,
            questions,
            hash: None,
        };
        hash::sealed(plan, self.steps, &self.observed.marks)
    }
}

/// Azure's own keys of an endpoint, without those that Azure sets at each operation.
fn without_operation(own: &Value) -> Value {
    let mut own = own.as_object().cloned().unwrap_or_default();
    own.retain(|key, _| key != "AzureAsyncOperationUri" && key != "azureml.onlineendpointid");
    json!(own)
}
