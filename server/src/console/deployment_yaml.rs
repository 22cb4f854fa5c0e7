//! Reads the YAML of a deployment that a person pasted. The `spec` crate renders it; this adds the rules of Azure that
//! `spec` does not check, and what the console cannot do yet.

use crate::azure::arm::Workspace;
use crate::planner::pinned::PinnedDeployment;
use crate::redact;
use domain::name::{DeploymentName, EndpointName};
use domain::spec::{YAML_BYTES_MAX, YamlProblem};
use domain::text::shortened;
use serde_json::Value as Json;
use spec::asset::{Action, Asset};
use spec::files::Nothing;
use spec::problem::Problem;
use spec::render::{Options, Rendered, Source};
use spec::scope::Scope;
use spec::yaml::{Limits, Node};
use std::path::PathBuf;

/// Maximum number of instances of one deployment (Azure: how-to-manage-quotas).
const INSTANCES_MAX: i64 = 50;
/// Maximum request timeout in milliseconds (Azure: how-to-manage-quotas).
const REQUEST_TIMEOUT_MS_MAX: i64 = 180_000;
/// The file name of the pasted text in problems.
const NAME: &str = "deployment.yml";

/// Reads a YAML for one endpoint. It may omit the endpoint's name, but must not name another endpoint.
///
/// # Errors
/// All problems, by line.
pub fn read(
    yaml: &str,
    workspace: &Workspace,
    endpoint: &EndpointName,
) -> Result<PinnedDeployment, Vec<YamlProblem>> {
    if yaml.len() > YAML_BYTES_MAX {
        return Err(whole(format!(
            "The YAML has {} bytes, but may have at most {YAML_BYTES_MAX}. Shorten it.",
            yaml.len()
        )));
    }
    if yaml.trim().is_empty() {
        return Err(whole(
            "There is no YAML. Paste the YAML of a deployment, or choose a file.".to_owned(),
        ));
    }
    let root = spec::yaml::parse(NAME, yaml.as_bytes(), Limits::default());
    let root = root.map_err(|problem| vec![shown(problem)])?;
    let rendered = render(yaml, workspace, endpoint);
    let mut problems: Vec<Problem> = elsewhere(&root, endpoint).into_iter().collect();
    match &rendered {
        Ok(rendered) => {
            problems.extend(unregistered(&root, &rendered.assets));
            problems.extend(against_azure(&root, &rendered.body));
        }
        Err(found) => problems.extend(found.iter().cloned()),
    }
    let name = rendered
        .ok()
        .and_then(|rendered| Some((rendered.name.parse::<DeploymentName>().ok()?, rendered.body)));
    match name {
        Some((name, body)) if problems.is_empty() => Ok(PinnedDeployment { name, body }),
        _ => {
            problems.sort_by_key(|problem| (problem.line, problem.column));
            Err(problems.into_iter().map(shown).collect())
        }
    }
}

fn render(
    yaml: &str,
    workspace: &Workspace,
    endpoint: &EndpointName,
) -> Result<Rendered, Vec<Problem>> {
    let source = Source { name: NAME, bytes: yaml.as_bytes(), folder: PathBuf::new() };
    let options = Options {
        name: None,
        endpoint: Some(endpoint.to_string()),
        set: Vec::new(),
        scope: Scope {
            subscription: workspace.subscription.clone(),
            resource_group: workspace.resource_group.clone(),
            workspace: workspace.name.clone(),
            location: String::new(),
        },
    };
    spec::render::deployment(&source, &options, &Nothing)
}

fn whole(message: String) -> Vec<YamlProblem> {
    vec![YamlProblem { line: None, column: None, field: None, message }]
}

fn shown(problem: Problem) -> YamlProblem {
    let Problem { line, column, field, message, .. } = problem;
    YamlProblem { line: Some(line), column: Some(column), field, message }
}

/// The node at a path of keys, or its deepest existing ancestor.
fn at<'n>(root: &'n Node, path: &str) -> &'n Node {
    let mut here = root;
    for key in path.split('.') {
        match here.map().and_then(|map| map.get(key)) {
            Some(node) => here = node,
            None => break,
        }
    }
    here
}

fn elsewhere(root: &Node, endpoint: &EndpointName) -> Option<Problem> {
    let node = root.map()?.get("endpoint_name")?;
    let named = node.text().filter(|named| !named.eq_ignore_ascii_case(endpoint.as_str()))?;
    let named = shortened(named, 40);
    let message = format!(
        "this YAML is for the endpoint “{named}”, but this page is for {endpoint}. Correct endpoint_name, or go to that endpoint"
    );
    Some(node.at.problem("endpoint_name", message))
}

/// Rejects local assets, which the console cannot upload or register yet, and `@latest`, whose version can change.
fn unregistered(root: &Node, assets: &[Asset]) -> Vec<Problem> {
    let each = assets.iter().map(|asset| {
        let key = match asset.kind {
            spec::asset::Kind::Code => "code_configuration",
            spec::asset::Kind::Model => "model",
            spec::asset::Kind::Environment => "environment",
            spec::asset::Kind::Data => "data_collector",
        };
        let message = match (asset.action, key) {
            (Action::Resolve, _) => {
                "the version behind this label can change. Name the version. Example: azureml:name:1".to_owned()
            }
            (_, "code_configuration") => "the console cannot upload a local scoring folder yet. Use an environment that contains its own server, or deploy with the Azure CLI".to_owned(),
            (_, "data_collector") => "the console cannot register collected data yet. Deploy with the Azure CLI".to_owned(),
            _ => format!("the console cannot register an inline {key} yet. Register it first, then name it. Example: azureml:name:1"),
        };
        at(root, key).at.problem(key, message)
    });
    each.collect()
}

/// Checks rules of Azure that the SDK leaves to the service, so that the person gets the line before anything is sent.
fn against_azure(root: &Node, body: &Json) -> Vec<Problem> {
    let mut all = Vec::new();
    let mut refuse =
        |path: &str, message: String| all.push(at(root, path).at.problem(path, message));
    let properties = &body["properties"];
    if let Some(count) =
        body["sku"]["capacity"].as_i64().filter(|n| !(1..=INSTANCES_MAX).contains(n))
    {
        refuse(
            "instance_count",
            format!("instance_count is {count}, but must be 1 to {INSTANCES_MAX}"),
        );
    }
    let timeout =
        at(root, "request_settings.request_timeout_ms").text().and_then(|text| text.parse().ok());
    if let Some(timeout) = timeout.filter(|ms: &i64| *ms > REQUEST_TIMEOUT_MS_MAX) {
        refuse(
            "request_settings.request_timeout_ms",
            format!("request_timeout_ms is {timeout}, but may be at most {REQUEST_TIMEOUT_MS_MAX}"),
        );
    }
    if properties["requestSettings"]["maxConcurrentRequestsPerInstance"]
        .as_i64()
        .is_some_and(|n| n < 1)
    {
        refuse(
            "request_settings.max_concurrent_requests_per_instance",
            "max_concurrent_requests_per_instance must be at least 1".to_owned(),
        );
    }
    if properties["instanceType"].as_str().is_some_and(|text| text.trim().is_empty()) {
        let message = "instance_type is empty. Enter an instance type. Example: Standard_DS3_v2";
        refuse("instance_type", message.to_owned());
    }
    let variables = properties["environmentVariables"].as_object();
    for (name, _) in variables.into_iter().flatten().filter(|(_, value)| holds_hidden(value)) {
        let message = format!(
            "the console hides the value of {name}, so it would send “{}” instead. Enter the value",
            redact::HIDDEN
        );
        refuse(&format!("environment_variables.{name}"), message);
    }
    if properties["endpointComputeType"] != "Managed" {
        refuse("type", "the console creates only managed deployments".to_owned());
    }
    if properties["model"].is_null() && properties["environmentId"].is_null() {
        let message = "model and environment are missing. Name at least one registered asset. Example: azureml:name:1";
        refuse("environment", message.to_owned());
    }
    all
}

/// Whether a value was copied from a page that hid it or a part of it.
fn holds_hidden(value: &Json) -> bool {
    value.as_str().is_some_and(|text| text.contains(redact::HIDDEN))
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "\
$schema: https://azuremlschemas.azureedge.net/latest/managedOnlineDeployment.schema.json
name: anet-green
endpoint_name: anet-ep-prod
model: azureml:nbq:2
environment: azureml:ml-azua-litserve-env:1
instance_type: Standard_DS3_v2
instance_count: 1
environment_variables:
  WORKERS: 4
request_settings:
  request_timeout_ms: 90000
  max_queue_wait_ms: 0
liveness_probe:
  initial_delay: 600
";

    fn read_here(yaml: &str) -> Result<PinnedDeployment, Vec<YamlProblem>> {
        let workspace =
            Workspace { subscription: "s".into(), resource_group: "r".into(), name: "w".into() };
        read(yaml, &workspace, &"anet-ep-prod".parse().expect("a name"))
    }

    #[track_caller]
    fn refused(change: (&str, &str), line: u32, part: &str) {
        let yaml = GOOD.replace(change.0, change.1);
        let problems = read_here(&yaml).expect_err("refused");
        let found = problems.iter().any(|p| p.line == Some(line) && p.message.contains(part));
        assert!(found, "{problems:?}");
    }

    #[test]
    fn each_problem_has_its_line() {
        refused(("name: anet-green", "name: a_b"), 2, "letters, digits and hyphens");
        refused(("anet-ep-prod", "anet-ep-dev"), 3, "but this page is for anet-ep-prod");
        refused(("instance_count: 1", "instance_count: 51"), 7, "1 to 50");
        refused(("instance_count: 1", "instance_count: many"), 7, "must be an integer");
        refused(("instance_count: 1", "instance_cuont: 1"), 7, "Did you mean instance_count");
        refused(("request_timeout_ms: 90000", "request_timeout_ms: 180001"), 11, "180000");
        refused(("azureml:nbq:2", "./model"), 4, "not a model");
        refused(("azureml:nbq:2", "azureml:nbq@latest"), 4, "this label can change");
        refused(
            ("azureml:nbq:2", "{name: x, path: \"azureml://datastores/d/paths/p\"}"),
            4,
            "inline model",
        );
        refused(("  WORKERS: 4", "\tWORKERS: 4"), 9, "a tab");
        refused(("instance_count: 1", "type: kubernetes"), 7, "only managed");
        refused(("  WORKERS: 4", "  API_KEY: (hidden)"), 9, "hides the value of API_KEY");
    }

    #[test]
    fn missing_fields_and_large_texts_are_problems() {
        let missing = read_here("name: abc").expect_err("refused");
        assert!(missing[0].message.contains("instance_type"), "{missing:?}");
        assert!(read_here("  ").expect_err("refused")[0].message.contains("no YAML"));
        let large = format!("{GOOD}# {}", "x".repeat(YAML_BYTES_MAX));
        assert!(read_here(&large).expect_err("refused")[0].message.contains("may have at most"));
    }
}
