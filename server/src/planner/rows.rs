//! The rows of a plan's differences. Each write has at least one row, because people must see what they approve. The
//! texts of the rows are part of the plan's hash.

use super::diff;
use domain::plan::{Difference, Subject, route_differences};
use domain::provisioning::ProvisioningState;
use domain::route::Route;
use serde_json::Value;
use std::collections::BTreeMap;

/// The fields that a body changes. If no field changes (a resource is recreated, or has only Azure's defaults), the
/// provisioning state is the row. `said` has remarks by field.
pub(super) fn of(
    subject: &Subject,
    before: &Value,
    after: &Value,
    state: Option<ProvisioningState>,
    said: Option<&BTreeMap<&'static str, String>>,
) -> Vec<Difference> {
    let mut rows = diff::compare(subject, before, after);
    rows.extend(default_count(subject, before, after));
    for row in &mut rows {
        let words = said.and_then(|said| said.get(row.field.as_str()));
        if let (Some(words), Some(after)) = (words, &mut row.after) {
            after.push_str(&format!(" ({words})"));
        }
    }
    if rows.is_empty() {
        rows.push(Difference {
            subject: subject.clone(),
            field: "/properties/provisioningState".to_owned(),
            before: state.map(|state| state.to_string()),
            after: Some("Succeeded, written again as it is".to_owned()),
        });
    }
    rows
}

/// The instance count of a new deployment if it is Azure's default, which is no difference otherwise: people compare it
/// with that of the live deployment.
fn default_count(subject: &Subject, before: &Value, after: &Value) -> Option<Difference> {
    const COUNT: &str = "/sku/capacity";
    let count = after.pointer(COUNT).and_then(Value::as_u64).filter(|count| *count == 1)?;
    (before.is_null() && matches!(subject, Subject::Deployment(_))).then(|| Difference {
        subject: subject.clone(),
        field: COUNT.to_owned(),
        before: None,
        after: Some(count.to_string()),
    })
}

/// The shares and the mirror before and after. `is_off_between` marks a mirror that is off in between.
pub(super) fn of_route(before: &Route, after: &Route, is_off_between: bool) -> Vec<Difference> {
    let mut rows = route_differences(before, after);
    if is_off_between {
        for row in rows.iter_mut().filter(|row| row.field.starts_with("/properties/mirrorTraffic/"))
        {
            if let Some(after) = &mut row.after {
                after.push_str(", and off in between");
            }
        }
    }
    rows
}

/// The resources that a load test writes.
pub(super) fn of_load_test(test: &str, run: &str, key_secret: &str) -> [Difference; 3] {
    let row = |field: String, before: Option<&str>, after: &str| Difference {
        subject: Subject::LoadTest,
        field,
        before: before.map(str::to_owned),
        after: Some(after.to_owned()),
    };
    [
        row(format!("/tests/{test}"), Some("(not known)"), "there, created if it is not"),
        row(format!("/test-runs/{run}"), None, "a new run, with a number added"),
        row(
            format!("/secrets/{key_secret}"),
            Some("(not known)"),
            "a new version: the endpoint's key",
        ),
    ]
}
