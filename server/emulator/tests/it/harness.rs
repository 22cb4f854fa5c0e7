//! An emulator on a free port with a clock that stands still, and an HTTP client.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use emulator::{Clock, Config, Emulator, Workspace};
use reqwest::{Client, Method, Response, StatusCode};
use serde_json::{Value, json};
use time::macros::datetime;

pub const SUBSCRIPTION: &str = "11111111-1111-4111-8111-111111111111";
pub const TENANT: &str = "22222222-2222-4222-8222-222222222222";
pub const WORKSPACE: &str = "/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/rg-it/providers/Microsoft.MachineLearningServices/workspaces/mlw-it-dev";
/// Processes start and crash in real time.
pub const REAL_S_MAX: u64 = 60;

pub struct Stage {
    pub emulator: Emulator,
    pub http: Client,
    base: String,
}

/// A complete answer.
#[derive(Debug)]
pub struct Reply {
    pub status: StatusCode,
    pub headers: reqwest::header::HeaderMap,
    pub body: Value,
}

impl Reply {
    pub async fn read(response: Response) -> Self {
        let (status, headers) = (response.status(), response.headers().clone());
        let text = response.text().await.expect("a body");
        let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
        Self { status, headers, body }
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("text"))
    }

    /// A field of an error, with or without `error` around it.
    fn refused(&self, name: &str) -> &str {
        self.body.get("error").unwrap_or(&self.body)[name].as_str().unwrap_or_default()
    }

    pub fn code(&self) -> &str {
        self.refused("code")
    }

    pub fn message(&self) -> &str {
        self.refused("message")
    }
}

/// Fails instead of waiting forever.
pub async fn in_time<T>(work: impl Future<Output = T>) -> T {
    let limit = std::time::Duration::from_secs(REAL_S_MAX);
    tokio::time::timeout(limit, work).await.expect("it happens in time")
}

/// The example that serves as an instance; cargo builds it with the tests.
fn instance() -> PathBuf {
    let exe = std::env::current_exe().expect("a path");
    let target = exe.parent().and_then(Path::parent).expect("target/debug");
    target.join("examples").join("instance")
}

pub fn config(state_dir: Option<PathBuf>) -> Config {
    Config {
        listen: SocketAddr::from(([127, 0, 0, 1], 0)),
        subscription: SUBSCRIPTION.to_owned(),
        resource_group: "rg-it".to_owned(),
        workspaces: vec![Workspace {
            name: "mlw-it-dev".to_owned(),
            location: "westeurope".to_owned(),
        }],
        tenant: TENANT.to_owned(),
        clock: Clock::explicit(datetime!(2026-01-01 00:00 UTC)),
        state_dir,
        instance_command: vec![instance().into_os_string()],
        demo: emulator::Demo::Off,
        public_url: None,
        redirect_uris: Vec::new(),
        builder: emulator::BuilderChoice::Only(emulator::Builder::Process),
        stale_reads: emulator::StaleReads::default(),
    }
}

impl Stage {
    pub async fn start() -> Self {
        Self::start_with(config(None)).await
    }

    #[expect(clippy::disallowed_methods, reason = "a test is no part of the console")]
    pub async fn start_with(config: Config) -> Self {
        // It is already installed if another test ran in this process.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let emulator = Emulator::start(config).await.expect("the emulator starts");
        let base = emulator.url().as_str().trim_end_matches('/').to_owned();
        let http = Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .expect("a client");
        Self { emulator, http, base }
    }

    pub fn url(&self, path: &str) -> String {
        if path.starts_with("http") { path.to_owned() } else { format!("{}{path}", self.base) }
    }

    /// A request without ARM's required parameters.
    pub async fn bare(&self, method: Method, path: &str) -> Reply {
        let response = self.http.request(method, self.url(path)).send().await.expect("an answer");
        Reply::read(response).await
    }

    /// A request to ARM; a relative path is below the workspace.
    pub async fn arm(&self, method: Method, path: &str, body: Option<Value>) -> Reply {
        let path =
            if path.starts_with('/') { path.to_owned() } else { format!("{WORKSPACE}/{path}") };
        let sign = if path.contains('?') { '&' } else { '?' };
        let url = self.url(&format!("{path}{sign}api-version=2025-12-01"));
        let mut request = self.http.request(method, url).bearer_auth("made-up");
        if let Some(body) = body {
            request = request.json(&body);
        }
        Reply::read(request.send().await.expect("an answer")).await
    }

    pub async fn get(&self, path: &str) -> Reply {
        self.arm(Method::GET, path, None).await
    }

    pub async fn put(&self, path: &str, body: Value) -> Reply {
        self.arm(Method::PUT, path, Some(body)).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Reply {
        self.arm(Method::POST, path, Some(body)).await
    }

    pub async fn delete(&self, path: &str) -> Reply {
        self.arm(Method::DELETE, path, None).await
    }

    /// A request to one of the emulator's own switches.
    pub async fn switch(&self, method: Method, path: &str, body: Value) -> Reply {
        let request = self.http.request(method, self.url(path)).json(&body);
        Reply::read(request.send().await.expect("an answer")).await
    }

    /// The primary key of an endpoint.
    pub async fn key(&self, endpoint: &str) -> String {
        let keys = self.post(&format!("onlineEndpoints/{endpoint}/listKeys"), json!({})).await;
        keys.body["primaryKey"].as_str().expect("a key").to_owned()
    }

    /// A request to an endpoint.
    pub async fn score(&self, endpoint: &str, key: &str) -> StatusCode {
        let request = self.http.post(self.url(&format!("/endpoints/{endpoint}/score")));
        let request = request.bearer_auth(key).header("user-agent", "it/1");
        let request = request.body(dataplane::model::EXAMPLE_REQUEST);
        request.send().await.expect("an answer").status()
    }

    /// The ARM id of the log workspace.
    pub fn log_workspace(&self) -> String {
        let (group, _) = WORKSPACE.split_once("/providers/").expect("a resource group");
        format!("{group}/providers/Microsoft.OperationalInsights/workspaces/log-it-dev")
    }

    /// An endpoint with a deployment that takes all traffic, and whose logs go to the log workspace.
    pub async fn watched(&self, name: &str, deployment: &str) {
        self.endpoint(name, &[deployment]).await;
        let body = endpoint(json!({ deployment: 100 }), json!({}));
        self.done(&self.put(&format!("onlineEndpoints/{name}"), body).await).await;
        self.send_logs(name).await;
    }

    /// Gives an endpoint the team's diagnostic setting.
    pub async fn send_logs(&self, name: &str) {
        let path = format!(
            "onlineEndpoints/{name}/providers/Microsoft.Insights/diagnosticSettings/{name}-logging"
        );
        let logs = ["Traffic", "Console", "Event"].map(
            |log| json!({ "category": format!("AmlOnlineEndpoint{log}Log"), "enabled": true }),
        );
        let body = json!({ "properties": { "workspaceId": self.log_workspace(), "logs": logs } });
        assert_eq!(self.put(&path, body).await.status, StatusCode::OK);
    }

    /// A query of the log workspace.
    pub async fn kql(&self, body: Value) -> Reply {
        let id = self.get(&self.log_workspace()).await.body["properties"]["customerId"].clone();
        let path = format!("/v1/workspaces/{}/query", id.as_str().expect("an id"));
        let request = self.http.post(self.url(&path)).bearer_auth("made-up").json(&body);
        Reply::read(request.send().await.expect("an answer")).await
    }

    /// The rows that a query answers.
    pub async fn rows(&self, query: &str) -> Vec<Value> {
        let reply = self.kql(json!({ "query": query })).await;
        assert_eq!(reply.status, StatusCode::OK, "{reply:?}");
        reply.body["tables"][0]["rows"].as_array().expect("rows").clone()
    }

    pub async fn advance(&self, seconds: u64) {
        let reply = self
            .switch(Method::POST, "/emulator/clock/advance", json!({ "seconds": seconds }))
            .await;
        assert_eq!(reply.status, StatusCode::OK, "{reply:?}");
    }

    pub async fn status_of(&self, accepted: &Reply) -> Value {
        let url = accepted.header("azure-asyncoperation").to_owned();
        let request = self.http.get(url).bearer_auth("made-up");
        Reply::read(request.send().await.expect("an answer")).await.body
    }

    /// Advances the clock until the operation has ended.
    pub async fn ended(&self, accepted: &Reply) -> Value {
        assert!(accepted.status.is_success(), "{accepted:?}");
        let ended = async {
            loop {
                self.advance(2).await;
                let status = self.status_of(accepted).await;
                if status["status"] != "Updating" {
                    return status;
                }
            }
        };
        in_time(ended).await
    }

    pub async fn done(&self, accepted: &Reply) {
        let status = self.ended(accepted).await;
        assert_eq!(status["status"], "Succeeded", "{status}");
    }

    /// Creates an endpoint with deployments, and waits until all have succeeded.
    pub async fn endpoint(&self, name: &str, deployments: &[&str]) {
        let path = format!("onlineEndpoints/{name}");
        self.done(&self.put(&path, endpoint(json!({}), json!({}))).await).await;
        for deployment in deployments {
            let path = format!("{path}/deployments/{deployment}");
            self.done(&self.put(&path, self::deployment()).await).await;
        }
    }
}

pub fn endpoint(traffic: Value, mirror: Value) -> Value {
    json!({
        "location": "westeurope", "tags": { "team": "it" }, "identity": { "type": "SystemAssigned" },
        "properties": { "authMode": "Key", "properties": {}, "traffic": traffic,
            "mirrorTraffic": mirror, "publicNetworkAccess": "enabled" },
    })
}

pub fn deployment() -> Value {
    json!({
        "location": "westeurope", "tags": {}, "sku": { "name": "Default", "capacity": 1 },
        "properties": { "endpointComputeType": "Managed", "instanceType": "Standard_DS3_v2",
            "properties": {}, "environmentVariables": {} },
    })
}
