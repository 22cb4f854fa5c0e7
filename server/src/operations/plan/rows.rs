//! The rows of a plan's differences. Each write has at least one: what is written and not said would be
//! approved unseen.

use super::diff;
use app::domain::plan::{Difference, Subject, route_differences};
use app::domain::provisioning::ProvisioningState;
use app::domain::route::Route;
use serde_json::Value;
use std::collections::BTreeMap;

/// The fields that a body changes. Where none does, it is made again, or made of nothing but Azure's defaults:
/// then its state is the row. `said` stands beside the fields that it names.
pub(super) fn of(
    subject: &Subject,
    before: &Value,
    after: &Value,
    state: Option<ProvisioningState>,
    said: Option<&BTreeMap<&'static str, String>>,
) -> Vec<Difference> {
    let mut rows = diff::compare(subject, before, after);
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

/// Who gets what, before and after. A mirror that `is_off_between` says so.
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

/// What a load test writes.
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
