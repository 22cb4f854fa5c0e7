//! Durations, from ISO 8601 to the whole numbers of YAML.

use crate::azure::wire::duration_ms;
use serde_yaml::Value as Yaml;

/// Milliseconds; nothing for 0, which the CLI drops.
pub(super) fn milliseconds(text: Option<&str>) -> Option<Yaml> {
    text.and_then(duration_ms).filter(|ms| *ms > 0).map(Yaml::from)
}

/// Whole seconds, rounded up: a probe must not become stricter.
pub(super) fn seconds(text: Option<&str>) -> Option<Yaml> {
    text.and_then(duration_ms).filter(|ms| *ms > 0).map(|ms| Yaml::from(ms.div_ceil(1000)))
}
