//! Probes, request settings, scaling, resources: groups of plain numbers.

use crate::duration::{TooLong, from_ms, from_s};
use crate::reader::{Field, Fields, Keys, Reader};
use serde_json::{Map, Value as Json, json};

const PROBE_KEYS: Keys = Keys {
    known: &["period", "initial_delay", "timeout", "success_threshold", "failure_threshold"],
    ignored: &[],
};
const REQUEST_KEYS: Keys = Keys {
    known: &["request_timeout_ms", "max_concurrent_requests_per_instance", "max_queue_wait_ms"],
    ignored: &[],
};
const DEFAULT_SCALE_KEYS: Keys = Keys { known: &["type"], ignored: &[] };
const TARGET_SCALE_KEYS: Keys = Keys {
    known: &[
        "type",
        "polling_interval",
        "target_utilization_percentage",
        "min_instances",
        "max_instances",
    ],
    ignored: &[],
};
const RESOURCES_KEYS: Keys = Keys { known: &["requests", "limits"], ignored: &[] };
const RESOURCE_KEYS: Keys =
    Keys { known: &["cpu", "memory", "gpu", "nvidia.com/gpu"], ignored: &[] };

type Duration = fn(i64) -> Result<Option<String>, TooLong>;

impl Reader<'_> {
    /// A probe: durations in seconds; those of 0 are dropped, as the SDK does.
    pub(crate) fn probe(&mut self, field: &Field<'_>) -> Option<Json> {
        let fields = self.fields(field, PROBE_KEYS)?;
        let mut all = Map::new();
        for (key, name) in
            [("period", "period"), ("initial_delay", "initialDelay"), ("timeout", "timeout")]
        {
            self.duration(&fields, key, name, from_s, &mut all);
        }
        for (key, name) in
            [("success_threshold", "successThreshold"), ("failure_threshold", "failureThreshold")]
        {
            self.number(&fields, key, name, &mut all);
        }
        Some(Json::Object(all))
    }

    /// Request settings: durations in milliseconds; those of 0 are dropped.
    pub(crate) fn request_settings(&mut self, field: &Field<'_>) -> Option<Json> {
        let fields = self.fields(field, REQUEST_KEYS)?;
        let mut all = Map::new();
        self.duration(&fields, "request_timeout_ms", "requestTimeout", from_ms, &mut all);
        self.duration(&fields, "max_queue_wait_ms", "maxQueueWait", from_ms, &mut all);
        let key = "max_concurrent_requests_per_instance";
        self.number(&fields, key, "maxConcurrentRequestsPerInstance", &mut all);
        Some(Json::Object(all))
    }

    /// Scale settings: by default for all, by utilization on Kubernetes only.
    pub(crate) fn scale_settings(&mut self, field: &Field<'_>, is_managed: bool) -> Option<Json> {
        let is_default = |field: &Field<'_>| {
            let kind =
                field.node.map().and_then(|map| map.get("type")).and_then(|node| node.text());
            kind.is_some_and(|kind| crate::reader::snake(kind) == "default")
        };
        let keys = if is_default(field) { DEFAULT_SCALE_KEYS } else { TARGET_SCALE_KEYS };
        let fields = self.fields(field, keys)?;
        self.required(&fields, "type")?;
        let kind = self.snake_of(&fields, "type", &["default", "target_utilization"])?;
        if kind == "default" {
            return Some(json!({ "scaleType": "Default" }));
        }
        if is_managed {
            let message = "managed deployments have scale_settings of type default; autoscaling is set in Azure Monitor";
            self.push(fields.problem("type", message));
        }
        let mut all = Map::new();
        all.insert("scaleType".to_owned(), json!("TargetUtilization"));
        self.duration(&fields, "polling_interval", "pollingInterval", from_s, &mut all);
        for (key, name) in [
            ("target_utilization_percentage", "targetUtilizationPercentage"),
            ("min_instances", "minInstances"),
            ("max_instances", "maxInstances"),
        ] {
            self.number(&fields, key, name, &mut all);
        }
        Some(Json::Object(all))
    }

    /// A Kubernetes deployment's container resources.
    pub(crate) fn resources(&mut self, field: &Field<'_>) -> Option<Json> {
        let fields = self.fields(field, RESOURCES_KEYS)?;
        let mut all = Map::new();
        let groups =
            [("requests", "containerResourceRequests"), ("limits", "containerResourceLimits")];
        for (key, name) in groups {
            if let Some(field) = self.field(&fields, key) {
                let group = self.resource(&field);
                group.map(|group| all.insert(name.to_owned(), group));
            }
        }
        Some(Json::Object(all))
    }

    fn resource(&mut self, field: &Field<'_>) -> Option<Json> {
        let fields = self.fields(field, RESOURCE_KEYS)?;
        let mut all = Map::new();
        // Of the two names for one thing, the later in the file wins.
        let later = field.node.map().and_then(|map| {
            let mut keys = map.entries.iter().rev().map(|entry| entry.key.text.as_str());
            keys.find(|key| ["gpu", "nvidia.com/gpu"].contains(key))
        });
        for (key, name) in [("cpu", "cpu"), ("memory", "memory"), (later.unwrap_or("gpu"), "gpu")] {
            if let Some(text) = self.text_of(&fields, key) {
                all.insert(name.to_owned(), json!(text));
            }
        }
        Some(Json::Object(all))
    }

    fn number(&mut self, fields: &Fields<'_>, key: &str, name: &str, all: &mut Map<String, Json>) {
        if let Some(number) = self.int_of(fields, key) {
            all.insert(name.to_owned(), json!(number));
        }
    }

    fn duration(
        &mut self,
        fields: &Fields<'_>,
        key: &str,
        name: &str,
        write: Duration,
        all: &mut Map<String, Json>,
    ) {
        let Some(number) = self.int_of(fields, key) else { return };
        match write(number) {
            Ok(text) => {
                text.map(|text| all.insert(name.to_owned(), json!(text)));
            }
            Err(TooLong) => {
                self.push(fields.problem(key, "this is longer than any duration can be"))
            }
        }
    }
}
