//! Deployment environments with their reviewers.

use std::collections::BTreeMap;

use http::Method;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::answer::{Answer, Refusal};
use super::call::Call;
use super::repository::Repository;
use super::{shapes, users};

/// The highest number of reviewers of one environment (docs.github.com, deployments and environments).
const REVIEWERS_MAX: usize = 6;
/// The highest number of environments; GitHub documents no limit.
const ENVIRONMENTS_MAX: usize = 200;
/// The longest name (docs.github.com, managing environments for deployment).
const NAME_CHARS_MAX: usize = 255;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Environment {
    pub id: u64,
    pub name: String,
    /// Logins. A job for this environment waits until one of them approves it; without any, it does not wait.
    pub reviewers: Vec<String>,
    /// Whether who started a run may not approve it.
    pub prevents_self_review: bool,
    /// Seconds since 1970.
    pub created_at: i64,
}

/// Environments by name. GitHub ignores the case of names.
pub type Environments = BTreeMap<String, Environment>;

/// The environment with this name, which a workflow may create by naming it.
pub fn ensure(all: &mut Environments, name: &str, now: i64) {
    let is_known = all.keys().any(|known| known.eq_ignore_ascii_case(name));
    if !is_known && all.len() < ENVIRONMENTS_MAX && !name.is_empty() {
        all.insert(name.to_owned(), new(all, name, now));
    }
}

fn new(all: &Environments, name: &str, now: i64) -> Environment {
    let last = all.values().map(|environment| environment.id).max();
    Environment {
        id: last.unwrap_or(7_000) + 1,
        name: name.to_owned(),
        reviewers: Vec::new(),
        prevents_self_review: false,
        created_at: now,
    }
}

/// Finds an environment by name.
pub fn find<'a>(all: &'a Environments, name: &str) -> Option<&'a Environment> {
    all.values().find(|environment| environment.name.eq_ignore_ascii_case(name))
}

/// `id`, `name`, `url`, … as pending deployments show them.
pub fn short(repo: &Repository, root: &str, environment: &Environment) -> Value {
    let (url, html) = (shapes::url(repo, root), shapes::html(repo, root));
    let name = encoded(&environment.name);
    json!({
        "id": environment.id, "name": environment.name,
        "node_id": shapes::node("Environment", &environment.id.to_string()),
        "url": format!("{url}/environments/{name}"),
        "html_url": format!("{html}/deployments/activity_log?environments_filter={name}"),
    })
}

fn encoded(name: &str) -> String {
    percent_encoding::utf8_percent_encode(name, percent_encoding::NON_ALPHANUMERIC).to_string()
}

/// Who reviews, as pending deployments and protection rules show it.
pub fn reviewers(environment: &Environment, root: &str) -> Value {
    let shape = |login: &String| json!({ "type": "User", "reviewer": users::shape(login, root) });
    environment.reviewers.iter().map(shape).collect()
}

fn full(repo: &Repository, root: &str, environment: &Environment) -> Value {
    let mut body = short(repo, root, environment);
    let at = shapes::moment(environment.created_at);
    body["created_at"] = json!(at);
    body["updated_at"] = json!(at);
    body["deployment_branch_policy"] = Value::Null;
    body["protection_rules"] = json!([]);
    if !environment.reviewers.is_empty() {
        let id = environment.id * 10 + 1;
        body["protection_rules"] = json!([{
            "id": id, "node_id": shapes::node("GateRule", &id.to_string()),
            "type": "required_reviewers", "prevent_self_review": environment.prevents_self_review,
            "reviewers": reviewers(environment, root),
        }]);
    }
    body
}

/// `GET …/environments[/{name}]`
pub fn read(
    repo: &Repository,
    all: &Environments,
    call: &Call,
    rest: &[&str],
) -> Result<Answer, Refusal> {
    match rest {
        [] => {
            let items = all.values().map(|one| full(repo, &call.root, one));
            Ok(call.counted_page("environments", items.collect()))
        }
        [name] => {
            let found = find(all, name).ok_or_else(Refusal::not_found)?;
            Ok(Answer::ok(&full(repo, &call.root, found)))
        }
        _ => Err(Refusal::not_found()),
    }
}

/// What a PUT sets; what it leaves out is removed.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Wanted {
    prevent_self_review: bool,
    reviewers: Option<Vec<Reviewer>>,
}

#[derive(Debug, Deserialize)]
struct Reviewer {
    #[serde(rename = "type")]
    kind: String,
    id: u64,
}

/// `PUT …/environments/{name}`, `DELETE …/environments/{name}`
pub fn write(
    repo: &Repository,
    all: &mut Environments,
    call: &Call,
    rest: &[&str],
    now: i64,
) -> Result<Answer, Refusal> {
    let [name] = rest else { return Err(Refusal::not_found()) };
    let key = find(all, name).map_or_else(|| (*name).to_owned(), |found| found.name.clone());
    if call.method == Method::DELETE {
        all.remove(&key).ok_or_else(Refusal::not_found)?;
        return Ok(Answer::empty());
    }
    if call.method != Method::PUT {
        return Err(Refusal::not_found());
    }
    let wanted: Wanted = match call.body.is_empty() {
        true => Wanted::default(),
        false => serde_json::from_value(call.json()?)
            .map_err(|error| Refusal::unprocessable(format!("Invalid request.\n\n{error}")))?,
    };
    let given = wanted.reviewers.unwrap_or_default();
    let login = |reviewer: &Reviewer| {
        let user = users::by_id(reviewer.id).filter(|_| reviewer.kind == "User");
        user.map(|user| user.login.to_owned())
    };
    let reviewers: Option<Vec<String>> = given.iter().map(login).collect();
    let reviewers = reviewers.filter(|all| all.len() <= REVIEWERS_MAX).ok_or_else(|| {
        Refusal::unprocessable("Failed to create the environment protection rule")
    })?;
    if key.chars().count() > NAME_CHARS_MAX
        || (all.len() >= ENVIRONMENTS_MAX && !all.contains_key(&key))
    {
        return Err(Refusal::unprocessable("Failed to create the environment"));
    }
    let mut environment = all.get(&key).cloned().unwrap_or_else(|| new(all, &key, now));
    environment.reviewers = reviewers;
    environment.prevents_self_review = wanted.prevent_self_review;
    let body = full(repo, &call.root, &environment);
    all.insert(key, environment);
    Ok(Answer::ok(&body))
}
