//! Groups of settings: probes, request settings, scaling, resources.

use crate::duration::{TooLong, from_ms, from_s};
use crate::json::put;
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
    /// A probe, with durations in seconds. Durations of 0 are dropped, as in the SDK.
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
            put(&mut all, name, self.int_of(&fields, key));
        }
        Some(Json::Object(all))
    }

    /// Request settings, with durations in milliseconds. Durations of 0 are dropped.
    pub(crate) fn request_settings(&mut self, field: &Field<'_>) -> Option<Json> {
        let fields = self.fields(field, REQUEST_KEYS)?;
        let mut all = Map::new();
        self.duration(&fields, "request_timeout_ms", "requestTimeout", from_ms, &mut all);
        self.duration(&fields, "max_queue_wait_ms", "maxQueueWait", from_ms, &mut all);
        let concurrent = self.int_of(&fields, "max_concurrent_requests_per_instance");
        put(&mut all, "maxConcurrentRequestsPerInstance", concurrent);
        Some(Json::Object(all))
    }

    /// Scale settings. Target utilization is for Kubernetes only.
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
            let message = "managed deployments support scale_settings of type default only. Configure autoscaling in \
                           Azure Monitor";
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
            put(&mut all, name, self.int_of(&fields, key));
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
            let group = self.field(&fields, key).and_then(|field| self.resource(&field));
            put(&mut all, name, group);
        }
        Some(Json::Object(all))
    }

    fn resource(&mut self, field: &Field<'_>) -> Option<Json> {
        let fields = self.fields(field, RESOURCE_KEYS)?;
        let mut all = Map::new();
        // `gpu` and `nvidia.com/gpu` are the same setting; the later one in the file wins.
        let later = field.node.map().and_then(|map| {
            let mut keys = map.entries.iter().rev().map(|entry| entry.key.text.as_str());
            keys.find(|key| ["gpu", "nvidia.com/gpu"].contains(key))
        });
        for (key, name) in [("cpu", "cpu"), ("memory", "memory"), (later.unwrap_or("gpu"), "gpu")] {
            put(&mut all, name, self.text_of(&fields, key));
        }
        Some(Json::Object(all))
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
            Ok(text) => put(all, name, text),
            Err(TooLong) => self.push(fields.problem(key, "this duration is too long")),
        }
    }
}
