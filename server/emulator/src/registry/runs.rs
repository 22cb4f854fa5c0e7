//! Runs in ARM: list, get, archive, log, cancel.

use std::sync::Arc;

use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::filter::Filter;
use super::order::bad;
use super::shapes;
use crate::builds::kept::{Run, RunStatus, run_number};
use crate::inner::Inner;
use crate::protocol::call::{Answer, Answered, Call};
use crate::protocol::error::ArmError;
use crate::protocol::field::Field;
use crate::protocol::paging::{PAGE_ITEMS_DEFAULT, PAGE_ITEMS_MAX};
use crate::state::State;
use crate::when;

/// The blob container of logs.
pub const LOGS: &str = "acr-logs";

/// The name of a run's log.
pub fn log_name(registry: &str, run: &str) -> String {
    format!("{registry}/{run}/rawtext.log")
}

fn missing(inner: &Inner, id: &str) -> ArmError {
    let resource = format!("Microsoft.ContainerRegistry/registries/runs/{id}");
    ArmError::no_resource(&resource, &inner.resource_group)
}

fn run_mut<'s>(inner: &Inner, state: &'s mut State, id: &str) -> Result<&'s mut Run, ArmError> {
    let number = run_number(id).ok_or_else(|| missing(inner, id))?;
    state.registry.runs.get_mut(&number).ok_or_else(|| missing(inner, id))
}

fn found(inner: &Inner, id: &str) -> Result<Value, ArmError> {
    let number = run_number(id);
    let view = inner.store.read(|state| {
        let run = state.registry.runs.get(&number?)?;
        Some(shapes::run(inner, &state.registry.name, run))
    });
    view.ok_or_else(|| missing(inner, id))
}

fn whole(call: &Call, name: &str) -> Result<Option<u64>, ArmError> {
    let given = call.query.get(name);
    let read = given.map(|text| {
        let not = || bad(format!("The query parameter {name}={text} must be a whole number."));
        text.parse().map_err(|_| not())
    });
    read.transpose()
}

/// `GET {ACR}/runs`, the latest run first. A page's token is the number of its last run, so that new runs move no
/// others to another page.
pub fn list(inner: &Arc<Inner>, call: &Call) -> Answered {
    call.only(&Method::GET, "GET")?;
    let filter = Filter::read(call.query.get("$filter").map_or("", String::as_str))?;
    let top = whole(call, "$top")?.and_then(|top| usize::try_from(top).ok());
    let size = top.filter(|top| *top > 0).unwrap_or(PAGE_ITEMS_DEFAULT).min(PAGE_ITEMS_MAX);
    let before = whole(call, "$skiptoken")?.unwrap_or(u64::MAX);
    let (value, next) = inner.store.read(|state| {
        let earlier = state.registry.runs.range(..before).rev();
        let views =
            earlier.map(|(number, run)| (number, shapes::run(inner, &state.registry.name, run)));
        let mut kept = views.filter(|(_, run)| filter.keeps(run));
        let page: Vec<_> = kept.by_ref().take(size).collect();
        let next = kept.next().and_then(|_| page.last().map(|(number, _)| **number));
        (page.into_iter().map(|(_, run)| run).collect::<Vec<_>>(), next)
    });
    let mut body = json!({ "value": value });
    if let Some(next) = next {
        body["nextLink"] = Value::String(next_link(call, next));
    }
    Ok(Answer::ok(body))
}

fn next_link(call: &Call, next: u64) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in call.query.iter().filter(|(name, _)| *name != "$skiptoken") {
        query.append_pair(name, value);
    }
    query.append_pair("$skipToken", &next.to_string());
    format!("{}{}?{}", call.base, call.path, query.finish())
}

/// `GET {ACR}/runs/{runId}`
pub fn get(inner: &Arc<Inner>, id: &str) -> Answered {
    found(inner, id).map(Answer::ok)
}

/// `PATCH {ACR}/runs/{runId}`, which can change `isArchiveEnabled` only.
pub fn patch(inner: &Arc<Inner>, call: &Call, id: &str) -> Answered {
    let body = call.object()?;
    let flag = Field::of("isArchiveEnabled", body.get("isArchiveEnabled")).flag();
    let flag = flag.map_err(|error| bad(error.message))?;
    let now = when::arm(inner.clock.now());
    inner.store.try_write(|state| {
        let run = run_mut(inner, state, id)?;
        if let Some(flag) = flag {
            run.order.is_archive_enabled = flag;
            run.updated_at = now;
        }
        Ok::<_, ArmError>(())
    })?;
    get(inner, id)
}

/// `POST {ACR}/runs/{runId}/listLogSasUrl`
pub fn log_url(inner: &Arc<Inner>, call: &Call, id: &str) -> Answered {
    call.only(&Method::POST, "POST")?;
    let run = found(inner, id)?;
    let id = run["name"].as_str().unwrap_or_default();
    let name = inner.store.read(|state| log_name(&state.registry.name, id));
    let url = format!("{}/blob/acrtasks/{LOGS}/{name}?{}", call.base, inner.blobs.signature());
    Ok(Answer::ok(json!({ "logLink": url })))
}

/// `POST {ACR}/runs/{runId}/cancel`: 200 without a body. The run ends soon after.
pub fn cancel(inner: &Arc<Inner>, call: &Call, id: &str) -> Answered {
    call.only(&Method::POST, "POST")?;
    let number = inner.store.try_write(|state| {
        let run = run_mut(inner, state, id)?;
        if run.status.is_over() && run.status != RunStatus::Canceled {
            return Err(ArmError::conflict(format!(
                "The run {} has ended with the status {} and cannot be cancelled.",
                run.id(),
                run.status.as_str()
            )));
        }
        run.is_cancelled = true;
        Ok(run.number)
    })?;
    inner.running.cancel(number);
    Ok(Answer::empty(StatusCode::OK))
}
