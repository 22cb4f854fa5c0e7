//! Test notifications of an action group (azure-rest-api-specs, monitor, actionGroups 2023-01-01: `createNotifications` and
//! `notificationStatus`).

use std::sync::Arc;

use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::delivery::{deliver, receivers};
use super::kept::{Resource, bad};
use super::payload;
use crate::inner::Inner;
use crate::protocol::call::{Answer, Answered, Call};
use crate::protocol::error::ArmError;
use crate::when;

/// What `alertType` can be (REST reference).
const KINDS: &str = "servicehealth metricstaticthreshold metricsdynamicthreshold logalertv2 smartalert webtestalert \
                     logalertv1numresult logalertv1metricmeasurement resourcehealth activitylog actualcostbudget \
                     forecastedbudget budget";
/// The other receivers, and how a status names them.
const OTHERS: [(&str, &str); 10] = [
    ("email", "Email"),
    ("sms", "Sms"),
    ("itsm", "Itsm"),
    ("azureAppPush", "AzureAppPush"),
    ("automationRunbook", "AutomationRunbook"),
    ("voice", "Voice"),
    ("logicApp", "LogicApp"),
    ("azureFunction", "AzureFunction"),
    ("armRole", "ArmRole"),
    ("eventHub", "EventHub"),
];
/// The most receivers of one kind in a test.
const RECEIVERS_MAX: usize = 100;

/// `POST …/actionGroups/{name}/createNotifications`: answers at once, and sends beside.
pub fn create(inner: &Arc<Inner>, call: &Call, group: &Resource) -> Answered {
    call.only(&Method::POST, "POST")?;
    group.present(inner)?;
    let body = call.object()?;
    let kind = body["alertType"].as_str().unwrap_or_default().to_lowercase();
    if kind.is_empty() || !KINDS.split(' ').any(|one| one == kind) {
        return Err(bad(format!("The alertType [{kind}] is not supported. It is one of {KINDS}.")));
    }
    let id = uuid::Uuid::new_v4().simple().to_string();
    inner.webhooks.note(&id, state(inner, "InProgress", &kind, &[]));
    let location = format!(
        "{}{}/notificationStatus/{id}?api-version={}",
        call.base, group.id, call.api_version
    );
    let inner = Arc::clone(inner);
    tokio::spawn(async move {
        let details = send(&inner, &body, &kind).await;
        inner.webhooks.note(&id, state(&inner, "Completed", &kind, &details));
    });
    Ok(Answer::empty(StatusCode::ACCEPTED).with("location", location))
}

/// `GET …/actionGroups/{name}/notificationStatus/{id}`: 202 while it is being sent.
pub fn status(inner: &Inner, call: &Call, group: &Resource) -> Answered {
    call.only(&Method::GET, "GET")?;
    group.present(inner)?;
    let id = call.after("notificationStatus");
    let found = inner.webhooks.notification(&id);
    let missing =
        || ArmError::no_resource(&format!("notificationStatus/{id}"), &inner.resource_group);
    let state = found.ok_or_else(missing)?;
    if state["state"] == "Completed" {
        return Ok(Answer::ok(state));
    }
    let answer = Answer::json(StatusCode::ACCEPTED, state).with_all(inner.pace.retry_headers());
    Ok(answer
        .with("location", format!("{}{}?api-version={}", call.base, call.path, call.api_version)))
}

fn state(inner: &Inner, state: &str, kind: &str, details: &[Value]) -> Value {
    let now = when::arm(inner.clock.now());
    json!({
        "context": {
            "notificationSource": "Microsoft.Insights/TestNotification",
            "contextType": format!("Microsoft.Insights/{kind}"),
        },
        "state": state, "createdTime": now, "completedTime": now, "actionDetails": details,
    })
}

async fn send(inner: &Inner, body: &Value, kind: &str) -> Vec<Value> {
    let payload = payload::test(inner, kind, inner.clock.now()).to_string();
    let detail = |mechanism: &str, name: &str, status: &str, detail: String| {
        json!({
            "MechanismType": mechanism, "Name": name, "Status": status, "SubState": "Default",
            "SendTime": when::arm(inner.clock.now()), "Detail": detail,
        })
    };
    let mut details = Vec::new();
    for receiver in receivers(body) {
        let mechanism = if receiver.is_secure { "SecureWebhook" } else { "Webhook" };
        let (status, text) = match deliver(inner, &receiver, &payload).await {
            Ok(delivered) => ("Completed", format!("The webhook answered {}.", delivered.0)),
            Err(failed) => ("Failed", format!("The webhook was not reached: {failed}.")),
        };
        details.push(detail(mechanism, &receiver.name, status, text));
    }
    for (field, mechanism) in OTHERS {
        let all = body[format!("{field}Receivers")].as_array().map_or(&[][..], Vec::as_slice);
        for one in all.iter().take(RECEIVERS_MAX) {
            let name = one["name"].as_str().unwrap_or_default();
            let text = "The emulator calls webhooks only. Azure would send a message here.";
            details.push(detail(mechanism, name, "Completed", text.to_owned()));
        }
    }
    details
}
