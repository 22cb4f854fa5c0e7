//! The console's server. The composition root: the only place that picks a cloud.
//!
//! * [`web`]: the HTTP edge: sessions, sign-in, pages, forms, live events.
//! * [`console`]: implements `app::port::Console` for one signed-in person.
//! * [`operations`]: what the console does to Azure, durably.
//! * [`export`]: workflow inputs, CLI YAML and `az` commands that would do what the console does.
//! * [`observe`]: one observer per stage reads ARM for everybody.
//! * [`azure`]: the only code that talks to Azure; [`github`]: to GitHub.
//! * [`releases`]: the team's repositories, read for everybody.
//! * `setting`: what differs between one Azure and another, from a file; `embedded`: the one inside.
//! * [`store`]: SQLite. [`spec`]: deployment YAML. [`config`], [`clock`]: the doors to the outside.
//!
//! Direction: `web → console → operations, observe → azure`; only this file sees all.

pub mod azure;
pub mod clock;
pub mod config;
pub mod console;
mod embedded;
pub mod export;
pub mod github;
pub mod observe;
pub mod operations;
pub mod releases;
pub mod render;
mod setting;
pub mod spec;
pub mod stages;
pub mod store;
pub mod web;

use anyhow::Context as _;
use app::domain::stage::Stage;
use azure::arm::{Arm, Workspace};
use clock::Clock;
use config::ServeArgs;
use console::{LiveOverviews, Services, TrafficCache};
use emulator::Emulator;
use observe::Observer;
use operations::Operations;
use setting::Setting;
use stages::{Place, Stages};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use web::{Edge, Entra};

/// Looks at the repositories of a configuration file once, and says what it found.
///
/// # Errors
/// When one cannot be read, with the reason.
pub async fn check_repositories(file: &config::File) -> anyhow::Result<Vec<String>> {
    let http = azure::http::client().context("HTTP cannot be set up")?;
    let mut found = Vec::new();
    for reader in setting::readers(file, &http, &Clock::system())? {
        let state = reader.check().await?;
        let state = state.get(..8).unwrap_or(&state);
        found.push(format!("{} ({}) can be read: {state}", reader.name(), reader.place()));
    }
    Ok(found)
}

/// The running console.
#[derive(Debug)]
pub struct Application {
    listener: TcpListener,
    router: axum::Router,
    tasks: JoinSet<()>,
    emulator: Option<Emulator>,
    /// What all requests share; for tests.
    pub services: Arc<Services>,
}

/// What a test may set that a person does not.
#[derive(Debug, Clone, Default)]
pub struct Overrides {
    /// The console's clock.
    pub clock: Clock,
    /// The emulator's clock; its own when `None`.
    pub emulator_clock: Option<emulator::Clock>,
    /// The program (and its first arguments) that serves a model; this one when `None`.
    pub instance_command: Option<Vec<std::ffi::OsString>>,
    /// Whether the demo client sends traffic.
    pub no_demo_client: bool,
}

impl Application {
    /// Starts everything but answering.
    ///
    /// # Errors
    /// With what is wrong and which option changes it.
    pub async fn build(args: &ServeArgs, overrides: Overrides) -> anyhow::Result<Self> {
        // Pages are rendered on this runtime; a second initialisation is refused, and that is fine.
        let _ = any_spawner::Executor::init_tokio();
        let http = azure::http::client().context("HTTP cannot be set up")?;
        let listener = TcpListener::bind(args.listen).await.with_context(|| {
            format!("{} is taken or not ours; choose another address with --listen", args.listen)
        })?;
        let address = listener.local_addr()?;
        let (setting, emulator) = match &args.config {
            Some(path) => (setting::from_file(path, &http, &overrides.clock)?, None),
            None => {
                let (setting, emulator) = embedded::start(args, address, &http, &overrides).await?;
                (setting, Some(emulator))
            }
        };
        let pool = store::open(&args.data).await?;
        let clock = overrides.clock;
        let stages = stages(&setting, &http);
        let table = store::operations::Operations::new(pool.clone());
        let operations = Arc::new(Operations::new(table, stages.clone(), clock.clone()));
        let mut tasks = JoinSet::new();
        for place in stages.iter() {
            tasks.spawn(observe::run(Arc::clone(place), clock.clone()));
        }
        for reader in &setting.repositories {
            let interval = setting.repository_interval;
            tasks.spawn(releases::run(Arc::clone(reader), clock.clone(), interval));
        }
        tasks.spawn(operations::engine::run(Arc::clone(&operations)));
        let traffic = TrafficCache::new(setting.traffic_age_max);
        let services = Arc::new(Services {
            stages,
            repositories: setting.repositories,
            operations,
            traffic,
            overviews: LiveOverviews::default(),
            clock: clock.clone(),
        });
        let rules = web::session::Rules {
            idle: setting.session.idle(),
            absolute: setting.session.absolute(),
            clock,
        };
        let secure = setting.public_url.scheme() == "https";
        let (sessions, _) = web::session::layer(pool, &rules, secure).await?;
        let edge = Edge {
            services: Arc::clone(&services),
            entra: Arc::new(Entra::new(http, setting.registration)),
            sessions: rules,
            public_url: setting.public_url,
            leptos: leptos_options(&args.site, address)?,
            site: args.site.clone(),
        };
        let router = web::router::router(edge, sessions);
        Ok(Self { listener, router, tasks, emulator, services })
    }

    /// Where it answers.
    ///
    /// # Errors
    /// When the listener is gone.
    pub fn address(&self) -> std::io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// The embedded emulator, when it runs.
    #[must_use]
    pub fn emulator(&self) -> Option<&Emulator> {
        self.emulator.as_ref()
    }

    /// Answers until `stop` resolves, then ends what it started.
    ///
    /// # Errors
    /// When the listener fails.
    pub async fn run(
        mut self,
        stop: impl Future<Output = ()> + Send + 'static,
    ) -> anyhow::Result<()> {
        let (told, heard) = tokio::sync::oneshot::channel();
        let serving = axum::serve(self.listener, self.router).with_graceful_shutdown(async move {
            stop.await;
            // The receiver waits below for as long as this runs.
            let _ = told.send(());
        });
        let serving = IntoFuture::into_future(serving);
        tokio::select! {
            served = serving => served?,
            // Live pages never end by themselves: do not wait for them.
            _ = async { let _ = heard.await; tokio::time::sleep(Duration::from_secs(2)).await } => {}
        }
        self.tasks.shutdown().await;
        if let Some(emulator) = self.emulator {
            emulator.stop().await;
        }
        Ok(())
    }
}

fn stages(setting: &Setting, http: &reqwest::Client) -> Stages {
    let place = |stage: &Stage| {
        Arc::new(Place {
            stage: stage.clone(),
            arm: Arm::new(http.clone(), setting.cloud.clone()),
            workspace: Workspace {
                subscription: stage.subscription.clone(),
                resource_group: stage.resource_group.clone(),
                name: stage.workspace.clone(),
            },
            observer: Arc::new(Observer::new(setting.poll_interval)),
        })
    };
    Stages::new(setting.stages.iter().map(place).collect())
}

/// Leptos finds the hashed names in a file beside the bundle.
fn leptos_options(
    site: &Path,
    address: SocketAddr,
) -> anyhow::Result<leptos::config::LeptosOptions> {
    let hashes = site.join("pkg").join("hash.txt");
    anyhow::ensure!(
        hashes.is_file(),
        "the browser's half is not in {}. Build it with “make bundle” and say where it is with --site",
        site.display()
    );
    let hashes = hashes.canonicalize()?;
    Ok(leptos::config::LeptosOptions::builder()
        .output_name("understudy")
        .site_root(site.to_string_lossy().into_owned())
        .site_pkg_dir("pkg")
        .site_addr(address)
        .hash_file(Arc::<str>::from(hashes.to_string_lossy()))
        .hash_files(true)
        .build())
}
