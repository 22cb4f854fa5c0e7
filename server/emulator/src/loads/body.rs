//! The writable fields of tests and runs: merge patches, rules and defaults.
//!
//! Sources: azure-rest-api-specs, loadtestservice, `models.tsp`; learn.microsoft.com, service limits.

use std::time::Duration;

use load::AutoStop;
use serde_json::{Map, Value, json};

use super::criteria;

type Body = Map<String, Value>;

/// What a PATCH of a test can write, besides the kind and the secrets.
pub const OF_TEST: [&str; 17] = [
    "displayName",
    "description",
    "environmentVariables",
    "loadTestConfiguration",
    "passFailCriteria",
    "autoStopCriteria",
    "baselineTestRunId",
    "certificate",
    "subnetId",
    "publicIPDisabled",
    "keyvaultReferenceIdentityType",
    "keyvaultReferenceIdentityId",
    "metricsReferenceIdentityType",
    "metricsReferenceIdentityId",
    "engineBuiltInIdentityType",
    "engineBuiltInIdentityIds",
    "preferences",
];
/// What a PATCH of a run can write.
pub const OF_RUN: [&str; 9] = [
    "displayName",
    "description",
    "environmentVariables",
    "loadTestConfiguration",
    "passFailCriteria",
    "autoStopCriteria",
    "certificate",
    "debugLogsEnabled",
    "requestDataLevel",
];
/// What a run takes from its test, unless its own body says otherwise.
pub const INHERITED: [&str; 7] = [
    "environmentVariables",
    "loadTestConfiguration",
    "passFailCriteria",
    "autoStopCriteria",
    "certificate",
    "subnetId",
    "publicIPDisabled",
];

/// Engines of one run: as many as Azure's documentation allows by default (45), and one machine can play.
const ENGINES_MAX: i64 = 45;
const VARIABLES_MAX: usize = 200;
/// A whole body as JSON, so that the state stays small. The service names no limit.
const BODY_BYTES_MAX: usize = 256 * 1024;
/// The shortest and longest display name, and the longest description, in characters (the specification).
const DISPLAY_NAME_CHARS: std::ops::RangeInclusive<usize> = 2..=50;
const DESCRIPTION_CHARS_MAX: usize = 100;

/// Ids of tests and runs: 2 to 50 lower-case letters, digits, `_` and `-` (the specification).
pub fn is_id(id: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_';
    (2..=50).contains(&id.len()) && id.chars().all(is_plain)
}

/// Applies a JSON merge patch (RFC 7396) to these fields; others are ignored, as the service does.
pub fn merge(body: &mut Body, patch: &Body, fields: &[&str]) {
    for (name, value) in patch.iter().filter(|(name, _)| fields.contains(&name.as_str())) {
        if value.is_null() {
            body.remove(name);
        } else {
            merge_value(body.entry(name.clone()).or_insert(Value::Null), value);
        }
    }
}

/// Applies a merge patch to a value.
pub fn merge_value(target: &mut Value, patch: &Value) {
    let Value::Object(patch) = patch else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = json!({});
    }
    let Some(target) = target.as_object_mut() else { return };
    for (name, value) in patch {
        if value.is_null() {
            target.remove(name);
        } else {
            merge_value(target.entry(name.clone()).or_insert(Value::Null), value);
        }
    }
}

fn text<'a>(body: &'a Body, name: &str) -> Result<Option<&'a str>, String> {
    match body.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(format!("The property '{name}' must be a string.")),
    }
}

/// Checks a body, and fills in defaults.
///
/// # Errors
/// The broken rule.
pub fn check(body: &mut Body) -> Result<(), String> {
    if serde_json::to_vec(body).map_or(0, |json| json.len()) > BODY_BYTES_MAX {
        return Err(format!("All properties together have more than {BODY_BYTES_MAX} bytes."));
    }
    let chars = |name: &str| Ok::<_, String>(text(body, name)?.map(|text| text.chars().count()));
    if chars("displayName")?.is_some_and(|count| !DISPLAY_NAME_CHARS.contains(&count)) {
        return Err("The property 'displayName' must have 2 to 50 characters.".to_owned());
    }
    if chars("description")?.is_some_and(|count| count > DESCRIPTION_CHARS_MAX) {
        return Err("The property 'description' must have at most 100 characters.".to_owned());
    }
    variables(body)?;
    configuration(body)?;
    criteria::read(body)?;
    stop_rule(body)
}

/// Values of variables become strings.
fn variables(body: &mut Body) -> Result<(), String> {
    let Some(all) = body.get_mut("environmentVariables") else { return Ok(()) };
    let must = || "The property 'environmentVariables' must be an object of strings.".to_owned();
    let all = all.as_object_mut().ok_or_else(must)?;
    if all.len() > VARIABLES_MAX {
        return Err(format!("There are more than {VARIABLES_MAX} environment variables."));
    }
    for value in all.values_mut() {
        *value = match &*value {
            Value::String(text) => json!(text),
            Value::Number(_) | Value::Bool(_) => json!(value.to_string()),
            _ => return Err(must()),
        };
    }
    Ok(())
}

/// A whole number of an object, within its limits.
pub fn whole(of: &Value, name: &str, min: i64, max: i64) -> Result<Option<i64>, String> {
    let must = || format!("The property '{name}' must be a whole number from {min} to {max}.");
    match &of[name] {
        Value::Null => Ok(None),
        value => {
            let number = value.as_i64().filter(|number| (min..=max).contains(number));
            number.map(Some).ok_or_else(must)
        }
    }
}

fn flag(of: &mut Value, name: &str) -> Result<(), String> {
    match &of[name] {
        Value::Null => of[name] = json!(false),
        Value::Bool(_) => {}
        _ => return Err(format!("The property '{name}' must be true or false.")),
    }
    Ok(())
}

fn configuration(body: &mut Body) -> Result<(), String> {
    let all = body.entry("loadTestConfiguration").or_insert_with(|| json!({}));
    if !all.is_object() {
        return Err("The property 'loadTestConfiguration' must be an object.".to_owned());
    }
    let regions = all["regionalLoadTestConfig"].as_array().cloned().unwrap_or_default();
    let mut in_regions = 0;
    for region in &regions {
        let count = whole(region, "engineInstances", 1, ENGINES_MAX)?;
        in_regions += count.ok_or("Each region needs its number of engine instances.")?;
    }
    let engines = whole(all, "engineInstances", 1, ENGINES_MAX)?;
    let engines = engines.unwrap_or(in_regions.max(1));
    if !regions.is_empty() && engines != in_regions {
        return Err(
            "The engine instances of all regions must be as many as engineInstances.".to_owned()
        );
    }
    all["engineInstances"] = json!(engines);
    flag(all, "splitAllCSVs")?;
    flag(all, "quickStartTest")
}

fn stop_rule(body: &mut Body) -> Result<(), String> {
    let all = body.entry("autoStopCriteria").or_insert_with(|| json!({}));
    if !all.is_object() {
        return Err("The property 'autoStopCriteria' must be an object.".to_owned());
    }
    flag(all, "autoStopDisabled")?;
    match &all["errorRate"] {
        Value::Null => all["errorRate"] = json!(90.0),
        rate if rate.as_f64().is_some_and(|rate| (0.0..=100.0).contains(&rate)) => {}
        _ => return Err("The property 'errorRate' must be a number from 0 to 100.".to_owned()),
    }
    if whole(all, "errorRateTimeWindowInSeconds", 1, 86_400)?.is_none() {
        all["errorRateTimeWindowInSeconds"] = json!(60);
    }
    whole(all, "maximumVirtualUsersPerEngine", 1, 100_000).map(|_| ())
}

/// The number of engines of a checked body.
pub fn engines(body: &Body) -> u32 {
    let of = body.get("loadTestConfiguration").and_then(|all| all["engineInstances"].as_u64());
    of.and_then(|engines| u32::try_from(engines).ok()).unwrap_or(1)
}

/// The rule of a checked body that stops a test.
pub fn auto_stop(body: &Body) -> Option<AutoStop> {
    let rule = body.get("autoStopCriteria")?;
    if rule["autoStopDisabled"] == json!(true) {
        return None;
    }
    let users = rule["maximumVirtualUsersPerEngine"].as_u64();
    Some(AutoStop {
        error_percent: rule["errorRate"].as_f64(),
        window: Duration::from_secs(
            rule["errorRateTimeWindowInSeconds"].as_u64().unwrap_or(60).max(1),
        ),
        users_per_engine_max: users.and_then(|users| u32::try_from(users).ok()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(value: Value) -> Body {
        value.as_object().cloned().unwrap_or_default()
    }

    #[test]
    fn null_removes_what_a_patch_names_and_nothing_else() {
        let mut body = object(json!({
            "displayName": "one", "environmentVariables": { "A": "1", "B": "2" }, "kind": "x",
        }));
        let patch = json!({
            "displayName": null, "environmentVariables": { "A": null, "C": 3 }, "inputArtifacts": {},
        });
        merge(&mut body, &object(patch), &OF_TEST);
        let merged = json!({ "environmentVariables": { "B": "2", "C": 3 }, "kind": "x" });
        assert_eq!(Value::Object(body.clone()), merged);
        check(&mut body).expect("a valid body");
        assert_eq!(body["environmentVariables"]["C"], json!("3"), "values become strings");
    }

    #[test]
    fn defaults_are_those_of_the_service() {
        let mut body = Body::new();
        check(&mut body).expect("an empty body is valid");
        assert_eq!(
            body["autoStopCriteria"],
            json!({ "autoStopDisabled": false, "errorRate": 90.0, "errorRateTimeWindowInSeconds": 60 })
        );
        assert_eq!(
            body["loadTestConfiguration"],
            json!({ "engineInstances": 1, "splitAllCSVs": false, "quickStartTest": false })
        );
        let rule = auto_stop(&body).expect("a rule");
        assert_eq!((rule.error_percent, rule.window.as_secs()), (Some(90.0), 60));
    }

    #[test]
    fn values_outside_of_their_limits_are_refused() {
        for wrong in [
            json!({ "displayName": "a" }),
            json!({ "description": "x".repeat(101) }),
            json!({ "environmentVariables": { "A": [] } }),
            json!({ "loadTestConfiguration": { "engineInstances": 0 } }),
            json!({ "loadTestConfiguration": { "engineInstances": 46 } }),
            json!({ "loadTestConfiguration": { "engineInstances": 3,
                "regionalLoadTestConfig": [{ "region": "westeurope", "engineInstances": 2 }] } }),
            json!({ "autoStopCriteria": { "errorRate": 101 } }),
            json!({ "autoStopCriteria": { "errorRateTimeWindowInSeconds": 0 } }),
            json!({ "passFailCriteria": { "passFailMetrics": { "a": {} } } }),
        ] {
            assert!(check(&mut object(wrong.clone())).is_err(), "{wrong}");
        }
        assert!(is_id("lt-anet_1") && !is_id("a") && !is_id("LT-1") && !is_id("a/b"));
        assert!(!is_id(&"a".repeat(51)));
    }
}
