//! The client that calls webhooks. It follows no redirects, reads no answers, and waits for none for long.

use std::collections::HashMap;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, StatusCode, Uri, header};
use http_body_util::Full;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use parking_lot::Mutex;
use serde_json::Value;
use time::OffsetDateTime;
use tokio::sync::{Semaphore, SemaphorePermit};

/// How long a webhook may take to answer (Azure Monitor, "Action groups": 10 seconds for the first call).
const ANSWER_S_MAX: u64 = 10;
/// Calls at the same time, and how many addresses and notifications are remembered.
const CALLS_MAX: usize = 20;
const KEPT_MAX: usize = 200;
/// Calls that wait for their turn; what exceeds them is lost.
const WAITING_MAX: usize = 1_000;
/// The longest address.
const URI_BYTES_MAX: usize = 2_048;

type Https = Client<HttpsConnector<HttpConnector>, Full<Bytes>>;

/// That a webhook has accepted a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Delivered(pub StatusCode);

/// Why a webhook has not accepted a call. No text contains its address, which may have a password in it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failed {
    #[error("the address is not an http or https URL")]
    Address,
    #[error("it answered {0}")]
    Answered(StatusCode),
    #[error("it did not answer in {ANSWER_S_MAX} seconds")]
    TimedOut,
    #[error("it could not be reached: {0}")]
    Unreachable(String),
    #[error("it failed before and is not called for some minutes")]
    Blocked,
    #[error("too many other calls wait")]
    Crowded,
    #[error("the emulator cannot call secure webhooks")]
    Secure,
}

impl Failed {
    /// Whether another attempt may succeed.
    pub fn may_pass(&self) -> bool {
        match self {
            Self::TimedOut | Self::Unreachable(_) => true,
            Self::Answered(status) => matches!(status.as_u16(), 408 | 429 | 503 | 504),
            Self::Address | Self::Blocked | Self::Crowded | Self::Secure => false,
        }
    }
}

/// The webhooks' client, which addresses it does not call for now, and the test notifications.
#[derive(Debug)]
pub struct Webhooks {
    client: OnceLock<Https>,
    calls: Semaphore,
    waiting: AtomicUsize,
    blocked: Mutex<HashMap<String, OffsetDateTime>>,
    /// Test notifications by id, oldest first.
    notifications: Mutex<Vec<(String, Value)>>,
}

impl Default for Webhooks {
    fn default() -> Self {
        Self {
            client: OnceLock::new(),
            calls: Semaphore::new(CALLS_MAX),
            waiting: AtomicUsize::new(0),
            blocked: Mutex::default(),
            notifications: Mutex::default(),
        }
    }
}

fn client() -> Https {
    let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
    let roots = rustls_native_certs::load_native_certs();
    let mut store = rustls::RootCertStore::empty();
    // A machine without certificates can still call http addresses.
    store.add_parsable_certificates(roots.certs);
    let versions =
        rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let config = versions.expect("ring has the ciphers of TLS 1.2 and 1.3");
    let config = config.with_root_certificates(store).with_no_client_auth();
    let connector =
        HttpsConnectorBuilder::new().with_tls_config(config).https_or_http().enable_http1().build();
    Client::builder(TokioExecutor::new()).build(connector)
}

impl Webhooks {
    /// Sends JSON to an address, once.
    ///
    /// # Errors
    /// Why it was not accepted. A redirect is not.
    pub async fn post(&self, uri: &str, body: &str) -> Result<Delivered, Failed> {
        let uri = address(uri)?;
        let mut request = Request::post(uri.clone());
        if let Some(basic) = basic(&uri) {
            request = request.header(header::AUTHORIZATION, basic);
        }
        let request = request
            .header(header::CONTENT_TYPE, "application/json; charset=utf-8")
            .header(header::USER_AGENT, "IcMBroadcaster/1.0")
            .body(Full::from(body.to_owned()))
            .map_err(|_| Failed::Address)?;
        let _turn = self.turn().await?;
        let sent = self.client.get_or_init(client).request(request);
        match tokio::time::timeout(Duration::from_secs(ANSWER_S_MAX), sent).await {
            Ok(Ok(answer)) if answer.status().is_success() => Ok(Delivered(answer.status())),
            Ok(Ok(answer)) => Err(Failed::Answered(answer.status())),
            Ok(Err(error)) if error.is_connect() => {
                Err(Failed::Unreachable("no connection".to_owned()))
            }
            Ok(Err(_)) => Err(Failed::Unreachable("the connection ended".to_owned())),
            Err(_) => Err(Failed::TimedOut),
        }
    }

    async fn turn(&self) -> Result<SemaphorePermit<'_>, Failed> {
        if self.waiting.fetch_add(1, Ordering::Relaxed) >= WAITING_MAX {
            self.waiting.fetch_sub(1, Ordering::Relaxed);
            return Err(Failed::Crowded);
        }
        let turn = self.calls.acquire().await;
        self.waiting.fetch_sub(1, Ordering::Relaxed);
        // The semaphore is never closed.
        turn.map_err(|_| Failed::Crowded)
    }

    /// Does not call an address until a time.
    pub fn block(&self, uri: &str, until: OffsetDateTime) {
        let mut blocked = self.blocked.lock();
        if blocked.len() >= KEPT_MAX {
            let first = blocked.iter().min_by_key(|(_, until)| **until);
            if let Some(first) = first.map(|(uri, _)| uri.clone()) {
                blocked.remove(&first);
            }
        }
        blocked.insert(uri.to_owned(), until);
    }

    /// Whether an address is not called now.
    pub fn is_blocked(&self, uri: &str, now: OffsetDateTime) -> bool {
        self.blocked.lock().get(uri).is_some_and(|until| now < *until)
    }

    /// Keeps the state of a test notification.
    pub fn note(&self, id: &str, state: Value) {
        let mut notifications = self.notifications.lock();
        notifications.retain(|(one, _)| one != id);
        if notifications.len() >= KEPT_MAX {
            notifications.remove(0);
        }
        notifications.push((id.to_owned(), state));
    }

    /// The state of a test notification.
    pub fn notification(&self, id: &str) -> Option<Value> {
        let notifications = self.notifications.lock();
        notifications.iter().find(|(one, _)| one == id).map(|(_, state)| state.clone())
    }
}

fn address(text: &str) -> Result<Uri, Failed> {
    let uri: Uri = text.trim().parse().map_err(|_| Failed::Address)?;
    let is_web = matches!(uri.scheme_str(), Some("http" | "https"));
    let is_valid = is_web && uri.host().is_some() && text.len() <= URI_BYTES_MAX;
    if is_valid { Ok(uri) } else { Err(Failed::Address) }
}

/// The credentials of an address, which a webhook with basic authentication has in its URI.
fn basic(uri: &Uri) -> Option<String> {
    use base64::Engine;
    let (user, _) = uri.authority()?.as_str().rsplit_once('@')?;
    let plain = percent_encoding::percent_decode_str(user).collect::<Vec<u8>>();
    Some(format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(plain)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_web_addresses_are_called() {
        for text in ["http://a.example", "https://a.example:8443/x?y=z", "https://me:pw@a.example/"]
        {
            assert!(address(text).is_ok(), "{text}");
        }
        let long = format!("http://a.example/{}", "x".repeat(URI_BYTES_MAX));
        for text in [
            "",
            "/path",
            "a.example",
            "file:///etc/passwd",
            "ftp://a.example",
            "http://",
            "http://a b",
            &long,
        ] {
            assert_eq!(address(text), Err(Failed::Address), "{text}");
        }
    }

    #[test]
    fn a_failed_address_is_left_alone_for_a_while_and_few_are_remembered() {
        let (webhooks, now) = (Webhooks::default(), OffsetDateTime::UNIX_EPOCH);
        webhooks.block("http://a", now + time::Duration::MINUTE);
        assert!(webhooks.is_blocked("http://a", now) && !webhooks.is_blocked("http://b", now));
        assert!(!webhooks.is_blocked("http://a", now + time::Duration::MINUTE));
        for number in 0..2 * KEPT_MAX {
            webhooks.block(&format!("http://a/{number}"), now + time::Duration::HOUR);
            webhooks.note(&number.to_string(), Value::Null);
        }
        assert_eq!(webhooks.blocked.lock().len(), KEPT_MAX);
        assert!(webhooks.notification("0").is_none() && webhooks.notification("399").is_some());
    }
}
