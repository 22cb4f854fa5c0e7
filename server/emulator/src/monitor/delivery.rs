//! Calls the webhooks of action groups, beside everything else (Azure Monitor, "Action groups", webhook retry behavior).
//!
//! Messages to people and to other services are not sent. A secure webhook needs a token of Entra ID for a service of
//! Microsoft, which the emulator does not have, so it is not called.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use crate::inner::Inner;
use crate::webhooks::{Delivered, Failed};

/// The pauses between attempts, in seconds.
const PAUSES_S: [u64; 5] = [5, 20, 5, 40, 5];
/// How long a webhook is not called after all attempts failed.
const BLOCKED_MINUTES: i64 = 15;
/// Webhooks of one group (Azure Monitor, service limits: 10 webhook actions in an action group).
const WEBHOOKS_MAX: usize = 10;

/// What an action group's webhook says about itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receiver {
    pub name: String,
    pub uri: String,
    /// Whether it needs a token.
    pub is_secure: bool,
}

/// The webhooks of an action group's `properties`, or of a test's body.
pub fn receivers(properties: &Value) -> Vec<Receiver> {
    let all = properties["webhookReceivers"].as_array().map_or(&[][..], Vec::as_slice);
    let read = |one: &Value| Receiver {
        name: one["name"].as_str().unwrap_or_default().to_owned(),
        uri: one["serviceUri"].as_str().unwrap_or_default().to_owned(),
        is_secure: one["useAadAuth"] == true,
    };
    all.iter().take(WEBHOOKS_MAX).map(read).collect()
}

/// Calls all webhooks of the groups, each in a task of its own. Returns at once.
pub fn call(inner: &Arc<Inner>, groups: &[String], payload: &Value) {
    let payload: Arc<str> = payload.to_string().into();
    for group in groups {
        let body = inner.store.read(|state| state.monitoring.get(group).cloned());
        let Some(body) = body.filter(|body| body["properties"]["enabled"] == true) else {
            continue;
        };
        for receiver in receivers(&body["properties"]) {
            let (inner, payload) = (Arc::clone(inner), Arc::clone(&payload));
            let group = group.clone();
            tokio::spawn(async move {
                // Not the address: it may contain a password.
                let (group, webhook) = (group.as_str(), receiver.name.as_str());
                match deliver(&inner, &receiver, &payload).await {
                    Ok(_) => tracing::info!(group, webhook, "a webhook has received an alert"),
                    Err(error) => {
                        tracing::warn!(group, webhook, %error, "a webhook was not reached");
                    }
                }
            });
        }
    }
}

/// Calls the webhooks of an autoscale setting's `notifications`, each in a task of its own. Returns at once.
pub fn notify(inner: &Arc<Inner>, notifications: &Value, payload: &Value) {
    let all = notifications.as_array().map_or(&[][..], Vec::as_slice);
    let webhooks =
        all.iter().flat_map(|one| one["webhooks"].as_array().cloned().unwrap_or_default());
    for webhook in webhooks.take(WEBHOOKS_MAX) {
        let uri = webhook["serviceUri"].as_str().unwrap_or_default().to_owned();
        let receiver = Receiver { name: "autoscale".to_owned(), uri, is_secure: false };
        let mut payload = payload.clone();
        if webhook["properties"].is_object() {
            payload["properties"] = webhook["properties"].clone();
        }
        let inner = Arc::clone(inner);
        tokio::spawn(async move {
            if let Err(error) = deliver(&inner, &receiver, &payload.to_string()).await {
                tracing::warn!(%error, "the webhook of an autoscale setting was not reached");
            }
        });
    }
}

/// Calls a webhook until it accepts, refuses for good, or has failed too often. The pauses follow the emulator's clock.
///
/// # Errors
/// Why it was not reached.
pub async fn deliver(
    inner: &Inner,
    receiver: &Receiver,
    payload: &str,
) -> Result<Delivered, Failed> {
    if receiver.is_secure {
        return Err(Failed::Secure);
    }
    let webhooks = &inner.webhooks;
    if webhooks.is_blocked(&receiver.uri, inner.clock.now()) {
        return Err(Failed::Blocked);
    }
    let mut pauses = PAUSES_S.into_iter();
    loop {
        let failed = match webhooks.post(&receiver.uri, payload).await {
            Ok(delivered) => return Ok(delivered),
            Err(failed) => failed,
        };
        if !failed.may_pass() {
            return Err(failed);
        }
        let Some(pause) = pauses.next() else {
            let until = inner.clock.now() + time::Duration::minutes(BLOCKED_MINUTES);
            webhooks.block(&receiver.uri, until);
            return Err(failed);
        };
        inner.clock.sleep(Duration::from_secs(pause)).await;
    }
}
