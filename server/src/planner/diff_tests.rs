//! What counts as a difference between live and desired, and how it is shown.

use super::diff::compare;
use domain::plan::{Difference, Subject};
use serde_json::{Map, Value, json};

fn fields(live: &Value, desired: &Value) -> Vec<(String, Option<String>, Option<String>)> {
    let all = compare(&Subject::Endpoint, live, desired);
    all.into_iter().map(|found| (found.field, found.before, found.after)).collect()
}

#[test]
fn azures_defaults_and_own_fields_do_not_differ() {
    let desired = json!({"location": "westeurope", "tags": {}, "sku": {"name": "Default"},
        "properties": {"endpointComputeType": "Managed", "instanceType": "Standard_DS3_v2",
            "environmentId": "/subscriptions/s/x/environments/e/versions/1",
            "environmentVariables": {"DEPTH": 3, "ON": true}, "properties": {},
            "requestSettings": {"requestTimeout": "PT1M30S"}}});
    let live = json!({"id": "i", "name": "n", "type": "t", "kind": "Managed", "location": "WestEurope",
        "systemData": {"createdBy": "x"}, "sku": {"name": "Default", "tier": "Standard", "capacity": 1},
        "properties": {"provisioningState": "Succeeded", "endpointComputeType": "Managed",
            "instanceType": "standard_ds3_v2", "description": null, "model": null,
            "environmentId": "/subscriptions/S/x/environments/e/versions/1",
            "environmentVariables": {"DEPTH": "3", "ON": "true"}, "appInsightsEnabled": false,
            "egressPublicNetworkAccess": "Enabled", "scaleSettings": {"scaleType": "Default"},
            "requestSettings": {"maxQueueWait": "PT0S", "requestTimeout": "PT90S",
                "maxConcurrentRequestsPerInstance": 1},
            "livenessProbe": {"failureThreshold": 30, "successThreshold": 1, "timeout": "PT2S",
                "period": "PT10S", "initialDelay": "PT10S"},
            "properties": {"AzureAsyncOperationUri": "u"}}});
    assert_eq!(fields(&live, &desired), []);
}

#[test]
fn a_difference_names_its_field_by_pointer() {
    let live = json!({"tags": {"team": "a", "gone": "x"}, "sku": {"capacity": 3},
        "properties": {"requestSettings": {"requestTimeout": "PT30S"}}});
    let desired = json!({"tags": {"team": "b", "a/b": "new"}, "properties": {}});
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(
        fields(&live, &desired),
        [
            ("/properties/requestSettings/requestTimeout".to_owned(), some("PT30S"), None),
            ("/sku/capacity".to_owned(), some("3"), None),
            ("/tags/a~1b".to_owned(), None, some("new")),
            ("/tags/gone".to_owned(), some("x"), None),
            ("/tags/team".to_owned(), some("a"), some("b")),
        ]
    );
}

#[test]
fn secrets_are_hidden_and_still_differ() {
    let of = |key: &str| json!({"properties": {"environmentVariables": {"API_KEY": key}}});
    let found = compare(&Subject::Endpoint, &of("alpha"), &of("beta"));
    let [difference] = found.as_slice() else { panic!("one difference") };
    assert!(difference.is_change());
    let said = format!("{difference:?}");
    assert!(!said.contains("alpha") && !said.contains("beta"), "{said}");
}

#[test]
fn assigned_identities_are_compared_by_id() {
    let of = |ids: &[(&str, Value)]| {
        let ids: Map<_, _> = ids.iter().map(|(id, v)| ((*id).to_owned(), v.clone())).collect();
        json!({"identity": {"type": "UserAssigned", "userAssignedIdentities": ids}})
    };
    let live = of(&[("one", json!({"clientId": "c"}))]);
    assert_eq!(fields(&live, &of(&[("one", json!({}))])), []);
    let found = fields(&live, &of(&[("two", json!({}))]));
    let sides: Vec<_> = found.iter().map(|(_, b, a)| (b.is_some(), a.is_some())).collect();
    assert_eq!(sides, [(true, false), (false, true)]);
}

#[test]
fn long_values_that_differ_at_the_end_are_changes() {
    let of =
        |end: &str| json!({"properties": {"description": format!("{}{end}", "x".repeat(1_200))}});
    let found = compare(&Subject::Endpoint, &of("a"), &of("b"));
    assert!(found.iter().all(Difference::is_change) && found.len() == 1);
    let after = found[0].after.as_deref().expect("a value");
    assert!(after.contains("xxx… (201 more characters)"), "{after}");
}

#[test]
fn the_route_is_not_compared() {
    let live = json!({"properties": {"traffic": {"blue": 100}}});
    assert_eq!(fields(&live, &json!({"properties": {"traffic": {"green": 100}}})), []);
}
