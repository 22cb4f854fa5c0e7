//! The console's server. This file is the composition root and the only one that chooses a cloud.
//!
//! * [`web`]: the HTTP edge: sessions, sign-in, pages, forms, live events.
//! * [`console`]: implements `app::port::Console` for one signed-in person.
//! * [`changes`]: proposals, decisions, and what follows from them automatically.
//! * [`operations`]: durable runs that change Azure.
//! * [`export`]: workflow inputs, CLI YAML and `az` commands with the effect of a plan.
//! * [`history`]: writes, signs and verifies the ledger.
//! * [`notify`]: sends events to webhooks.
//! * [`observe`]: one observer per stage reads ARM for all people.
//! * [`outside`]: protection against hostile responses: caps, addresses, texts; `log`: the format of log lines.
//! * [`azure`]: the only code that talks to Azure; [`github`]: the only code that talks to GitHub.
//! * [`releases`]: the team's repositories, read for all people.
//! * [`source`]: packs a commit's files as the context of a build.
//! * `assembly`: puts the services together and starts their tasks.
//! * `runtime_config`: settings that depend on the Azure in use, from a file; `embedded`: those of the embedded emulator.
//! * [`redact`]: redaction of secrets; [`secrets`]: encryption of stored secrets.
//! * [`serve`], [`limits`]: connections, and limits per person.
//! * [`check`]: the subcommand that tests what `serve` needs.
//! * [`store`]: SQLite or PostgreSQL. [`spec`]: deployment YAML.
//! * [`config`], [`clock`]: the only access to files, environment and time. [`patience`]: how long reads are repeated.
//!   [`ledger_command`]: `understudy ledger`.
//!
//! Dependencies: `web → console → operations, observe → azure`. Only this file and `assembly` depend on all of them.

mod assembly;
pub mod azure;
pub mod changes;
pub mod check;
pub mod clock;
pub mod config;
pub mod console;
pub mod durable;
mod embedded;
pub mod entries;
pub mod error;
pub mod export;
pub mod github;
pub mod hash;
pub mod history;
pub mod iso_duration;
pub mod jobs;
pub mod ledger_command;
pub mod limits;
mod lock;
pub mod log;
pub mod messages;
pub mod notify;
pub mod outside;
mod overrides;
pub mod patience;
pub mod planner;
pub mod redact;
pub mod releases;
pub mod render;
pub mod runs;
mod runtime_config;
pub mod secret_file;
pub mod secrets;
pub mod serve;
pub mod source;
pub mod stages;
pub mod store;
pub mod web;

use anyhow::Context as _;
use assembly::Foundation;
use config::ServeArgs;
use console::Services;
use emulator::Emulator;
pub use overrides::Overrides;
use secrecy::ExposeSecret as _;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use web::{Edge, Entra};

/// The running console.
#[derive(Debug)]
pub struct Application {
    listener: TcpListener,
    router: axum::Router,
    rules: serve::Rules,
    tasks: JoinSet<()>,
    emulator: Option<Emulator>,
    /// Public for tests.
    pub services: Arc<Services>,
    _claim: store::directory::Claim,
}

impl Application {
    /// Starts everything except serving requests.
    ///
    /// # Errors
    /// With the cause and the option that fixes it.
    pub async fn build(args: &ServeArgs, overrides: Overrides) -> anyhow::Result<Self> {
        // Pages are rendered on this runtime. A second initialisation fails, which is fine.
        let _ = any_spawner::Executor::init_tokio();
        let http = azure::http::client().context("HTTP cannot be set up")?;
        let listener = TcpListener::bind(args.listen).await.with_context(|| {
            format!("cannot listen on {}; choose another address with --listen", args.listen)
        })?;
        let address = listener.local_addr()?;
        let leptos = leptos_options(&args.site, address)?;
        // Before the data directory is read or written.
        let claim = store::directory::claim(&args.data)?;
        let (setting, emulator) = setting(args, &overrides, address, &http).await?;
        let database = setting.open_database(&args.data).await?;
        let clock = overrides.clock;
        let history = setting.start_history(&args.data, &database, &clock).await?;
        let marks = database.vault().open()?.marks().clone();
        let stages = setting.stages(&http, &marks);
        let mut tasks = JoinSet::new();
        let foundation = Foundation {
            setting: &setting,
            database: &database,
            history,
            stages,
            clock: &clock,
            data: &args.data,
        };
        let services = Arc::new(foundation.services(&mut tasks).await?);
        let leases = durable::lease::Leases::of(&database);
        tasks.spawn(console::after_build::run(Arc::clone(&services), leases));
        let sessions = session_rules(&setting, &services);
        tasks.spawn(web::session::run(sessions.clone()));
        let secret = setting.registration.client_secret.expose_secret();
        let edge = Edge {
            services: Arc::clone(&services),
            seal: Arc::new(web::sign_in::sealed::Seal::new(secret, sessions.cookies)?),
            limits: Arc::clone(&services.limits),
            entra: Arc::new(Entra::new(http, setting.registration)),
            readiness: Arc::new(store::readiness::Readiness::new(database)),
            sessions,
            public_url: setting.public_url,
            leptos,
            site: args.site.clone(),
        };
        let router = web::router::router(edge);
        let rules = overrides.serve.unwrap_or_else(|| serve::Rules::new(setting.proxies));
        Ok(Self { listener, router, rules, tasks, emulator, services, _claim: claim })
    }

    /// The address that the console listens on.
    ///
    /// # Errors
    /// If the system cannot report the address.
    pub fn address(&self) -> std::io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// The embedded emulator, if it runs.
    #[must_use]
    pub fn emulator(&self) -> Option<&Emulator> {
        self.emulator.as_ref()
    }

    /// Serves until `stop` resolves, and then stops all tasks.
    ///
    /// # Errors
    /// If the listener fails.
    pub async fn run(
        mut self,
        stop: impl Future<Output = ()> + Send + 'static,
    ) -> anyhow::Result<()> {
        let (told, heard) = tokio::sync::oneshot::channel();
        let serving = serve::run(self.listener, self.router, self.rules, async move {
            stop.await;
            // The receiver below lives as long as this future.
            let _ = told.send(());
        });
        tokio::select! {
            served = serving => served?,
            // Live pages never end on their own, so the wait is bounded.
            _ = async { let _ = heard.await; tokio::time::sleep(Duration::from_secs(2)).await } => {}
        }
        self.services.history.tell_left_out(true).await;
        self.tasks.shutdown().await;
        history::seal_last(&self.services.history).await;
        if let Some(emulator) = self.emulator {
            emulator.stop().await;
        }
        Ok(())
    }
}

/// The setting of the configuration file, or of the embedded emulator.
async fn setting(
    args: &ServeArgs,
    overrides: &Overrides,
    address: SocketAddr,
    http: &reqwest::Client,
) -> anyhow::Result<(runtime_config::RuntimeConfig, Option<Emulator>)> {
    let (mut setting, emulator) = match &args.config {
        Some(path) => (runtime_config::from_file(path, http, &overrides.clock)?, None),
        None => {
            let (setting, emulator) = embedded::start(args, address, http, overrides).await?;
            (setting, Some(emulator))
        }
    };
    setting.database = overrides.database.clone().or(setting.database);
    setting.secrets_key = overrides.secrets_key.clone().or(setting.secrets_key);
    setting.notify = overrides.notify.clone().unwrap_or(setting.notify);
    Ok((setting, emulator))
}

/// How long sessions last, and where they are stored.
fn session_rules(
    setting: &runtime_config::RuntimeConfig,
    services: &Services,
) -> web::session::Rules {
    web::session::Rules {
        idle: setting.session.idle(),
        absolute: setting.session.absolute(),
        clock: services.clock.clone(),
        store: services.sessions.clone(),
        cookies: web::Cookies { secure: setting.public_url.scheme() == "https" },
    }
}

/// Leptos reads the hashed file names from a file in the bundle.
fn leptos_options(
    site: &Path,
    address: SocketAddr,
) -> anyhow::Result<leptos::config::LeptosOptions> {
    let hashes = site.join("pkg").join("hash.txt");
    anyhow::ensure!(
        hashes.is_file(),
        "{} does not contain the client assets. Build them with “cargo bundle --release”, or set --site to their folder",
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
