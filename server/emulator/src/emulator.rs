//! Starting and stopping the emulator.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use dataplane::{Clock, DataPlane, DataPlaneConfig};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use url::Url;

use crate::blob::Blobs;
use crate::builds::running::Running;
use crate::config::{Config, Demo};
use crate::entra::{CLIENT_ID, Entra, keys::Keys};
use crate::github::GitHub;
use crate::inner::{Inner, Shared, reachable};
use crate::loads::live::Live;
use crate::logs::Logs;
use crate::pace::Pace;
use crate::scratch::Scratch;
use crate::stale::Stale;
use crate::store::{Store, Unkept};
use crate::vaults::Vaults;
use crate::{
    control, demo_client, key_vault, load_testing, log_feed, monitor, registry, runner, seed, serve,
};

/// Why the emulator did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Another process listens on the address.
    #[error("the address {addr} is in use")]
    PortTaken { addr: SocketAddr },
    #[error("cannot listen on {addr}")]
    Listen {
        addr: SocketAddr,
        #[source]
        source: std::io::Error,
    },
    #[error("the state in {dir} cannot be used")]
    State {
        dir: PathBuf,
        #[source]
        source: anyhow::Error,
    },
}

/// A running emulator.
pub struct Emulator {
    inner: Shared,
    url: Url,
    stop: watch::Sender<bool>,
    server: JoinHandle<()>,
    demo: Option<JoinHandle<()>>,
    scratch: Scratch,
    hold: Hold,
}

/// The state folder; released at the end, even if work in progress lives on.
struct Hold(Shared);

impl Drop for Hold {
    fn drop(&mut self) {
        self.0.store.close();
        self.0.github.close();
        self.0.routines.close();
        self.0.logs.close();
    }
}

impl std::fmt::Debug for Emulator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Emulator({})", self.url)
    }
}

impl Emulator {
    /// Starts at the speed of a demonstration.
    pub async fn start(config: Config) -> Result<Self, StartError> {
        Self::start_at_speed(config, 1.0).await
    }

    /// Starts with simulated work at `speed` times the normal speed.
    pub async fn start_at_speed(config: Config, speed: f64) -> Result<Self, StartError> {
        let listener = listen(config.listen).await?;
        let bound = listener
            .local_addr()
            .map_err(|source| StartError::Listen { addr: config.listen, source })?;
        let temporary = std::env::temp_dir();
        let scratch = Scratch::new(&temporary)
            .map_err(|source| StartError::State { dir: temporary, source: source.into() })?;
        let inner = build(&config, scratch.path(), bound, speed).await?;
        let hold = Hold(Arc::clone(&inner));
        let state_dir = || config.state_dir.clone().unwrap_or_default();
        let unkept = |source: Unkept| StartError::State { dir: state_dir(), source: source.into() };
        seed::workspaces(&inner, &config.workspaces).map_err(unkept)?;
        registry::arm::seed(&inner).map_err(unkept)?;
        key_vault::arm::seed(&inner).map_err(unkept)?;
        let (stop, stopped) = watch::channel(false);
        let opened = log_feed::open(&inner);
        opened.map_err(|source| StartError::State { dir: state_dir(), source: source.into() })?;
        inner.routines.open();
        // What an earlier emulator left continues before the first request, which would otherwise be continued twice.
        seed::resume(&inner);
        runner::start(&inner).map_err(unkept)?;
        registry::drive::resume(&inner);
        load_testing::resume(&inner).map_err(unkept)?;
        monitor::watch::start(&inner);
        monitor::scaler::start(&inner);
        let router = control::router(Arc::clone(&inner));
        let server = tokio::spawn(serve::run(listener, Arc::clone(&inner), router, stopped));
        if config.demo != Demo::Off {
            seed::demo(&inner).map_err(unkept)?;
        }
        if config.demo == Demo::TeamWithRecordedDay {
            seed::recorded_day(&inner).map_err(unkept)?;
        }
        let demo = matches!(config.demo, Demo::TeamWithClient | Demo::TeamWithRecordedDay)
            .then(|| tokio::spawn(demo_client::run(Arc::clone(&inner))));
        let url = Url::parse(&inner.own_url()).unwrap_or_else(|_| fallback_url(bound));
        tracing::info!(%url, "the emulator listens");
        Ok(Self { inner, url, stop, server, demo, scratch, hold })
    }

    /// The emulator's URL.
    pub fn url(&self) -> Url {
        self.url.clone()
    }

    pub fn clock(&self) -> &Clock {
        &self.inner.clock
    }

    /// The console app's client id.
    pub fn client_id(&self) -> &str {
        CLIENT_ID
    }

    /// The console app's secret.
    pub fn client_secret(&self) -> &str {
        &self.inner.entra.keys.client_secret
    }

    /// The root of GitHub's REST API.
    pub fn github_api(&self) -> String {
        format!("{}{}", self.url.as_str().trim_end_matches('/'), crate::github::ROOT)
    }

    /// The token that GitHub accepts.
    pub fn github_token(&self) -> &str {
        self.inner.github.token()
    }

    /// The demo team's repository (`owner/name`).
    pub fn github_repository(&self) -> String {
        self.inner.github.repository_name()
    }

    /// The images of the container registry.
    pub fn images(&self) -> &images::ImageStore {
        &self.inner.images
    }

    pub fn tenant(&self) -> &str {
        &self.inner.tenant
    }

    /// Ends open requests and all instances.
    pub async fn stop(self) {
        if let Some(demo) = self.demo {
            demo.abort();
        }
        let _ = self.stop.send(true);
        self.inner.routines.close();
        // Ends builds, which may have processes.
        self.inner.github.runs.stop();
        if let Err(error) = self.server.await {
            tracing::error!(%error, "the emulator's server failed");
        }
        self.inner.plane.shutdown().await;
        drop(self.hold);
        // After the state is closed: the next start must see that they were running.
        self.inner.running.stop();
        self.inner.load_tests.stop();
        drop(self.scratch);
    }
}

fn fallback_url(bound: SocketAddr) -> Url {
    let mut url = Url::parse("http://127.0.0.1").expect("a constant URL is valid");
    // Setting a host and a port of an http URL cannot fail.
    let _ = url.set_ip_host(reachable(bound).ip());
    let _ = url.set_port(Some(bound.port()));
    url
}

async fn listen(addr: SocketAddr) -> Result<TcpListener, StartError> {
    TcpListener::bind(addr).await.map_err(|source| match source.kind() {
        std::io::ErrorKind::AddrInUse => StartError::PortTaken { addr },
        _ => StartError::Listen { addr, source },
    })
}

/// Opens what may have to generate a key, both at the same time.
async fn open_slowly(state: Option<PathBuf>, temporary: PathBuf) -> anyhow::Result<(Keys, GitHub)> {
    let dir = state.clone();
    let keys = tokio::task::spawn_blocking(move || Keys::open(dir.as_deref()));
    let github = tokio::task::spawn_blocking(move || GitHub::open(state.as_deref(), &temporary));
    let (keys, github) = tokio::try_join!(keys, github)?;
    Ok((keys?, github?))
}

async fn build(
    config: &Config,
    temporary: &Path,
    bound: SocketAddr,
    speed: f64,
) -> Result<Shared, StartError> {
    let dir = config.state_dir.clone().unwrap_or_else(|| temporary.to_owned());
    let refused = |source: anyhow::Error| StartError::State { dir: dir.clone(), source };
    let store = Store::open(config.state_dir.as_deref()).map_err(refused)?;
    let (keys, github) =
        open_slowly(config.state_dir.clone(), temporary.to_owned()).await.map_err(refused)?;
    let images = images::ImageStore::open(&dir.join("images"));
    let images = images.map_err(|error| refused(error.into()))?;
    let running = Running::open(dir.join("builds")).map_err(|error| refused(error.into()))?;
    let vaults = Vaults::open(config.state_dir.as_deref()).map_err(refused)?;
    let load_tests = Live::open(dir.join("load")).map_err(refused)?;
    let work_dir = temporary.join("run");
    std::fs::create_dir_all(&work_dir).map_err(|e| refused(e.into()))?;
    let plane = DataPlane::new(DataPlaneConfig {
        instance_command: config.instance_command.clone(),
        clock: config.clock.clone(),
        work_dir,
    });
    let pace = Pace::new(speed, &config.clock);
    let logs = Logs::new(&dir.join("logs"), pace.seconds(crate::logs::DELAY_S));
    let logs = logs.map_err(|error| refused(error.into()))?;
    plane.observe(logs.observer());
    let public_url = config.public_url.as_ref();
    Ok(Arc::new(Inner {
        subscription: config.subscription.clone(),
        resource_group: config.resource_group.clone(),
        tenant: config.tenant.clone(),
        bound,
        public_url: public_url.map(|url| url.as_str().trim_end_matches('/').to_owned()),
        pace,
        clock: config.clock.clone(),
        agenda: crate::pace::Agenda::default(),
        store,
        plane,
        entra: Entra::new(config.tenant.clone(), keys, config.redirect_uris.clone()),
        blobs: Blobs::new(dir.join("blobs")),
        images: Arc::new(images),
        running,
        builder: config.builder,
        writes: crate::writes::WriteLog::default(),
        faults: crate::faults::Faults::default(),
        taken: crate::taken::Taken::default(),
        stale: Stale::new(config.stale_reads.clone()),
        github,
        vaults,
        load_tests,
        logs,
        routines: crate::routines::Routines::default(),
        webhooks: crate::webhooks::Webhooks::default(),
        activity: crate::activity::Activity::default(),
        rates: crate::inner::Rates::default(),
    }))
}
