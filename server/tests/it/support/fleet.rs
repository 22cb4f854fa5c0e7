//! Real processes: the program itself, killed and paused at will, with an Azure of its own process that
//! outlives it.

use super::{Browser, PATIENCE, write_site};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;
use tokio::time::Instant;
use url::Url;

const SUBSCRIPTION: &str = "5b6e6a0c-5a1f-4d4e-9d0a-0a4e45ad0001";
const TENANT: &str = "7d1b6b0e-3f0b-4c55-8f4e-5eedda7a0001";
const GROUP: &str = "anet-0001";
const WORKSPACE: &str = "mlw-anet-0001prod";
/// The endpoint, below the workspace.
pub const ENDPOINT: &str = "onlineEndpoints/anet-ep-prod";
const CLIENT: &str = "client id";
const PROGRAM: &str = env!("CARGO_BIN_EXE_understudy");

/// A process that ends with the test.
struct Process(Child);

impl Process {
    fn start(command: &mut Command) -> Self {
        Self(command.stdin(Stdio::null()).spawn().expect("it starts"))
    }

    fn signal(&self, signal: Signal) {
        let id = i32::try_from(self.0.id()).expect("a process id");
        let _ = kill_process(Pid::from_raw(id).expect("not 0"), signal);
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// An Azure in a process of its own: one endpoint with two deployments.
pub struct Azure {
    _process: Process,
    pub url: Url,
    client_id: String,
    http: reqwest::Client,
    folder: TempDir,
}

impl Azure {
    /// Starts one whose work goes `speed` times as fast as a demonstration's.
    pub async fn start(speed: u32) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut command = Command::new(PROGRAM);
        command.args(["emulator", "--listen", "127.0.0.1:0", "--workspace", WORKSPACE]);
        command.args(["--subscription", SUBSCRIPTION, "--resource-group", GROUP]);
        command.args(["--tenant", TENANT, "--speed", &speed.to_string(), "--state"]);
        command.arg(folder.path().join("azure")).stdout(Stdio::piped()).stderr(Stdio::null());
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
        let http = server::azure::http::client().expect("a client");
        let azure = Self { _process: process, url, client_id, http, folder };
        azure.furnish().await;
        azure
    }

    async fn furnish(&self) {
        let environment = json!({ "properties": { "image": "anet.azurecr.io/env:1" } });
        self.send("environments/env/versions/1", &environment).await;
        let endpoint = json!({ "location": "westeurope", "properties": { "authMode": "Key" } });
        self.put(ENDPOINT, &endpoint).await;
        for name in ["anet-eedi", "anet-green"] {
            self.put(&format!("{ENDPOINT}/deployments/{name}"), &deployment()).await;
        }
        let mut endpoint = self.get(ENDPOINT).await.expect("it is there");
        endpoint["properties"]["traffic"] = json!({ "anet-eedi": 100 });
        self.put(ENDPOINT, &endpoint).await;
    }

    fn at(&self, rest: &str) -> Url {
        let path = format!(
            "subscriptions/{SUBSCRIPTION}/resourceGroups/{GROUP}/providers/\
             Microsoft.MachineLearningServices/workspaces/{WORKSPACE}/{rest}?api-version=2025-12-01"
        );
        self.url.join(&path).expect("a URL")
    }

    /// A resource; `None` when it is not there.
    pub async fn get(&self, rest: &str) -> Option<Value> {
        let asked = self.http.get(self.at(rest)).bearer_auth("a-test").send().await;
        let answer = asked.expect("it answers");
        if !answer.status().is_success() {
            return None;
        }
        Some(serde_json::from_str(&answer.text().await.expect("a body")).expect("JSON"))
    }

    async fn send(&self, rest: &str, body: &Value) {
        let asked = self.http.put(self.at(rest)).bearer_auth("a-test").json(body).send().await;
        let answer = asked.expect("it answers");
        assert!(answer.status().is_success(), "{}", answer.text().await.unwrap_or_default());
    }

    /// Puts a resource and waits until it has succeeded.
    async fn put(&self, rest: &str, body: &Value) {
        self.send(rest, body).await;
        within("it has succeeded", async || {
            let now = self.get(rest).await?;
            (now["properties"]["provisioningState"] == "Succeeded").then_some(())
        })
        .await;
    }

    /// What was asked for and accepted: the witness.
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

/// The smallest deployment.
fn deployment() -> Value {
    json!({ "location": "westeurope", "sku": { "name": "Default", "capacity": 1 }, "properties": {
        "endpointComputeType": "Managed", "instanceType": "Standard_DS3_v2" } })
}

/// One console, alone or a replica.
pub struct Replica {
    process: Option<Process>,
    config: PathBuf,
    data: PathBuf,
    site: PathBuf,
    url: Url,
    http: reqwest::Client,
}

/// What a console's configuration says besides.
#[derive(Debug, Clone, Default)]
pub struct Besides {
    /// Fields of its stage, in YAML's flow style.
    pub stage: String,
    /// Fields of the whole.
    pub whole: String,
}

impl Replica {
    /// Writes its configuration; the database is a PostgreSQL server's when one is given.
    pub fn new(azure: &Azure, name: &str, database: Option<&str>) -> Self {
        Self::with(azure, name, database, &Besides::default())
    }

    /// The same, with more in its configuration.
    pub fn with(azure: &Azure, name: &str, database: Option<&str>, besides: &Besides) -> Self {
        let folder = azure.folder.path();
        let data = folder.join(name);
        let site = folder.join("site");
        write_site(&site);
        let port = TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr());
        let url = format!("http://{}", port.expect("a free port"));
        let secret = folder.join("secret");
        let entra = std::fs::read_to_string(folder.join("azure/entra.json")).expect("written");
        let entra: Value = serde_json::from_str(&entra).expect("JSON");
        std::fs::write(&secret, client_secret(&entra)).expect("written");
        let id = &azure.client_id;
        let mut text = format!(
            "public_url: {url}\ncloud: {{ loopback: {azure} }}\npoll_interval_s: 1\n\
             credential: {{ kind: client_secret, tenant_id: {TENANT}, client_id: {id}, secret_file: {secret} }}\n\
             sign_in: {{ tenant_id: {TENANT}, client_id: {id}, client_secret_file: {secret} }}\n\
             stages:\n  - {{ name: anet-prod, subscription_id: {SUBSCRIPTION}, resource_group: {GROUP}, \
             workspace: {WORKSPACE}{stage} }}\n{whole}",
            azure = azure.url,
            secret = secret.display(),
            stage = besides.stage,
            whole = besides.whole,
        );
        if let Some(database) = database {
            // Each may have its own way to the one server.
            let (file, key) = (folder.join(format!("{name}.database")), folder.join("ledger.key"));
            std::fs::write(&file, database).expect("written");
            let shared = format!(
                "database_url_file: {}\nledger: {{ key_file: {} }}\n",
                file.display(),
                key.display()
            );
            text.push_str(&shared);
            make_key(&key);
        }
        let config = folder.join(format!("{name}.yml"));
        std::fs::write(&config, text).expect("written");
        let url = Url::parse(&url).expect("a URL");
        let http = server::azure::http::client().expect("a client");
        Self { process: None, config, data, site, url, http }
    }

    /// Starts, and waits until it answers.
    pub async fn start(&mut self) {
        let mut options = std::fs::File::options();
        let log = options.create(true).append(true).open(self.config.with_extension("log"));
        let log = log.expect("a log");
        let mut command = Command::new(PROGRAM);
        command.args(["serve", "--listen"]).arg(self.url.authority());
        command.arg("--config").arg(&self.config).arg("--data").arg(&self.data);
        command.arg("--site").arg(&self.site).stdout(Stdio::null()).stderr(log);
        self.process = Some(Process::start(&mut command));
        let alive = self.url.join("healthz").expect("a URL");
        within("it answers", async || self.http.get(alive.clone()).send().await.ok()).await;
    }

    /// `kill -9`.
    pub fn kill(&mut self) {
        drop(self.process.take());
    }

    /// SIGSTOP: it does nothing until it is woken.
    pub fn pause(&self) {
        self.process.as_ref().expect("it runs").signal(Signal::STOP);
    }

    /// SIGCONT.
    pub fn wake(&self) {
        self.process.as_ref().expect("it runs").signal(Signal::CONT);
    }

    pub fn browser(&self) -> Browser {
        Browser::new(self.http.clone(), self.url.clone())
    }

    /// Where it answers.
    pub fn url(&self) -> Url {
        self.url.clone()
    }

    /// Its data directory.
    pub fn data(&self) -> &Path {
        &self.data
    }

    /// What it wrote to its log.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.config.with_extension("log")).unwrap_or_default()
    }
}

fn client_secret(entra: &Value) -> String {
    let fields = entra.as_object().expect("a map").iter();
    let mut secrets = fields.filter(|(name, _)| name.to_lowercase().contains("secret"));
    let (_, secret) = secrets.next().expect("a client secret");
    secret.as_str().expect("a text").to_owned()
}

fn make_key(file: &Path) {
    if file.exists() {
        return;
    }
    let made = Command::new(PROGRAM)
        .args(["ledger", "key", "--name", "a-test", "--make"])
        .arg(file)
        .output()
        .expect("it runs");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
}

/// Looks until there is something. What is looked at is in other processes, which tell nobody of it; hence the
/// pause between two looks.
pub async fn within<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(Instant::now() < deadline, "this never came: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
