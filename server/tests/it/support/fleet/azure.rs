//! An Azure in its own process, which outlives the consoles and records their writes.

use super::{PROGRAM, Process, within};
use crate::support::WITNESS;
use crate::support::github::OnGitHub;
use reqwest::Method;
use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;
use tokio::task::JoinHandle;
use url::Url;

pub(super) const SUBSCRIPTION: &str = "5b6e6a0c-5a1f-4d4e-9d0a-0a4e45ad0001";
pub(super) const TENANT: &str = "7d1b6b0e-3f0b-4c55-8f4e-5eedda7a0001";
pub(super) const GROUP: &str = "anet-0001";
pub(super) const WORKSPACE: &str = "mlw-anet-0001prod";
/// The endpoint, below the workspace.
pub const ENDPOINT: &str = "onlineEndpoints/anet-ep-prod";
const CLIENT: &str = "client id";
const TOKEN: &str = "GitHub token";
/// Reads are stale for a while and flap, but for less time than consoles doubt a read.
const STALE: &str = "endpoint=0.3,deployment=0.3,list=0.5,reads=4,flapping,seed=1";
/// The same, for a clock on which a second takes some milliseconds.
const STALE_IN_A_HURRY: &str = "endpoint=10,deployment=10,list=15,reads=4,flapping,seed=1";
/// Steps and pauses of the fast clock: a minute of Azure's time takes about a second.
const HURRY: (f64, Duration) = (1.0, Duration::from_millis(15));

/// An Azure in its own process.
pub struct Azure {
    process: Option<Process>,
    /// Its arguments, without the address.
    arguments: Vec<String>,
    pub url: Url,
    pub(super) client_id: String,
    token: String,
    http: reqwest::Client,
    folder: TempDir,
    /// Moves its clock, if it has its own.
    time: Option<JoinHandle<()>>,
}

impl Azure {
    /// Starts one without endpoints that works `speed` times as fast as in a demonstration.
    pub fn without_endpoints(speed: u32) -> Self {
        Self::run(speed, STALE, &[])
    }

    /// Starts one with an endpoint that has two deployments.
    pub async fn start(speed: u32) -> Self {
        let azure = Self::run(speed, STALE, &[]);
        azure.furnish().await;
        azure
    }

    /// The same, with a fast clock, so that a share bakes within seconds. Consoles follow this clock if
    /// [`super::Besides::is_hurried`] is set.
    pub async fn in_a_hurry(speed: u32) -> Self {
        let mut azure = Self::run(speed, STALE_IN_A_HURRY, &["--explicit-clock"]);
        let (http, url) = (azure.http.clone(), azure.url.clone());
        azure.time = Some(tokio::spawn(pass(http, url)));
        azure.furnish().await;
        azure
    }

    fn run(speed: u32, stale: &str, more: &[&str]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let state = folder.path().join("azure").display().to_string();
        let speed = speed.to_string();
        let mut arguments = vec!["--workspace", WORKSPACE, "--subscription", SUBSCRIPTION];
        arguments.extend(["--resource-group", GROUP, "--tenant", TENANT, "--speed", &speed]);
        // Other builders would pull a base image from a public registry.
        arguments.extend(["--stale-reads", stale, "--builder", "process", "--state", &state]);
        arguments.extend(more);
        let arguments = arguments.into_iter().map(str::to_owned).collect::<Vec<_>>();
        let (process, url, [client_id, token]) = begin("127.0.0.1:0", &arguments);
        let http = server::azure::http::client().expect("a client");
        let process = Some(process);
        Self { process, arguments, url, client_id, token, http, folder, time: None }
    }

    /// `kill -9`.
    pub fn kill(&mut self) {
        drop(self.process.take());
    }

    /// Starts it again where it was, with what it had saved.
    pub async fn start_again(&mut self) {
        let (at, arguments) = (self.url.authority().to_owned(), self.arguments.clone());
        let begun = tokio::task::spawn_blocking(move || begin(&at, &arguments));
        self.process = Some(begun.await.expect("it starts").0);
    }

    /// The folder for its files and those of its consoles.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    async fn furnish(&self) {
        let environment = json!({ "properties": { "image": "anet.azurecr.io/env:1" } });
        self.send("environments/env/versions/1", &environment).await;
        let endpoint = json!({ "location": "westeurope", "properties": { "authMode": "Key" } });
        self.put(ENDPOINT, &endpoint).await;
        for name in ["anet-eedi", "anet-green"] {
            self.put(&format!("{ENDPOINT}/deployments/{name}"), &deployment()).await;
        }
        self.route(&json!({ "anet-eedi": 100 })).await;
    }

    /// Sets the route outside the consoles.
    pub async fn route(&self, traffic: &Value) {
        let mut endpoint = self.get(ENDPOINT).await.expect("it is there");
        endpoint["properties"]["traffic"] = traffic.clone();
        self.put(ENDPOINT, &endpoint).await;
    }

    fn at(&self, rest: &str) -> Url {
        let path = format!("{}/{rest}?api-version=2025-12-01", Self::workspace());
        self.url.join(&path).expect("a URL")
    }

    /// Reads a resource, or `None` if it does not exist.
    pub async fn get(&self, rest: &str) -> Option<Value> {
        let request = self.http.get(self.at(rest)).bearer_auth("a-test");
        let asked = request.header(WITNESS, "1").send().await;
        let answer = asked.expect("it answers");
        if !answer.status().is_success() {
            return None;
        }
        Some(serde_json::from_str(&answer.text().await.expect("a body")).expect("JSON"))
    }

    async fn send(&self, rest: &str, body: &Value) {
        let request = self.http.put(self.at(rest)).bearer_auth("a-test").header(WITNESS, "1");
        let asked = request.json(body).send().await;
        let answer = asked.expect("it answers");
        assert!(answer.status().is_success(), "{}", answer.text().await.unwrap_or_default());
    }

    /// Puts a resource and waits until the operation has succeeded.
    async fn put(&self, rest: &str, body: &Value) {
        self.send(rest, body).await;
        within("it has succeeded", async || {
            let now = self.get(rest).await?;
            (now["properties"]["provisioningState"] == "Succeeded").then_some(())
        })
        .await;
    }

    /// Sends a request; the answer is successful.
    pub async fn ask(&self, method: Method, path: &str, body: Option<&Value>) -> Value {
        let url = self.url.join(path).expect("a URL");
        let mut request = self.http.request(method, url).bearer_auth("a-test").header(WITNESS, "1");
        if let Some(body) = body {
            request = request.json(body);
        }
        let answer = request.send().await.expect("it answers");
        let (status, text) = (answer.status(), answer.text().await.expect("a body"));
        assert!(status.is_success(), "{path}: {status} {text}");
        serde_json::from_str(&text).unwrap_or(Value::String(text))
    }

    /// The path of the workspace.
    pub fn workspace() -> String {
        format!(
            "subscriptions/{SUBSCRIPTION}/resourceGroups/{GROUP}/providers/\
             Microsoft.MachineLearningServices/workspaces/{WORKSPACE}"
        )
    }

    /// The client of its GitHub's REST API.
    pub fn github(&self) -> OnGitHub {
        let api = self.url.join("api/v3").expect("a URL").to_string();
        OnGitHub { http: self.http.clone(), api, token: self.token.clone() }
    }

    /// Arms a fault between the consoles and Azure.
    pub async fn fault(&self, fault: &Value) {
        let url = self.url.join("emulator/faults").expect("a URL");
        let armed = self.http.post(url).json(fault).send().await.expect("it answers");
        assert!(armed.status().is_success(), "{}", armed.status());
    }

    /// Disarms all faults.
    pub async fn mend(&self) {
        let url = self.url.join("emulator/faults").expect("a URL");
        let mended = self.http.delete(url).send().await.expect("it answers");
        assert!(mended.status().is_success(), "{}", mended.status());
    }

    /// A client that sends requests to a deployment one after the other, until it is aborted.
    pub async fn client(&self, deployment: &'static str) -> JoinHandle<()> {
        let keys = self.at(&format!("{ENDPOINT}/listKeys"));
        let keys = self.http.post(keys).bearer_auth("a-test").send().await.expect("it answers");
        let keys: Value = serde_json::from_str(&keys.text().await.expect("a body")).expect("JSON");
        let key = keys["primaryKey"].as_str().expect("a key").to_owned();
        let endpoint = self.get(ENDPOINT).await.expect("it is there");
        let uri = endpoint["properties"]["scoringUri"].as_str().expect("a URI").to_owned();
        let http = self.http.clone();
        tokio::spawn(async move {
            loop {
                let request = http.post(&uri).bearer_auth(&key);
                let request = request.header("azureml-model-deployment", deployment);
                // Azure measures the result. The pause is like a real client's.
                let _ = request.body(domain::scoring::SAMPLE).send().await;
                tokio::time::sleep(HURRY.1).await;
            }
        })
    }

    /// The accepted writes.
    pub async fn accepted(&self) -> Vec<Value> {
        let url = self.url.join("emulator/writes").expect("a URL");
        let answer = self.http.get(url).send().await.expect("it answers");
        let text = answer.text().await.expect("a body");
        let log: Value = serde_json::from_str(&text).expect("JSON");
        let all = log["value"].as_array().cloned().unwrap_or_default();
        let accepted = |write: &Value| {
            write["method"] != "POST" && write["status"].as_u64().is_some_and(|s| s < 300)
        };
        all.into_iter().filter(accepted).collect()
    }
}

impl Drop for Azure {
    fn drop(&mut self) {
        if let Some(time) = &self.time {
            time.abort();
        }
    }
}

/// Starts the process, and waits until it listens. Returns it with its URL, the client id of consoles, and
/// GitHub's token.
fn begin(listen: &str, arguments: &[String]) -> (Process, Url, [String; 2]) {
    let mut command = Command::new(PROGRAM);
    command.args(["emulator", "--listen", listen]).args(arguments);
    command.stdout(Stdio::piped()).stderr(Stdio::null());
    let mut process = Process::start(&mut command);
    let mut lines = BufReader::new(process.0.stdout.take().expect("piped")).lines();
    let mut said = |what: &str| loop {
        let line = lines.next().expect("it goes on").expect("UTF-8");
        if let Some((_, value)) = line.split_once(what) {
            return value.trim().to_owned();
        }
    };
    let url = Url::parse(&said("listens on")).expect("a URL");
    let client_id = said(CLIENT);
    // The last line: it cannot write to a pipe that is closed.
    let token = said(TOKEN);
    (process, url, [client_id, token])
}

/// Moves Azure's clock forever.
async fn pass(http: reqwest::Client, azure: Url) {
    let url = azure.join("emulator/clock/advance").expect("a URL");
    let (seconds, pause) = HURRY;
    loop {
        // The loop ends with its test. The pause sets how fast time passes.
        let _ = http.post(url.clone()).json(&json!({ "seconds": seconds })).send().await;
        tokio::time::sleep(pause).await;
    }
}

/// The smallest valid deployment.
fn deployment() -> Value {
    json!({ "location": "westeurope", "sku": { "name": "Default", "capacity": 1 }, "properties": {
        "endpointComputeType": "Managed", "instanceType": "Standard_DS3_v2" } })
}
