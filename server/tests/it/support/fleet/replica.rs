//! One console in its own process.

use super::azure::{GROUP, SUBSCRIPTION, TENANT, WORKSPACE};
use super::{Azure, PROGRAM, Process, hurried, within};
use crate::support::{Browser, write_site};
use rustix::process::Signal;
use serde_json::Value;
use server::secrets::Keyring;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use url::Url;

/// One console, alone or a replica.
pub struct Replica {
    process: Option<Process>,
    config: PathBuf,
    data: PathBuf,
    site: PathBuf,
    url: Url,
    http: reqwest::Client,
    /// Azure, if the console follows its clock.
    hurried_by: Option<Url>,
}

/// Additional parts of a console's configuration.
#[derive(Debug, Clone, Default)]
pub struct Besides {
    /// Fields of its stage, in YAML's flow style.
    pub stage: String,
    pub whole: String,
    /// Its own connection to Azure, if it has one.
    pub azure: Option<Url>,
    /// Whether it follows the clock of an [`Azure::in_a_hurry`].
    pub is_hurried: bool,
}

impl Replica {
    /// Writes its configuration; `database` is the URL of a PostgreSQL server.
    pub fn new(azure: &Azure, name: &str, database: Option<&str>) -> Self {
        Self::with(azure, name, database, &Besides::default())
    }

    /// The same, with a longer configuration.
    pub fn with(azure: &Azure, name: &str, database: Option<&str>, besides: &Besides) -> Self {
        let folder = azure.folder();
        let site = folder.join("site");
        write_site(&site);
        let port = TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr());
        let url = format!("http://{}", port.expect("a free port"));
        let mut text = configuration(azure, &url, besides);
        if let Some(database) = database {
            text.push_str(&shared(folder, name, database));
        }
        let config = folder.join(format!("{name}.yml"));
        std::fs::write(&config, text).expect("written");
        Self {
            process: None,
            config,
            data: folder.join(name),
            site,
            url: Url::parse(&url).expect("a URL"),
            http: server::azure::http::client().expect("a client"),
            hurried_by: besides.is_hurried.then(|| azure.url.clone()),
        }
    }

    /// Starts it, and waits until it answers.
    pub async fn start(&mut self) {
        let mut options = std::fs::File::options();
        let log = options.create(true).append(true).open(self.config.with_extension("log"));
        let log = log.expect("a log");
        let mut command = match &self.hurried_by {
            Some(azure) => hurried::command(azure),
            None => {
                let mut command = Command::new(PROGRAM);
                command.arg("serve");
                command
            }
        };
        command.env("UNDERSTUDY_LISTEN", self.url.authority());
        command.env("UNDERSTUDY_CONFIG", &self.config).env("UNDERSTUDY_DATA", &self.data);
        command.env("UNDERSTUDY_SITE", &self.site).stdout(Stdio::null()).stderr(log);
        self.process = Some(Process::start(&mut command));
        let alive = self.url.join("healthz").expect("a URL");
        within("it answers", async || self.http.get(alive.clone()).send().await.ok()).await;
    }

    /// `kill -9`.
    pub fn kill(&mut self) {
        drop(self.process.take());
    }

    /// SIGSTOP: the process stands still until it is woken.
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

    pub fn url(&self) -> Url {
        self.url.clone()
    }

    pub fn data(&self) -> &Path {
        &self.data
    }

    /// A browser in which somebody has signed in at this console.
    pub async fn signed_in(&self, who: &str) -> Browser {
        let mut browser = self.browser();
        let page = browser.sign_in(who, "/account").await;
        assert_eq!(page.url.path(), "/account", "{}", page.text);
        browser
    }

    /// Its log so far.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.config.with_extension("log")).unwrap_or_default()
    }
}

fn configuration(azure: &Azure, url: &str, besides: &Besides) -> String {
    let secret = azure.folder().join("secret");
    let entra = std::fs::read_to_string(azure.folder().join("azure/entra.json")).expect("written");
    let entra: Value = serde_json::from_str(&entra).expect("JSON");
    std::fs::write(&secret, client_secret(&entra)).expect("written");
    let (id, way) = (&azure.client_id, besides.azure.as_ref().unwrap_or(&azure.url));
    format!(
        "public_url: {url}\ncloud: {{ loopback: {way} }}\npoll_interval_s: 1\nread_again_s: 1\n\
         credential: {{ kind: client_secret, tenant_id: {TENANT}, client_id: {id}, secret_file: {secret} }}\n\
         sign_in: {{ tenant_id: {TENANT}, client_id: {id}, client_secret_file: {secret} }}\n\
         stages:\n  - {{ name: anet-prod, subscription_id: {SUBSCRIPTION}, resource_group: {GROUP}, \
         workspace: {WORKSPACE}{stage} }}\n{whole}",
        secret = secret.display(),
        stage = besides.stage,
        whole = besides.whole,
    )
}

/// Settings that replicas on one database share; each may have its own connection to the server.
fn shared(folder: &Path, name: &str, database: &str) -> String {
    let (file, key) = (folder.join(format!("{name}.database")), folder.join("ledger.key"));
    std::fs::write(&file, database).expect("written");
    make_key(&key);
    let secrets = folder.join("secrets.key");
    if !secrets.exists() {
        server::secrets::file::make(&secrets, &Keyring::random()).expect("it is made");
    }
    format!(
        "database_url_file: {}\nledger: {{ key_file: {} }}\nsecrets: {{ key_file: {} }}\n",
        file.display(),
        key.display(),
        secrets.display()
    )
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
