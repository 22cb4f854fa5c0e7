//! App components and server metrics of tests and runs. They are stored, and nothing is measured.

use http::{Method, StatusCode};
use serde_json::{Map, Value, json};

use super::refused::Refused;
use super::shapes::stamped;
use super::wire::{Answered, Asked};
use crate::loads::body::merge_value;
use crate::loads::kept::{Resource, Stamp};
use crate::protocol::call::Answer;

/// App components or metrics of a test or run (learn.microsoft.com, service limits).
const ENTRIES_MAX: usize = 100;

/// What is stored, and whose it is.
type Place<'a> = (&'a mut Map<String, Value>, &'a mut Stamp);

/// `/tests/{id}/app-components` and `…/server-metrics-config`
pub fn on_test(asked: &Asked<'_>, id: &str, what: &str) -> Answered {
    on(asked, what, ("testId", id), |resource| {
        let test = resource.tests.get_mut(id).ok_or_else(|| Refused::no_test(id))?;
        Ok(match what {
            "app-components" => (&mut test.components, &mut test.stamp),
            _ => (&mut test.server_metrics, &mut test.stamp),
        })
    })
}

/// The same of `/test-runs/{id}`.
pub fn on_run(asked: &Asked<'_>, id: &str, what: &str) -> Answered {
    on(asked, what, ("testRunId", id), |resource| {
        let run = resource.runs.get_mut(id).ok_or_else(|| Refused::no_run(id))?;
        Ok(match what {
            "app-components" => (&mut run.components, &mut run.stamp),
            _ => (&mut run.server_metrics, &mut run.stamp),
        })
    })
}

fn on(
    asked: &Asked<'_>,
    what: &str,
    (field, id): (&str, &str),
    place: impl Fn(&mut Resource) -> Result<Place<'_>, Refused>,
) -> Answered {
    let collection = if what == "app-components" { "components" } else { "metrics" };
    let view = |all: &Map<String, Value>, stamp: &Stamp| {
        let mut view = Map::new();
        view.insert(collection.to_owned(), Value::Object(all.clone()));
        view.insert(field.to_owned(), json!(id));
        stamped(&mut view, stamp);
        Value::Object(view)
    };
    match asked.call.method {
        Method::GET => {
            let mut copy = asked.look(|resource| Ok(resource.clone()))?;
            let (all, stamp) = place(&mut copy)?;
            Ok(Answer::ok(view(all, stamp)))
        }
        Method::PATCH => {
            let sent = asked.patch()?;
            let Some(Value::Object(patch)) = sent.get(collection) else {
                return Err(Refused::body(format!(
                    "The property '{collection}' must be an object."
                )));
            };
            let (body, is_new) = asked.change(|resource| {
                let (all, stamp) = place(resource)?;
                let is_new = all.is_empty();
                merge(all, patch, collection)?;
                stamp.change(asked.now_ms, &asked.call.caller);
                Ok((view(all, stamp), is_new))
            })?;
            Ok(Answer::json(if is_new { StatusCode::CREATED } else { StatusCode::OK }, body))
        }
        _ => Err(Refused::method()),
    }
}

fn merge(
    all: &mut Map<String, Value>,
    patch: &Map<String, Value>,
    what: &str,
) -> Result<(), Refused> {
    for (id, sent) in patch {
        if sent.is_null() {
            all.remove(id);
            continue;
        }
        let entry = all.entry(id.clone()).or_insert_with(|| json!({}));
        merge_value(entry, sent);
        if !entry.is_object() {
            return Err(Refused::body(format!("Each entry of '{what}' must be an object.")));
        }
        if what == "components" {
            let after = |word: &str| {
                let mut segments = id.split('/').skip_while(|s| !s.eq_ignore_ascii_case(word));
                segments.nth(1).unwrap_or_default().to_owned()
            };
            entry["resourceId"] = json!(id);
            entry["resourceGroup"] = json!(after("resourceGroups"));
            entry["subscriptionId"] = json!(after("subscriptions"));
        } else {
            entry["id"] = json!(id);
        }
    }
    if all.len() > ENTRIES_MAX {
        return Err(Refused::quota(format!(
            "There are at most {ENTRIES_MAX} entries of '{what}'."
        )));
    }
    Ok(())
}
