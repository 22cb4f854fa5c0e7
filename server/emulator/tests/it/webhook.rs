//! A webhook that remembers what it received and answers as a test says, and rules that call it.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode as Code, header};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::sync::mpsc;

use crate::harness::{Reply, Stage, WORKSPACE, in_time};

/// The next answers of a webhook; 200 when there is no other. `None` never answers.
type Answers = Arc<Mutex<VecDeque<Option<u16>>>>;

pub struct Webhook {
    pub url: String,
    pub answers: Answers,
    received: mpsc::UnboundedReceiver<(HeaderMap, Value)>,
    _server: tokio::task::JoinHandle<()>,
}

#[derive(Clone)]
struct Shared {
    answers: Answers,
    sent: mpsc::UnboundedSender<(HeaderMap, Value)>,
}

async fn receive(State(shared): State<Shared>, headers: HeaderMap, body: String) -> Response {
    let answer = shared.answers.lock().expect("not poisoned").pop_front().unwrap_or(Some(200));
    let body = serde_json::from_str(&body).unwrap_or(Value::String(body));
    shared.sent.send((headers, body)).expect("the test still runs");
    match answer {
        Some(302) => (Code::FOUND, [(header::LOCATION, "/elsewhere")]).into_response(),
        Some(status) => Code::from_u16(status).expect("a status").into_response(),
        None => std::future::pending().await,
    }
}

impl Webhook {
    pub async fn start(answers: &[Option<u16>]) -> Self {
        let answers = Arc::new(Mutex::new(answers.iter().copied().collect()));
        let (sent, received) = mpsc::unbounded_channel();
        let shared = Shared { answers: Arc::clone(&answers), sent };
        let router = Router::new().fallback(any(receive)).with_state(shared);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}/hook", listener.local_addr().expect("an address"));
        let server =
            tokio::spawn(async { axum::serve(listener, router).await.expect("it serves") });
        Self { url, answers, received, _server: server }
    }

    /// The next request's headers and body.
    pub async fn call(&mut self) -> (HeaderMap, Value) {
        in_time(self.received.recv()).await.expect("a request")
    }

    /// The next request's body.
    pub async fn next(&mut self) -> Value {
        self.call().await.1
    }

    /// Whether no request is waiting.
    pub fn is_quiet(&mut self) -> bool {
        self.received.try_recv().is_err()
    }
}

pub fn in_group(rest: &str) -> String {
    let (group, _) = WORKSPACE.split_once("/providers/").expect("a resource group");
    format!("{group}/providers/{rest}")
}

pub const GROUP: &str = "Microsoft.Insights/actionGroups/ag-it";

/// An action group with one webhook.
pub async fn group(stage: &Stage, url: &str) -> String {
    let receiver = json!({ "name": "hook", "serviceUri": url, "useCommonAlertSchema": true });
    let body = json!({ "location": "Global", "properties":
        { "groupShortName": "it", "enabled": true, "webhookReceivers": [receiver] } });
    let path = in_group(GROUP);
    assert!(stage.put(&path, body).await.status.is_success());
    path
}

/// A rule that looks for rejected keys; `more` replaces properties by their JSON pointers.
pub async fn put_rule(stage: &Stage, name: &str, more: Value) -> Reply {
    let mut body = json!({ "location": "westeurope", "tags": {}, "properties": {
        "description": "Rejected keys", "severity": 1, "enabled": true, "scopes": [stage.log_workspace()],
        "evaluationFrequency": "PT5M", "windowSize": "PT15M", "autoMitigate": true,
        "criteria": { "allOf": [{
            "query": "AmlOnlineEndpointTrafficLog | where ResponseCode == 401",
            "timeAggregation": "Count", "operator": "GreaterThan", "threshold": 1,
        }] },
        "actions": { "actionGroups": [in_group(GROUP)], "customProperties": { "CustomKey1": "watched" } },
    } });
    for (path, value) in more.as_object().expect("pointers") {
        let (parent, field) = path.rsplit_once('/').expect("a pointer");
        let parent = format!("/properties{parent}");
        body.pointer_mut(&parent).expect("a parent")[field] = value.clone();
    }
    let path = in_group(&format!("Microsoft.Insights/scheduledQueryRules/{name}"));
    stage.put(&path, body).await
}

/// Requests with a wrong key.
pub async fn reject(stage: &Stage, endpoint: &str, times: u32) {
    for _ in 0..times {
        assert_eq!(stage.score(endpoint, "wrong").await, StatusCode::UNAUTHORIZED);
    }
}

/// An emulator with an endpoint whose logs are recorded at once.
pub async fn stage() -> Stage {
    let stage = Stage::start().await;
    let at_once = json!({ "delay_s": 0 });
    stage.switch(Method::PUT, "/emulator/logs", at_once).await;
    stage.endpoint("watched", &[]).await;
    stage.send_logs("watched").await;
    stage
}

pub async fn alerts(stage: &Stage, query: &str) -> Vec<Value> {
    let (subscription, _) = WORKSPACE.split_once("/resourceGroups/").expect("a subscription");
    let path =
        format!("{subscription}/providers/Microsoft.AlertsManagement/alerts?timeRange=30d{query}");
    let reply = stage.get(&path).await;
    assert_eq!(reply.status, StatusCode::OK, "{reply:?}");
    reply.body["value"].as_array().expect("a list").clone()
}
