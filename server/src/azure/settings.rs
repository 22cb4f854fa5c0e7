//! A hash of the settings that affect a deployment's responses. Evidence applies only while this hash is unchanged.

use crate::hash::{canonical, sha256};
use crate::redact;
use serde_json::{Map, Value};

/// Azure's names of these settings. Instance counts, probes and names do not affect responses.
const SETTINGS: [&str; 7] = [
    "codeConfiguration",
    "egressPublicNetworkAccess",
    "environmentId",
    "environmentVariables",
    "model",
    "modelMountPath",
    "requestSettings",
];

/// The hash for a deployment's body. It covers the names of secrets but not their values, which could be guessed from a
/// hash; marks distinguish the values instead (`secrets/marks.rs`).
pub(super) fn hash(body: &Value) -> String {
    let mut body = body.clone();
    redact::body(&mut body);
    let given = |name: &&str| {
        let value = body["properties"].get(*name).filter(|value| !value.is_null())?;
        Some(((*name).to_owned(), value.clone()))
    };
    let settings: Map<_, _> = SETTINGS.iter().filter_map(given).collect();
    sha256(canonical(&settings))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn settings_that_affect_responses_change_the_hash() {
        let body = |more: Value| {
            let mut body = json!({
                "name": "anet-green", "sku": { "capacity": 1 },
                "properties": {
                    "provisioningState": "Succeeded", "description": null, "modelMountPath": null,
                    "model": "/x/models/nbq/versions/2",
                    "environmentVariables": { "MODE": "fast", "API_KEY": "one" },
                },
            });
            let fields = body["properties"].as_object_mut().expect("an object");
            fields.extend(more.as_object().expect("an object").clone());
            hash(&body)
        };
        let same = body(json!({}));
        for (more, is_same) in [
            (json!({ "provisioningState": "Updating", "description": "Better" }), true),
            (json!({ "livenessProbe": { "period": "PT10S" }, "scaleSettings": {} }), true),
            (json!({ "environmentVariables": { "API_KEY": "two", "MODE": "fast" } }), true),
            (json!({ "environmentVariables": { "API_KEY": "one", "MODE": "slow" } }), false),
            (json!({ "environmentVariables": { "MODE": "fast" } }), false),
            (json!({ "model": "azureml://registries/x/models/nbq/versions/2" }), false),
            (json!({ "modelMountPath": "/mnt" }), false),
            (json!({ "codeConfiguration": { "scoringScript": "score.py" } }), false),
            (json!({ "requestSettings": { "maxConcurrentRequestsPerInstance": 2 } }), false),
        ] {
            assert_eq!(body(more.clone()) == same, is_same, "{more}");
        }
        assert_eq!(hash(&Value::Null), sha256("{}"));
    }
}
