//! Converts ISO 8601 durations to the integers of YAML.

use crate::iso_duration;
use serde_yaml::Value as Yaml;

/// Milliseconds; `None` for 0, which the CLI drops.
pub(super) fn milliseconds(text: Option<&str>) -> Option<Yaml> {
    text.and_then(iso_duration::milliseconds).filter(|ms| *ms > 0).map(Yaml::from)
}

/// Seconds, rounded up so that a probe does not become stricter.
pub(super) fn seconds(text: Option<&str>) -> Option<Yaml> {
    text.and_then(iso_duration::milliseconds)
        .filter(|ms| *ms > 0)
        .map(|ms| Yaml::from(ms.div_ceil(1000)))
}
