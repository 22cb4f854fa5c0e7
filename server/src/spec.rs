//! A managed online deployment's YAML (Azure ML CLI v2) to its REST body.
//!
//! What this reads today: registered models and environments (`azureml:name:version`, registries, full
//! ids). Local paths and inline environments are refused with a sentence: uploading and registering are
//! not built yet.

use crate::azure::arm::Workspace;
use app::domain::name::DeploymentName;
use app::domain::spec::{YAML_BYTES_MAX, YamlProblem};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Most instances of one deployment (Azure: how-to-manage-quotas).
const INSTANCES_MAX: u32 = 50;
/// Longest request timeout in milliseconds (Azure: how-to-manage-quotas).
const REQUEST_TIMEOUT_MS_MAX: u64 = 180_000;

/// A YAML text, understood.
#[derive(Debug, Clone, PartialEq)]
pub struct Spec {
    /// The deployment's name.
    pub name: DeploymentName,
    /// The endpoint that the file names, if it does.
    pub endpoint: Option<String>,
    /// The REST body, without `location`.
    pub body: Value,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(rename = "$schema", default)]
    _schema: Option<String>,
    name: String,
    #[serde(default)]
    endpoint_name: Option<String>,
    #[serde(rename = "type", default)]
    kind: Option<String>,
    #[serde(default)]
    description: Option<String>,
    #[serde(default)]
    tags: Option<BTreeMap<String, serde_yaml::Value>>,
    #[serde(default)]
    properties: Option<BTreeMap<String, serde_yaml::Value>>,
    #[serde(default)]
    model: Option<serde_yaml::Value>,
    #[serde(default)]
    model_mount_path: Option<String>,
    #[serde(default)]
    environment: Option<serde_yaml::Value>,
    #[serde(default)]
    code_configuration: Option<serde_yaml::Value>,
    #[serde(default)]
    environment_variables: Option<BTreeMap<String, serde_yaml::Value>>,
    instance_type: String,
    #[serde(default)]
    instance_count: Option<u32>,
    #[serde(default)]
    app_insights_enabled: Option<bool>,
    #[serde(default)]
    egress_public_network_access: Option<String>,
    #[serde(default)]
    scale_settings: Option<ScaleSettings>,
    #[serde(default)]
    request_settings: Option<RequestSettings>,
    #[serde(default)]
    liveness_probe: Option<Probe>,
    #[serde(default)]
    readiness_probe: Option<Probe>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ScaleSettings {
    #[serde(rename = "type")]
    kind: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RequestSettings {
    #[serde(default)]
    request_timeout_ms: Option<u64>,
    #[serde(default)]
    max_concurrent_requests_per_instance: Option<u32>,
    #[serde(default)]
    max_queue_wait_ms: Option<u64>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Probe {
    #[serde(default)]
    initial_delay: Option<u64>,
    #[serde(default)]
    period: Option<u64>,
    #[serde(default)]
    timeout: Option<u64>,
    #[serde(default)]
    success_threshold: Option<u32>,
    #[serde(default)]
    failure_threshold: Option<u32>,
}

/// Reads a YAML text.
///
/// # Errors
/// Everything that is wrong with it, by line where that can be told.
pub fn parse(yaml: &str, workspace: &Workspace) -> Result<Spec, Vec<YamlProblem>> {
    let whole =
        |message: String| vec![YamlProblem { line: None, column: None, field: None, message }];
    if yaml.len() > YAML_BYTES_MAX {
        return Err(whole(format!(
            "The text has {} bytes; a deployment's YAML may have {YAML_BYTES_MAX}. Shorten it.",
            yaml.len()
        )));
    }
    if yaml.trim().is_empty() {
        return Err(whole(
            "There is no YAML. Paste a deployment's YAML or choose a file.".to_owned(),
        ));
    }
    let file: File = serde_yaml::from_str(yaml).map_err(|error| {
        let at = error.location();
        let number = |value: usize| u32::try_from(value).ok();
        vec![YamlProblem {
            line: at.as_ref().and_then(|at| number(at.line())),
            column: at.as_ref().and_then(|at| number(at.column())),
            field: None,
            message: explain(&error),
        }]
    })?;
    let mut reader = Reader { yaml, workspace, problems: Vec::new() };
    let spec = reader.spec(&file);
    match (spec, reader.problems.is_empty()) {
        (Some(spec), true) => Ok(spec),
        _ => {
            reader.problems.sort_by_key(|problem| problem.line);
            Err(reader.problems)
        }
    }
}

/// serde's words without its position, which is shown apart, and with a way out.
fn explain(error: &serde_yaml::Error) -> String {
    let text = error.to_string();
    let text = text.split(" at line ").next().unwrap_or(&text).to_owned();
    if text.contains("unknown field") {
        return format!(
            "{text}. Remove the key or correct its spelling; the keys are those of Azure ML's managed online deployment YAML"
        );
    }
    if let Some(field) = text.strip_prefix("missing field ") {
        return format!("the key {field} is missing. Add it");
    }
    text
}

struct Reader<'a> {
    yaml: &'a str,
    workspace: &'a Workspace,
    problems: Vec<YamlProblem>,
}

impl Reader<'_> {
    fn problem(&mut self, path: &[&str], message: impl Into<String>) {
        let line = line_of(self.yaml, path);
        let field = Some(path.join("."));
        self.problems.push(YamlProblem { line, column: None, field, message: message.into() });
    }

    fn spec(&mut self, file: &File) -> Option<Spec> {
        let name = file.name.parse::<DeploymentName>();
        if let Err(error) = &name {
            self.problem(&["name"], error.to_string());
        }
        let properties = self.properties(file);
        let mut sku = json!({"name": "Default"});
        if let Some(count) = file.instance_count {
            if !(1..=INSTANCES_MAX).contains(&count) {
                self.problem(
                    &["instance_count"],
                    format!("instance_count is {count}; Azure allows 1 to {INSTANCES_MAX}"),
                );
            }
            sku["capacity"] = json!(count);
        }
        let tags = self.plain(&["tags"], file.tags.as_ref());
        Some(Spec {
            name: name.ok()?,
            endpoint: file.endpoint_name.clone(),
            body: json!({"tags": tags, "sku": sku, "properties": properties}),
        })
    }

    fn properties(&mut self, file: &File) -> Value {
        match file.kind.as_deref() {
            None | Some("managed") => {}
            Some(kind) => self.problem(
                &["type"],
                format!("type is “{kind}”; only managed deployments can be created here"),
            ),
        }
        let mut all = Map::new();
        let mut set = |key: &str, value: Option<Value>| {
            if let Some(value) = value {
                all.insert(key.to_owned(), value);
            }
        };
        set("endpointComputeType", Some(json!("Managed")));
        set("instanceType", Some(json!(file.instance_type)));
        set("description", file.description.as_ref().map(|text| json!(text)));
        set("appInsightsEnabled", Some(json!(file.app_insights_enabled.unwrap_or(false))));
        set("modelMountPath", file.model_mount_path.as_ref().map(|path| json!(path)));
        set(
            "environmentVariables",
            Some(self.plain(&["environment_variables"], file.environment_variables.as_ref())),
        );
        set("properties", Some(self.plain(&["properties"], file.properties.as_ref())));
        set("model", file.model.as_ref().and_then(|value| self.asset("model", "models", value)));
        set(
            "environmentId",
            file.environment
                .as_ref()
                .and_then(|value| self.asset("environment", "environments", value)),
        );
        set("egressPublicNetworkAccess", self.access(file.egress_public_network_access.as_deref()));
        set("scaleSettings", self.scale(file.scale_settings.as_ref()));
        set(
            "requestSettings",
            file.request_settings.as_ref().map(|settings| self.requests(settings)),
        );
        set("livenessProbe", file.liveness_probe.as_ref().map(probe));
        set("readinessProbe", file.readiness_probe.as_ref().map(probe));
        if file.instance_type.trim().is_empty() {
            self.problem(
                &["instance_type"],
                "instance_type is empty; name a machine size such as Standard_DS3_v2",
            );
        }
        if file.code_configuration.is_some() {
            self.problem(&["code_configuration"], "a local scoring folder cannot be uploaded from here yet. Use an environment that brings its own server, or deploy with the Azure CLI");
        }
        if file.model.is_none() && file.environment.is_none() {
            self.problem(&["environment"], "neither model nor environment is given. Name at least one registered asset, like azureml:name:1");
        }
        Value::Object(all)
    }

    /// Values keep their YAML type; only scalars are allowed.
    fn plain(&mut self, path: &[&str], map: Option<&BTreeMap<String, serde_yaml::Value>>) -> Value {
        let mut all = Map::new();
        for (key, value) in map.into_iter().flatten() {
            let value = match value {
                serde_yaml::Value::String(text) => json!(text),
                serde_yaml::Value::Bool(flag) => json!(flag),
                serde_yaml::Value::Number(number) => {
                    serde_json::to_value(number).unwrap_or_default()
                }
                _ => {
                    let path: Vec<_> = path.iter().copied().chain([key.as_str()]).collect();
                    self.problem(
                        &path,
                        format!("the value of {key} is not a text, a number, true or false"),
                    );
                    continue;
                }
            };
            all.insert(key.clone(), value);
        }
        Value::Object(all)
    }

    /// A registered asset's reference to what the REST body wants.
    fn asset(&mut self, key: &str, collection: &str, value: &serde_yaml::Value) -> Option<Value> {
        let serde_yaml::Value::String(text) = value else {
            self.problem(&[key], format!("an inline {key} cannot be registered from here yet. Register it first and name it like azureml:name:1"));
            return None;
        };
        if text.starts_with("azureml://registries/")
            || text.starts_with("azureml:AzureML-")
            || text.starts_with("azureml://locations/")
        {
            return Some(json!(text));
        }
        let reference = text.strip_prefix("azureml:");
        if let Some(id) = reference.filter(|id| id.starts_with("/subscriptions/")) {
            return Some(json!(id));
        }
        if text.ends_with("@latest") {
            self.problem(&[key], format!("“{text}” could mean another version tomorrow. Name the version, like azureml:name:1"));
            return None;
        }
        match reference.and_then(|reference| reference.split_once(':')) {
            Some((name, version)) if is_asset_word(name) && is_asset_word(version) => Some(json!(
                format!("{}/{collection}/{name}/versions/{version}", self.workspace.id())
            )),
            _ => {
                let shown: String = text.chars().take(80).collect();
                self.problem(&[key], format!("“{shown}” is not a registered {key}. Name one like azureml:name:1; local paths cannot be uploaded from here yet"));
                None
            }
        }
    }

    fn access(&mut self, given: Option<&str>) -> Option<Value> {
        let given = given?.to_ascii_lowercase();
        if given != "enabled" && given != "disabled" {
            self.problem(
                &["egress_public_network_access"],
                "egress_public_network_access is enabled or disabled",
            );
        }
        Some(json!(given))
    }

    fn scale(&mut self, given: Option<&ScaleSettings>) -> Option<Value> {
        if given?.kind != "default" {
            self.problem(&["scale_settings", "type"], "managed deployments have scale_settings of type default; autoscaling is set in Azure Monitor");
        }
        Some(json!({"scaleType": "Default"}))
    }

    fn requests(&mut self, given: &RequestSettings) -> Value {
        if let Some(timeout) = given.request_timeout_ms.filter(|ms| *ms > REQUEST_TIMEOUT_MS_MAX) {
            self.problem(
                &["request_settings", "request_timeout_ms"],
                format!(
                    "request_timeout_ms is {timeout}; Azure allows {REQUEST_TIMEOUT_MS_MAX} at most"
                ),
            );
        }
        if given.max_concurrent_requests_per_instance == Some(0) {
            self.problem(
                &["request_settings", "max_concurrent_requests_per_instance"],
                "max_concurrent_requests_per_instance is 0; it is 1 at least",
            );
        }
        let mut all = Map::new();
        let times = [
            ("requestTimeout", given.request_timeout_ms),
            ("maxQueueWait", given.max_queue_wait_ms),
        ];
        for (key, milliseconds) in times {
            if let Some(milliseconds @ 1..) = milliseconds {
                all.insert(key.to_owned(), json!(iso_duration(milliseconds)));
            }
        }
        if let Some(most) = given.max_concurrent_requests_per_instance {
            all.insert("maxConcurrentRequestsPerInstance".to_owned(), json!(most));
        }
        Value::Object(all)
    }
}

fn is_asset_word(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 255
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
}

/// Azure's CLI drops a duration of 0; so does this.
fn probe(given: &Probe) -> Value {
    let mut all = Map::new();
    let times = [
        ("initialDelay", given.initial_delay),
        ("period", given.period),
        ("timeout", given.timeout),
    ];
    for (key, seconds) in times {
        if let Some(seconds @ 1..) = seconds {
            all.insert(key.to_owned(), json!(iso_duration(seconds.saturating_mul(1000))));
        }
    }
    let counts = [
        ("successThreshold", given.success_threshold),
        ("failureThreshold", given.failure_threshold),
    ];
    for (key, count) in counts {
        if let Some(count) = count {
            all.insert(key.to_owned(), json!(count));
        }
    }
    Value::Object(all)
}

/// `90000` → `PT1M30S`, as the official SDK writes durations.
fn iso_duration(milliseconds: u64) -> String {
    let (seconds, rest) = (milliseconds / 1000, milliseconds % 1000);
    let (days, hours) = (seconds / 86_400, seconds / 3600 % 24);
    let (minutes, seconds) = (seconds / 60 % 60, seconds % 60);
    let mut text = "P".to_owned();
    if days > 0 {
        text += &format!("{days}D");
    }
    text.push('T');
    if hours > 0 {
        text += &format!("{hours}H");
    }
    if minutes > 0 {
        text += &format!("{minutes}M");
    }
    match (seconds, rest) {
        (0, 0) => {}
        (seconds, 0) => text += &format!("{seconds}S"),
        (seconds, rest) => {
            let fraction = format!("{rest:03}");
            text += &format!("{seconds}.{}S", fraction.trim_end_matches('0'));
        }
    }
    text.trim_end_matches('T').to_owned()
}

/// The line (from 1) of a key in block-style YAML, found by its indentation; `None` where it cannot be
/// told.
fn line_of(yaml: &str, path: &[&str]) -> Option<u32> {
    let mut wanted = path.iter();
    let mut key = *wanted.next()?;
    let mut found = None;
    let mut least_indent = 0;
    for (index, line) in yaml.lines().enumerate() {
        let indent = line.len() - line.trim_start().len();
        let is_key = line
            .trim_start()
            .strip_prefix(key)
            .is_some_and(|rest| rest.trim_start().starts_with(':'));
        if is_key && indent >= least_indent && (least_indent > 0 || indent == 0) {
            found = u32::try_from(index + 1).ok();
            match wanted.next() {
                Some(next) => key = next,
                None => return found,
            }
            least_indent = indent + 1;
        }
    }
    found
}

/// The fields of a body as the plan shows them, `properties.model` and so on, in order.
#[must_use]
pub fn flatten(body: &Value) -> Vec<(String, String)> {
    fn walk(path: &str, value: &Value, into: &mut Vec<(String, String)>) {
        match value {
            Value::Object(fields) => {
                for (key, value) in fields {
                    let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                    walk(&path, value, into);
                }
            }
            Value::String(text) => into.push((path.to_owned(), text.clone())),
            other => into.push((path.to_owned(), other.to_string())),
        }
    }
    let mut all = Vec::new();
    walk("", body, &mut all);
    // What a person puts into variables may be secret: names are shown, values are not.
    for (field, value) in &mut all {
        if field.starts_with("properties.environmentVariables.") {
            "(set)".clone_into(value);
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn workspace() -> Workspace {
        Workspace { subscription: "s".into(), resource_group: "r".into(), name: "w".into() }
    }

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

    #[test]
    fn a_deployment_becomes_the_body_that_the_sdk_sends() {
        let spec = parse(GOOD, &workspace()).expect("good");
        let id = workspace().id();
        assert_eq!(
            spec.body,
            json!({"tags": {}, "sku": {"name": "Default", "capacity": 1}, "properties": {
                "endpointComputeType": "Managed", "instanceType": "Standard_DS3_v2",
                "appInsightsEnabled": false, "properties": {}, "environmentVariables": {"WORKERS": 4},
                "model": format!("{id}/models/nbq/versions/2"),
                "environmentId": format!("{id}/environments/ml-azua-litserve-env/versions/1"),
                "requestSettings": {"requestTimeout": "PT1M30S"},
                "livenessProbe": {"initialDelay": "PT10M"}
            }})
        );
    }

    #[track_caller]
    fn refused(change: (&str, &str), line: u32, part: &str) {
        let yaml = GOOD.replace(change.0, change.1);
        let problems = parse(&yaml, &workspace()).expect_err("refused");
        let found = problems.iter().any(|p| p.line == Some(line) && p.message.contains(part));
        assert!(found, "{problems:?}");
    }

    #[test]
    fn what_is_wrong_is_told_at_its_line() {
        refused(("name: anet-green", "name: a_b"), 2, "letters, digits and hyphens");
        refused(("instance_count: 1", "instance_count: 51"), 7, "1 to 50");
        refused(("instance_count: 1", "instance_count: many"), 7, "invalid type");
        refused(("instance_count: 1", "instance_cuont: 1"), 7, "unknown field");
        refused(("request_timeout_ms: 90000", "request_timeout_ms: 180001"), 11, "180000");
        refused(("azureml:nbq:2", "./model"), 4, "not a registered model");
        refused(("azureml:nbq:2", "azureml:nbq@latest"), 4, "another version tomorrow");
        refused(("azureml:nbq:2", "{name: x, path: y}"), 4, "inline model");
        refused(("  WORKERS: 4", "  WORKERS: [4]"), 9, "not a text");
        refused(("  WORKERS: 4", "\tWORKERS: 4"), 9, "");
    }

    #[test]
    fn what_is_missing_or_too_large_is_told() {
        assert!(
            parse("name: abc", &workspace()).expect_err("refused")[0]
                .message
                .contains("instance_type")
        );
        assert!(parse("  ", &workspace()).expect_err("refused")[0].message.contains("no YAML"));
        let large = format!("{GOOD}# {}", "x".repeat(YAML_BYTES_MAX));
        assert!(parse(&large, &workspace()).expect_err("refused")[0].message.contains("may have"));
    }

    #[test]
    fn durations_are_written_as_the_sdk_does() {
        for (ms, text) in [
            (90_000, "PT1M30S"),
            (600_000, "PT10M"),
            (1, "PT0.001S"),
            (1500, "PT1.5S"),
            (500, "PT0.5S"),
            (86_400_000, "P1D"),
        ] {
            assert_eq!(iso_duration(ms), text);
        }
    }

    #[test]
    fn values_of_variables_are_not_shown() {
        let fields = flatten(&parse(GOOD, &workspace()).expect("good").body);
        assert!(
            fields.contains(&("properties.environmentVariables.WORKERS".into(), "(set)".into()))
        );
    }
}
