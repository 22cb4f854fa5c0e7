//! The variables that the team's workflow sets on deployments. Plans set the same variables, so a deployment that the
//! workflow made does not differ from the release.

use domain::name::EndpointName;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// `live` or `shadow`.
const TRAFFIC_TYPE: &str = "TRAFFIC_TYPE";
const ENDPOINT_NAME: &str = "ENDPOINT_NAME";
/// `remote`, or `disabled` without queue logging.
const LOGGING_MODE: &str = "LOGGING_MODE";
const BUILD_SHA: &str = "BUILD_SHA";
const QUEUE_NAME: &str = "QUEUE_NAME";
const STAGING_CONTAINER_NAME: &str = "STAGING_CONTAINER_NAME";
const AZURE_STORAGE_ACCOUNT_NAME: &str = "AZURE_STORAGE_ACCOUNT_NAME";
const ALL: [&str; 7] = [
    TRAFFIC_TYPE,
    ENDPOINT_NAME,
    LOGGING_MODE,
    BUILD_SHA,
    QUEUE_NAME,
    STAGING_CONTAINER_NAME,
    AZURE_STORAGE_ACCOUNT_NAME,
];
const FIELD: &str = "/properties/environmentVariables";

/// The values that the variables depend on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Setting<'a> {
    pub(super) endpoint: &'a EndpointName,
    /// Whether the deployment has a share of live traffic.
    pub(super) is_live: bool,
    /// Whether requests are logged to a queue; `None` when only GitHub knows.
    pub(super) logs_to_queue: Option<bool>,
    /// The commit of the release, if this version of the templates sets it.
    pub(super) commit: Option<&'a str>,
    /// The storage account for logs, if the infra configuration was read.
    pub(super) storage_account: Option<&'a str>,
}

/// The variables of one deployment.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Variables {
    set: BTreeMap<&'static str, String>,
    /// Variables that are not compared: the live value counts as correct.
    free: Vec<&'static str>,
}

/// The queue for a deployment's request logs.
pub(super) fn queue(endpoint: &EndpointName, is_live: bool) -> String {
    format!("q-{}-{}", endpoint.as_str().to_lowercase(), traffic_type(is_live))
}

/// The blob container for large requests.
pub(super) fn container(queue: &str) -> String {
    format!("blob-{queue}")
}

fn traffic_type(is_live: bool) -> &'static str {
    if is_live { "live" } else { "shadow" }
}

impl Variables {
    /// The variables of a deployment that the workflow deploys.
    pub(super) fn of(setting: &Setting<'_>) -> Self {
        let Setting { endpoint, is_live, logs_to_queue, commit, storage_account } = *setting;
        let mut all = Self::default();
        all.set.insert(TRAFFIC_TYPE, traffic_type(is_live).to_owned());
        all.set.insert(ENDPOINT_NAME, endpoint.to_string());
        match logs_to_queue {
            Some(true) => {
                let queue = queue(endpoint, is_live);
                all.set.insert(LOGGING_MODE, "remote".to_owned());
                all.set.insert(STAGING_CONTAINER_NAME, container(&queue));
                all.set.insert(QUEUE_NAME, queue);
                match storage_account {
                    Some(name) => {
                        all.set.insert(AZURE_STORAGE_ACCOUNT_NAME, name.to_owned());
                    }
                    None => all.free.push(AZURE_STORAGE_ACCOUNT_NAME),
                }
            }
            Some(false) => {
                all.set.insert(LOGGING_MODE, "disabled".to_owned());
            }
            None => all.free.extend([
                LOGGING_MODE,
                QUEUE_NAME,
                STAGING_CONTAINER_NAME,
                AZURE_STORAGE_ACCOUNT_NAME,
            ]),
        }
        if let Some(commit) = commit {
            all.set.insert(BUILD_SHA, commit.to_owned());
        }
        // The commit changes with every release, so it is no reason to deploy again.
        all.free.push(BUILD_SHA);
        all
    }

    /// The variables of a deployment that the release does not deploy: all live values count as correct.
    pub(super) fn left_alone() -> Self {
        Self { set: BTreeMap::new(), free: ALL.to_vec() }
    }

    /// The body to send.
    pub(super) fn sent(&self, body: &Value) -> Value {
        let mut body = body.clone();
        if let Some(variables) = variables(&mut body) {
            for (name, value) in &self.set {
                variables.insert((*name).to_owned(), json!(value));
            }
        }
        body
    }

    /// The body to compare with the live one.
    pub(super) fn compared(&self, body: &Value, live: &Value) -> Value {
        let mut body = self.sent(body);
        let Some(variables) = variables(&mut body) else { return body };
        for name in &self.free {
            match live.pointer(FIELD).and_then(|live| live.get(name)) {
                Some(value) => variables.insert((*name).to_owned(), value.clone()),
                None => variables.remove(*name),
            };
        }
        body
    }
}

fn variables(body: &mut Value) -> Option<&mut Map<String, Value>> {
    let properties = body.get_mut("properties")?.as_object_mut()?;
    let variables = properties.entry("environmentVariables").or_insert_with(|| json!({}));
    if variables.is_null() {
        *variables = json!({});
    }
    variables.as_object_mut()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn setting(endpoint: &EndpointName) -> Setting<'_> {
        Setting {
            endpoint,
            is_live: false,
            logs_to_queue: Some(true),
            commit: Some("0123456789abcdef"),
            storage_account: Some("stanet0001dev"),
        }
    }

    fn sent(setting: &Setting<'_>) -> Value {
        let body =
            json!({"properties": {"environmentVariables": {"DEPTH": 3, "TRAFFIC_TYPE": "x"}}});
        Variables::of(setting).sent(&body)["properties"]["environmentVariables"].clone()
    }

    #[test]
    fn the_workflows_variables_are_sent_as_the_workflow_sets_them() {
        let endpoint = "Anet-EP".parse().expect("a name");
        let shadow = setting(&endpoint);
        assert_eq!(
            sent(&shadow),
            json!({"DEPTH": 3, "TRAFFIC_TYPE": "shadow", "ENDPOINT_NAME": "Anet-EP",
                "LOGGING_MODE": "remote", "QUEUE_NAME": "q-anet-ep-shadow",
                "STAGING_CONTAINER_NAME": "blob-q-anet-ep-shadow",
                "AZURE_STORAGE_ACCOUNT_NAME": "stanet0001dev", "BUILD_SHA": "0123456789abcdef"})
        );
        let live = Setting { is_live: true, logs_to_queue: Some(false), commit: None, ..shadow };
        assert_eq!(
            sent(&live),
            json!({"DEPTH": 3, "TRAFFIC_TYPE": "live", "ENDPOINT_NAME": "Anet-EP",
                "LOGGING_MODE": "disabled"})
        );
    }

    #[test]
    fn the_commit_is_not_compared_and_the_traffic_type_is() {
        let endpoint = "anet-ep".parse().expect("a name");
        let body = json!({"properties": {}});
        let variables = Variables::of(&setting(&endpoint));
        let mut live = variables.sent(&body);
        live["properties"]["environmentVariables"]["BUILD_SHA"] = json!("another");
        assert_eq!(variables.compared(&body, &live), live);
        live["properties"]["environmentVariables"][TRAFFIC_TYPE] = json!("live");
        assert_ne!(variables.compared(&body, &live), live);
        assert_eq!(Variables::left_alone().compared(&body, &live), live);
    }
}
