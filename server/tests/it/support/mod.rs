//! A whole console for one test, on free ports, with an emulator whose clock only the test moves.

mod browser;
pub mod fleet;
pub mod github;
mod postgres;
pub mod proxy;
pub mod receiver;
pub mod small_disk;
pub mod stale;
pub mod store;

pub use browser::{Browser, Page};
pub use postgres::Postgres;

use domain::name::StageName;
use domain::policy::Policy;
use emulator::StaleReads;
use reqwest::Method;
use serde_json::{Value, json};
use server::clock::Clock;
use server::config::ServeArgs;
use server::console::Services;
use server::messages::setup::Setup;
use server::patience::Patience;
use server::releases::building::Building;
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

/// The longest time for anything in a test.
pub const PATIENCE: Duration = Duration::from_secs(60);
/// How long the console doubts a read: more reads than Azure gives stale answers in a row.
pub const DOUBT: Duration = Duration::from_millis(500);
/// The header with which a test reads the emulator's current state.
pub const WITNESS: &str = "x-emulator-witness";
/// The longest pause between two reads; an event ends it early.
const LOOK: Duration = Duration::from_millis(50);
/// The endpoint that most tests use.
pub const PROD: &str = "/stages/anet-prod/endpoints/anet-ep-prod";
/// The data scientist, who may change things.
pub const DANA: &str = "Dana Scott";
/// The lead, who approves.
pub const LEO: &str = "Leo Lead";
/// The viewer, who may only read.
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

/// How a console is started.
#[derive(Clone, Default)]
pub struct Wanted {
    /// Its own clock; by default the machine's.
    pub clock: Clock,
    /// The URL of a PostgreSQL server; without it SQLite.
    pub database: Option<String>,
    /// The folder of SQLite's file; by default the data directory.
    pub database_in: Option<PathBuf>,
    pub policies: Policies,
    /// The configured webhooks.
    pub notify: Option<Setup>,
    pub serve: Option<server::serve::Rules>,
    /// How the demo's repository is built; by default by the registry.
    pub building: Option<Building>,
    /// The stale reads of Azure; with `None`, a share of all tests has some.
    pub stale: Option<StaleReads>,
}

/// A console that has stopped, with its data.
pub struct Stopped {
    pub files: TempDir,
    /// The settings of the next start.
    pub wanted: Wanted,
    emulator_clock: emulator::Clock,
    addresses: [SocketAddr; 2],
}

/// The policies of the stages; stages that are not named have none.
pub type Policies = BTreeMap<StageName, Policy>;

impl Wanted {
    /// Gives the production stage a policy.
    pub fn protected(policy: Policy) -> Self {
        let stage = "anet-prod".parse().expect("a stage");
        Self { policies: Policies::from([(stage, policy)]), ..Self::default() }
    }
}

impl Stopped {
    /// A console that stopped with these data at this time, in milliseconds since 1970.
    pub fn on(files: TempDir, wanted: Wanted, now: i64, addresses: [SocketAddr; 2]) -> Self {
        write_site(&files.path().join("site"));
        let now = i128::from(now) * 1_000_000;
        let now = time::OffsetDateTime::from_unix_timestamp_nanos(now).expect("a time");
        let emulator_clock = emulator::Clock::explicit(now);
        Self { files, wanted, emulator_clock, addresses }
    }

    /// Starts again on the same data and addresses.
    pub async fn restart(self) -> TestConsole {
        self.try_restart().await.expect("it starts")
    }

    /// Expects the start to fail, and returns the reason.
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
    /// Starts a console with fresh data, on the machine's clock.
    pub async fn start() -> Self {
        Self::start_at(Clock::system()).await
    }

    /// Starts a console on a given clock.
    pub async fn start_at(clock: Clock) -> Self {
        Self::with(Wanted { clock, ..Wanted::default() }).await
    }

    /// Starts a console on a PostgreSQL server.
    pub async fn start_on(database: &str) -> Self {
        let database = Some(database.to_owned());
        Self::with(Wanted { database, ..Wanted::default() }).await
    }

    /// Starts a console whose production stage has a policy, on a given clock.
    pub async fn protected(policy: Policy, clock: Clock) -> Self {
        Self::with(Wanted { clock, ..Wanted::protected(policy) }).await
    }

    /// Starts a console with fresh data.
    pub async fn with(wanted: Wanted) -> Self {
        let files = tempfile::tempdir().expect("a temporary folder");
        let free = SocketAddr::from(([127, 0, 0, 1], 0));
        if let Some(folder) = &wanted.database_in {
            let data = files.path().join("data");
            std::fs::create_dir(&data).expect("a folder");
            let (there, here) = (folder.join("understudy.db"), data.join("understudy.db"));
            std::os::unix::fs::symlink(there, here).expect("a link");
        }
        Stopped::on(files, wanted, Clock::system().now().0, [free, free]).restart().await
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
            builder: emulator::BuilderChoice::Only(emulator::Builder::Process),
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
            building: wanted.building.clone(),
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
            // Dropping the test ends it, too.
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

    /// Stops the console normally, as Ctrl-C does.
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
            assert!(Instant::now() < deadline, "this never happened: {what}");
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
            // Polls without events as well, because instances and due times send none.
            let _ = tokio::time::timeout(LOOK, news).await;
        }
    }

    /// Waits until the observer has read both stages.
    pub async fn observed(&self) {
        self.eventually("both stages were read", async || {
            let mut places = self.services.stages.iter();
            places.all(|place| !place.observer.now().endpoints.is_empty()).then_some(())
        })
        .await;
    }

    /// Moves the emulator's clock, and lets everything that is due happen.
    pub async fn advance(&self, seconds: f64) {
        let path = "/emulator/clock/advance";
        self.ask(Method::POST, path, Some(json!({ "seconds": seconds }))).await;
    }

    /// Sets which reads of Azure are stale from now on.
    pub async fn stale(&self, settings: Value) {
        self.ask(Method::PUT, "/emulator/stale-reads", Some(settings)).await;
    }

    /// The number of stale answers since then.
    pub async fn stale_answers(&self) -> u64 {
        let answer = self.ask(Method::GET, "/emulator/stale-reads", None).await;
        answer["answered"].as_u64().expect("a number")
    }

    /// Arms a fault between the console and Azure.
    pub async fn fault(&self, fault: Value) {
        self.ask(Method::POST, "/emulator/faults", Some(fault)).await;
    }

    /// The write requests since the start, without reads by POST.
    pub async fn writes(&self) -> Vec<Value> {
        let log = self.ask(Method::GET, "/emulator/writes", None).await;
        let all = log["value"].as_array().cloned().unwrap_or_default();
        all.into_iter().filter(|write| write["method"] != "POST").collect()
    }

    /// Waits until Azure has this many writes and no run is in flight; fails if there are more.
    pub async fn has_sent(&self, writes: usize) {
        self.eventually("the run is over", async || {
            let open = self.services.operations.table.open().await.expect("a store");
            open.is_empty().then_some(())
        })
        .await;
        assert_eq!(self.writes().await.len(), writes);
    }

    /// Sends a request directly to the emulator.
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

    /// Like [`TestConsole::ask`], but `None` if the resource does not exist.
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

    /// The production endpoint as ARM returns it.
    pub async fn endpoint(&self) -> Value {
        self.ask(Method::GET, &self.arm_path(""), None).await
    }

    /// Creates a deployment outside the console, and waits until Azure and the console show it as up.
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
        // The console may still show an earlier deployment with this name, which was up.
        self.eventually(&format!("Azure has made {name}"), async || {
            let made = self.try_ask(Method::GET, &path).await?;
            (made["properties"]["provisioningState"] == "Succeeded").then_some(())
        })
        .await;
        self.up(name).await;
    }

    /// Waits until the console shows a deployment as up.
    pub async fn up(&self, name: &str) {
        self.eventually(&format!("{name} is up"), async || {
            let all = self.services.stages.iter().nth(1)?.observer.now();
            let (_, endpoint) = all.endpoints.first_key_value()?;
            let name = name.parse().ok()?;
            let state = endpoint.deployment(&name)?.state;
            (state == domain::provisioning::ProvisioningState::Succeeded
                && !endpoint.state.is_busy())
            .then_some(())
        })
        .await;
    }

    /// Waits until the console shows a route.
    pub async fn observes(&self, route: &str) {
        let route: domain::route::Route = route.parse().expect("a route");
        self.eventually("the console shows the route", async || {
            let all = self.services.stages.iter().nth(1)?.observer.now();
            let (_, endpoint) = all.endpoints.first_key_value()?;
            (endpoint.route == route && !endpoint.state.is_busy()).then_some(())
        })
        .await;
    }

    /// Creates an endpoint without deployments, outside the console.
    pub async fn with_endpoint(&self, name: &str) {
        let path = self.arm_path("").replace("anet-ep-prod", name);
        let body = json!({ "location": "westeurope", "properties": { "authMode": "Key" } });
        self.ask(Method::PUT, &path, Some(body)).await;
    }

    /// Sets split and mirror outside the console.
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

/// The smallest site: names that Leptos can look up, one asset, and the icon.
fn write_site(site: &Path) {
    let pkg = site.join("pkg");
    std::fs::create_dir_all(&pkg).expect("a folder");
    let write = |name: &str, text: &str| std::fs::write(pkg.join(name), text).expect("a file");
    write("hash.txt", "js: 0123456789abcdef\nwasm: 0123456789abcdef\ncss: 0123456789abcdef\n");
    write("understudy.0123456789abcdef.js", "export default 1;\n");
    std::fs::write(site.join("favicon.svg"), "<svg xmlns=\"http://www.w3.org/2000/svg\"/>")
        .expect("a file");
}
