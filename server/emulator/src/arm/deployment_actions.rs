//! Logs and SKUs of a deployment.

use std::sync::Arc;

use dataplane::Container;
use http::Method;
use serde_json::{Value, json};

use crate::inner::Inner;
use crate::protocol::call::{Answer, Answered, Call};
use crate::protocol::error::ArmError;
use crate::protocol::paging;
use crate::{find, rules};

/// The default number of lines.
const TAIL_LINES_DEFAULT: u64 = 50;

fn container(body: &Value) -> Result<Container, ArmError> {
    let Some(kind) = body.get("containerType").filter(|kind| !kind.is_null()) else {
        return Ok(Container::InferenceServer);
    };
    match kind.as_str().unwrap_or_default().to_lowercase().replace('-', "").as_str() {
        "inferenceserver" => Ok(Container::InferenceServer),
        "storageinitializer" => Ok(Container::StorageInitializer),
        _ => Err(ArmError::user(format!("The containerType {kind} is not known."))),
    }
}

/// `POST …/getLogs`
pub fn logs(inner: &Arc<Inner>, call: &Call, ws: &str, e: &str, d: &str) -> Answered {
    call.only(&Method::POST, "POST")?;
    let body = call.optional_object()?;
    let container = container(&body)?;
    let tail = match body.get("tail").filter(|tail| !tail.is_null()) {
        None => TAIL_LINES_DEFAULT,
        Some(tail) => tail
            .as_u64()
            .filter(|lines| *lines > 0)
            .ok_or_else(|| ArmError::user("The property 'tail' must be a positive integer."))?,
    };
    let (endpoint, deployment) = inner.store.read(|state| {
        let (_, endpoint, deployment) = find::deployment(state, (ws, e, d))?;
        Ok::<_, ArmError>((endpoint.name.clone(), deployment.name.clone()))
    })?;
    let tail = usize::try_from(tail).unwrap_or(dataplane::LOG_LINES_MAX);
    let content = inner
        .plane
        .log(&endpoint, &deployment, container, tail.min(dataplane::LOG_LINES_MAX))
        .unwrap_or_default();
    Ok(Answer::ok(json!({ "content": content })))
}

/// `GET …/skus`
pub fn skus(inner: &Arc<Inner>, call: &Call, ws: &str, e: &str, d: &str) -> Answered {
    call.only(&Method::GET, "GET")?;
    inner.store.read(|state| find::deployment(state, (ws, e, d)).map(|_| ()))?;
    let sku = json!({
        "resourceType": "Microsoft.MachineLearning.Services/endpoints/deployments",
        "sku": { "name": "Default", "tier": "Standard" },
        "capacity": {
            "minimum": 1, "maximum": rules::INSTANCES_MAX, "default": 1, "scaleType": "Manual",
        },
    });
    paging::page(call, vec![sku])
}
