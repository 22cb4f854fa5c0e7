//! A whole console for one test, on free ports, with an emulator whose clock moves only when asked to.

mod browser;
pub mod fleet;
mod postgres;
pub mod proxy;
pub mod receiver;
pub mod small_disk;
pub mod stale;
pub mod store;

pub use browser::{Browser, Page};
pub use postgres::Postgres;

use app::domain::name::StageName;
use app::domain::policy::Policy;
use emulator::StaleReads;
use reqwest::Method;
use serde_json::{Value, json};
use server::clock::Clock;
use server::config::ServeArgs;
use server::console::Services;
use server::notify::setup::Setup;
use server::patience::Patience;
use server::{Application, Overrides};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::Instant;
use url::Url;

/// Longest that anything in a test may take.
pub const PATIENCE: Duration = Duration::from_secs(60);
/// How long the console doubts a read: more looks than there are stale answers in a row.
pub const DOUBT: Duration = Duration::from_millis(500);
/// By which a test asks the emulator for what is there now.
pub const WITNESS: &str = "x-emulator-witness";
/// Longest pause between two looks; news ends it early.
const LOOK: Duration = Duration::from_millis(50);
/// The endpoint that most tests use.
pub const PROD: &str = "/stages/anet-prod/endpoints/anet-ep-prod";
/// Its data scientist, who may change things.
pub const DANA: &str = "Dana Scott";
/// The lead, who approves.
pub const LEO: &str = "Leo Lead";
/// Somebody who may only look.
pub const VERA: &str = "Vera Viewer";

/// A running console.
pub struct TestConsole {
    pub url: Url,
    pub emulator: Url,
    pub services: Arc<Services>,
    pub clock: Clock,
    pub http: reqwest::Client,
    pub github_api: String,
    pub github_token: String,
    emulator_clock: emulator::Clock,
    wanted: Wanted,
    files: TempDir,
    stop: oneshot::Sender<()>,
    running: JoinHandle<anyhow::Result<()>>,
}

/// What a console is started with.
#[derive(Clone, Default)]
pub struct Wanted {
    /// Its own clock; the machine's by default.
    pub clock: Clock,
    /// A PostgreSQL server's URL; SQLite without it.
    pub database: Option<String>,
    /// The folder in which SQLite's file is; the data directory without it.
    pub database_in: Option<PathBuf>,
    /// What stages ask for.
    pub policies: Policies,
    /// Who is told what happens.
    pub notify: Option<Setup>,
    /// What connections may do.
    pub serve: Option<server::serve::Rules>,
    /// Which reads of Azure are stale; a share of all tests has some when `None`.
    pub stale: Option<StaleReads>,
}

/// What is left of a console that has stopped.
pub struct Stopped {
    pub files: TempDir,
    /// What the next start is done with.
    pub wanted: Wanted,
    emulator_clock: emulator::Clock,
    addresses: [SocketAddr; 2],
}

/// What stages ask for; nothing, where one is not named.
pub type Policies = BTreeMap<StageName, Policy>;

impl Wanted {
    /// A production stage that asks for something.
    pub fn protected(policy: Policy) -> Self {
        let stage = "anet-prod".parse().expect("a stage");
        Self { policies: Policies::from([(stage, policy)]), ..Self::default() }
    }
}

impl Stopped {
    /// Starts again on the same data and addresses.
    pub async fn restart(self) -> TestConsole {
        self.try_restart().await.expect("it starts")
    }

    /// Does not start again; why.
    pub async fn refused_restart(self) -> String {
        let error = self.try_restart().await.err().expect("it does not start");
        format!("{error:#}")
    }

    async fn try_restart(self) -> anyhow::Result<TestConsole> {
        let Self { files, wanted, emulator_clock, addresses } = self;
        Box::pin(TestConsole::run(files, wanted, emulator_clock, addresses)).await
    }
}

impl TestConsole {
    /// Starts one with fresh data; the console itself runs on the machine's clock.
    pub async fn start() -> Self {
        Self::start_at(Clock::system()).await
    }

    /// Starts one on a given clock.
    pub async fn start_at(clock: Clock) -> Self {
        Self::with(Wanted { clock, ..Wanted::default() }).await
    }

    /// Starts one on a PostgreSQL server.
    pub async fn start_on(database: &str) -> Self {
        let database = Some(database.to_owned());
        Self::with(Wanted { database, ..Wanted::default() }).await
    }

    /// Starts one whose production stage asks for something, on a given clock.
    pub async fn protected(policy: Policy, clock: Clock) -> Self {
        Self::with(Wanted { clock, ..Wanted::protected(policy) }).await
    }

    /// Starts one with fresh data.
    pub async fn with(wanted: Wanted) -> Self {
        let files = tempfile::tempdir().expect("a temporary folder");
        write_site(&files.path().join("site"));
        let now = i128::from(Clock::system().now().0) * 1_000_000;
        let now = time::OffsetDateTime::from_unix_timestamp_nanos(now).expect("a time");
        let free = SocketAddr::from(([127, 0, 0, 1], 0));
        if let Some(folder) = &wanted.database_in {
            let data = files.path().join("data");
            std::fs::create_dir(&data).expect("a folder");
            let (there, here) = (folder.join("understudy.db"), data.join("understudy.db"));
            std::os::unix::fs::symlink(there, here).expect("a link");
        }
        let emulator_clock = emulator::Clock::explicit(now);
        Box::pin(Self::run(files, wanted, emulator_clock, [free, free])).await.expect("it starts")
    }

    async fn run(
        files: TempDir,
        wanted: Wanted,
        emulator_clock: emulator::Clock,
        [listen, emulator_listen]: [SocketAddr; 2],
    ) -> anyhow::Result<Self> {
        let args = ServeArgs {
            config: None,
            listen,
            data: files.path().join("data"),
            site: files.path().join("site"),
            emulator_listen,
            protect: Vec::new(),
            promote: Vec::new(),
            stale_reads: None,
        };
        let program = env!("CARGO_BIN_EXE_understudy");
        let overrides = Overrides {
            clock: wanted.clock.clone(),
            emulator_clock: Some(emulator_clock.clone()),
            instance_command: Some(vec![program.into(), "emulator-instance".into()]),
            no_demo_client: true,
            policies: wanted.policies.clone(),
            database: wanted.database.clone(),
            secrets_key: wanted.database.as_ref().map(|_| store::shared_key()),
            notify: wanted.notify.clone(),
            serve: wanted.serve.clone(),
            probing: None,
            patience: Some(Patience::lasting(DOUBT)),
            stale_reads: Some(wanted.stale.clone().unwrap_or_else(stale::of_this_test)),
        };
        let application = Box::pin(Application::build(&args, overrides)).await?;
        let address = application.address().expect("an address");
        let running = application.emulator().expect("an emulator");
        let emulator = running.url();
        let github_api = running.github_api();
        let github_token = running.github_token().to_owned();
        let services = Arc::clone(&application.services);
        let (stop, stopped) = oneshot::channel();
        let running = tokio::spawn(application.run(async move {
            // A dropped test ends it too.
            let _ = stopped.await;
        }));
        Ok(Self {
            url: Url::parse(&format!("http://{address}")).expect("a URL"),
            emulator,
            services,
            clock: wanted.clock.clone(),
            http: server::azure::http::client().expect("a client"),
            github_api,
            github_token,
            emulator_clock,
            wanted,
            files,
            stop,
            running,
        })
    }

    /// Stops it in order, as Ctrl-C does.
    pub async fn stop(self) -> Stopped {
        let address = |url: &Url| {
            let port = url.port().expect("a port");
            SocketAddr::from(([127, 0, 0, 1], port))
        };
        let addresses = [address(&self.url), address(&self.emulator)];
        self.stop.send(()).expect("it runs");
        self.running.await.expect("no panic").expect("it ends well");
        let Self { files, wanted, emulator_clock, .. } = self;
        Stopped { files, wanted, emulator_clock, addresses }
    }

    /// The data directory.
    pub fn data(&self) -> PathBuf {
        self.files.path().join("data")
    }

    /// A browser without cookies.
    pub fn browser(&self) -> Browser {
        Browser::new(self.http.clone(), self.url.clone())
    }

    /// A browser in which somebody has signed in through the real pages.
    pub async fn signed_in_as(&self, name: &str) -> Browser {
        let mut browser = self.browser();
        let page = browser.sign_in(name, "/account").await;
        assert_eq!(page.url.path(), "/account", "{}", page.text);
        browser
    }

    /// Advances the emulator until `probe` finds something.
    pub async fn eventually<T>(&self, what: &str, mut probe: impl AsyncFnMut() -> Option<T>) -> T {
        let deadline = Instant::now() + PATIENCE;
        let mut operations = self.services.operations.subscribe();
        let mut seen: Vec<_> =
            self.services.stages.iter().map(|place| place.observer.subscribe()).collect();
        loop {
            if let Some(found) = probe().await {
                return found;
            }
            assert!(Instant::now() < deadline, "this never came: {what}");
            self.advance(1.0).await;
            for place in self.services.stages.iter() {
                place.observer.poke();
            }
            let stages = seen.iter_mut().map(|stage| Box::pin(stage.changed()));
            let news = async {
                tokio::select! {
                    _ = operations.changed() => {}
                    _ = futures::future::select_all(stages) => {}
                }
            };
            // No news is a reason to look again, too: instances and due times tell nobody.
            let _ = tokio::time::timeout(LOOK, news).await;
        }
    }

    /// Waits until both stages were read.
    pub async fn observed(&self) {
        self.eventually("both stages were read", async || {
            let mut places = self.services.stages.iter();
            places.all(|place| !place.observer.now().endpoints.is_empty()).then_some(())
        })
        .await;
    }

    /// Moves the emulator's clock, and lets happen what is due.
    pub async fn advance(&self, seconds: f64) {
        let path = "/emulator/clock/advance";
        self.ask(Method::POST, path, Some(json!({ "seconds": seconds }))).await;
    }

    /// Sets which reads of Azure are stale from here on.
    pub async fn stale(&self, settings: Value) {
        self.ask(Method::PUT, "/emulator/stale-reads", Some(settings)).await;
    }

    /// How many stale answers there were since the settings were made.
    pub async fn stale_answers(&self) -> u64 {
        let told = self.ask(Method::GET, "/emulator/stale-reads", None).await;
        told["answered"].as_u64().expect("a number")
    }

    /// Arms a fault on the wire between console and Azure.
    pub async fn fault(&self, fault: Value) {
        self.ask(Method::POST, "/emulator/faults", Some(fault)).await;
    }

    /// The changes that Azure was asked for since the start; reads by POST are left out.
    pub async fn writes(&self) -> Vec<Value> {
        let log = self.ask(Method::GET, "/emulator/writes", None).await;
        let all = log["value"].as_array().cloned().unwrap_or_default();
        all.into_iter().filter(|write| write["method"] != "POST").collect()
    }

    /// Waits until Azure was asked for so many changes and nothing is in flight: there must be no more.
    pub async fn has_sent(&self, writes: usize) {
        self.eventually("the run is over", async || {
            let open = self.services.operations.table.open().await.expect("a store");
            open.is_empty().then_some(())
        })
        .await;
        assert_eq!(self.writes().await.len(), writes);
    }

    /// Speaks to the emulator directly.
    pub async fn ask(&self, method: Method, path: &str, body: Option<Value>) -> Value {
        let url = self.emulator.join(path).expect("a URL");
        let mut request = self.http.request(method.clone(), url).bearer_auth("a-test");
        request = request.header(WITNESS, "1");
        if let Some(body) = body {
            request = request.json(&body);
        }
        let answer = request.send().await.expect("the emulator answers");
        let (status, text) = (answer.status(), answer.text().await.expect("a body"));
        assert!(status.is_success(), "{method} {path}: {status} {text}");
        serde_json::from_str(&text).unwrap_or(Value::Null)
    }

    /// As [`TestConsole::ask`]; `None` when it is not there.
    pub async fn try_ask(&self, method: Method, path: &str) -> Option<Value> {
        let url = self.emulator.join(path).expect("a URL");
        let request = self.http.request(method, url).bearer_auth("a-test");
        let request = request.header(WITNESS, "1");
        let answer = request.send().await.expect("the emulator answers");
        let is_there = answer.status().is_success();
        let text = answer.text().await.expect("a body");
        is_there.then(|| serde_json::from_str(&text).unwrap_or(Value::Null))
    }

    /// The ARM path of something on the production endpoint.
    pub fn arm_path(&self, rest: &str) -> String {
        let place = self.services.stages.iter().nth(1).expect("two stages");
        let id = place.workspace.id();
        format!("{id}/onlineEndpoints/anet-ep-prod{rest}?api-version=2025-12-01")
    }

    /// The production endpoint as ARM gives it.
    pub async fn endpoint(&self) -> Value {
        self.ask(Method::GET, &self.arm_path(""), None).await
    }

    /// Puts a deployment there, behind the console's back, and waits until both know that it is up.
    pub async fn with_deployment(&self, name: &str) {
        let eedi = self.ask(Method::GET, &self.arm_path("/deployments/anet-eedi"), None).await;
        let mut body = json!({
            "location": eedi["location"], "tags": {},
            "sku": { "name": "Default", "capacity": 1 },
            "properties": eedi["properties"],
        });
        if let Some(fields) = body["properties"].as_object_mut() {
            fields.remove("provisioningState");
        }
        let path = self.arm_path(&format!("/deployments/{name}"));
        self.ask(Method::PUT, &path, Some(body)).await;
        // The console may still know a former deployment of this name, which was up.
        self.eventually(&format!("Azure has made {name}"), async || {
            let made = self.try_ask(Method::GET, &path).await?;
            (made["properties"]["provisioningState"] == "Succeeded").then_some(())
        })
        .await;
        self.up(name).await;
    }

    /// Waits until the console knows that a deployment is up.
    pub async fn up(&self, name: &str) {
        self.eventually(&format!("{name} is up"), async || {
            let all = self.services.stages.iter().nth(1)?.observer.now();
            let (_, endpoint) = all.endpoints.first_key_value()?;
            let name = name.parse().ok()?;
            let state = endpoint.deployment(&name)?.state;
            (state == app::domain::provisioning::ProvisioningState::Succeeded
                && !endpoint.state.is_busy())
            .then_some(())
        })
        .await;
    }

    /// Waits until the console knows a route.
    pub async fn observes(&self, route: &str) {
        let route: app::domain::route::Route = route.parse().expect("a route");
        self.eventually("the console knows the route", async || {
            let all = self.services.stages.iter().nth(1)?.observer.now();
            let (_, endpoint) = all.endpoints.first_key_value()?;
            (endpoint.route == route && !endpoint.state.is_busy()).then_some(())
        })
        .await;
    }

    /// Creates an endpoint without deployments behind the console's back.
    pub async fn with_endpoint(&self, name: &str) {
        let path = self.arm_path("").replace("anet-ep-prod", name);
        let body = json!({ "location": "westeurope", "properties": { "authMode": "Key" } });
        self.ask(Method::PUT, &path, Some(body)).await;
    }

    /// Sets split and mirror behind the console's back.
    pub async fn with_route(&self, traffic: Value, mirror: Value) {
        let mut endpoint = self.endpoint().await;
        endpoint["properties"]["traffic"] = traffic.clone();
        endpoint["properties"]["mirrorTraffic"] = mirror.clone();
        self.ask(Method::PUT, &self.arm_path(""), Some(endpoint)).await;
        self.eventually("the route is set", async || {
            let now = self.endpoint().await;
            let now = &now["properties"];
            (now["provisioningState"] == "Succeeded" && now["traffic"] == traffic).then_some(())
        })
        .await;
    }
}

/// The smallest site: names that Leptos can look up, one asset, the icon.
fn write_site(site: &Path) {
    let pkg = site.join("pkg");
    std::fs::create_dir_all(&pkg).expect("a folder");
    let write = |name: &str, text: &str| std::fs::write(pkg.join(name), text).expect("a file");
    write("hash.txt", "js: 0123456789abcdef\nwasm: 0123456789abcdef\ncss: 0123456789abcdef\n");
    write("understudy.0123456789abcdef.js", "export default 1;\n");
    std::fs::write(site.join("favicon.svg"), "<svg xmlns=\"http://www.w3.org/2000/svg\"/>")
        .expect("a file");
}
