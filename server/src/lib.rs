//! The console's server. The composition root: the only place that picks a cloud.
//!
//! * [`web`]: the HTTP edge: sessions, sign-in, pages, forms, live events.
//! * [`console`]: implements `app::port::Console` for one signed-in person.
//! * [`changes`]: what people propose and decide, and what happens to it by itself.
//! * [`operations`]: what the console does to Azure, durably.
//! * [`export`]: workflow inputs, CLI YAML and `az` commands that would do what the console does.
//! * [`history`]: the ledger at work: who did what, and the proof of it.
//! * [`notify`]: tells webhooks what happens.
//! * [`observe`]: one observer per stage reads ARM for everybody.
//! * [`outside`]: what comes from outside is hostile: caps, addresses, texts; `log`: how log lines are made.
//! * [`azure`]: the only code that talks to Azure; [`github`]: to GitHub.
//! * [`releases`]: the team's repositories, read for everybody.
//! * `setting`: what differs between one Azure and another, from a file; `embedded`: the one inside.
//! * [`redact`]: what is not shown; [`secrets`]: what is stored sealed, and with which keys.
//! * [`serve`], [`limits`]: connections, and how much one person may have at once.
//! * [`check`]: the subcommand that tries what serving would need.
//! * [`store`]: SQLite or PostgreSQL. [`spec`]: deployment YAML.
//! * [`config`], [`clock`]: the doors to the outside. [`patience`]: how long a read is doubted. [`ledger_command`]: `understudy ledger`.
//!
//! Direction: `web → console → operations, observe → azure`; only this file sees all.

pub mod azure;
pub mod changes;
pub mod check;
pub mod clock;
pub mod config;
pub mod console;
mod embedded;
pub mod export;
pub mod github;
pub mod hash;
pub mod history;
pub mod ledger_command;
pub mod limits;
pub mod log;
pub mod notify;
pub mod observe;
pub mod operations;
pub mod outside;
mod overrides;
pub mod patience;
pub mod redact;
pub mod releases;
pub mod render;
pub mod secrets;
pub mod serve;
mod setting;
pub mod stages;
pub mod store;
pub mod web;

use anyhow::Context as _;
use changes::Changes;
use config::ServeArgs;
use console::{LiveOverviews, Services};
use emulator::Emulator;
use notify::Notify;
use notify::setup::Addressees;
use operations::Runs;
use operations::lease::Leases;
pub use overrides::Overrides;
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
    /// What all requests share; for tests.
    pub services: Arc<Services>,
    _claim: store::directory::Claim,
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
        let leptos = leptos_options(&args.site, address)?;
        // Before anything is read from it or written to it.
        let claim = store::directory::claim(&args.data)?;
        let (mut setting, emulator) = match &args.config {
            Some(path) => (setting::from_file(path, &http, &overrides.clock)?, None),
            None => {
                let (setting, emulator) = embedded::start(args, address, &http, &overrides).await?;
                (setting, Some(emulator))
            }
        };
        setting.database = overrides.database.or(setting.database);
        setting.secrets_key = overrides.secrets_key.or(setting.secrets_key);
        setting.notify = overrides.notify.unwrap_or(setting.notify);
        let database = setting.open_database(&args.data).await?;
        let clock = overrides.clock;
        let history = Arc::new(setting.open_history(&args.data, &database, &clock)?);
        // What was written into the database beside the console must not be built upon.
        history::check::at_start(&history).await?;
        history.started(setting.facts()).await.context("the ledger cannot be written")?;
        history.seal().await.context("the ledger cannot be signed")?;
        let marks = database.vault().open()?.marks().clone();
        let stages = setting.stages(&http, &marks);
        let setup = Arc::new(setting.notify);
        let addressees = Addressees::new(Arc::clone(&setup));
        let table = store::runs::Runs::new(database.clone()).telling(addressees.clone());
        let leases = store::leases::Leases::new(database.clone());
        let outbox = store::outbox::Outbox::new(database.clone());
        let leases = match &database {
            // Whoever holds the data directory holds its database.
            store::Database::Sqlite(..) => {
                outbox.resume(clock.now()).await.context("the outbox cannot be written")?;
                Leases::alone(leases)
            }
            store::Database::Postgres(..) => Leases::shared(leases),
        };
        let evidence = store::evidence::Evidences::new(database.clone());
        let operations =
            Arc::new(Runs::new(table.clone(), evidence, leases, stages.clone(), clock.clone()));
        let mut tasks = JoinSet::new();
        for place in stages.iter() {
            tasks.spawn(observe::run(Arc::clone(place), clock.clone()));
            let watch = history::drift::run(Arc::clone(&history), table.clone(), Arc::clone(place));
            tasks.spawn(watch);
        }
        tasks.spawn(history::run(Arc::clone(&history)));
        for reader in &setting.repositories {
            let interval = setting.repository_interval;
            tasks.spawn(releases::run(Arc::clone(reader), clock.clone(), interval));
        }
        tasks.spawn(operations::engine::run(Arc::clone(&operations)));
        tasks.spawn(store::prune::run(database.clone(), clock.clone()));
        let changes = Arc::new(Changes::new(
            store::changes::Changes::new(database.clone()).telling(addressees),
            store::people::People::new(database.clone()),
            store::freezes::Freezes::new(database.clone()),
            store::glass::Glasses::new(database.clone()),
            Arc::clone(&operations),
        ));
        // Frozen stages are frozen from the first request on.
        changes.refresh().await.context("the changes cannot be read")?;
        tasks.spawn(changes::tick::run(Arc::clone(&changes)));
        let notify = Arc::new(Notify::new(
            setup,
            outbox,
            notify::clients::Clients::new().context("HTTP cannot be set up")?,
            clock.clone(),
            setting.public_url.clone(),
        ));
        tasks.spawn(notify::deliver::run(Arc::clone(&notify), operations.subscribe()));
        tasks.spawn(notify::remind::run(Arc::clone(&notify), Arc::clone(&changes)));
        tasks.spawn(notify::checkpoints::run(Arc::clone(&notify), Arc::clone(&history)));
        let sessions = store::sessions::Sessions::new(database.clone());
        let limits = Arc::new(limits::Limits::default());
        let services = Arc::new(Services {
            sessions: sessions.clone(),
            limits: Arc::clone(&limits),
            stages,
            repositories: setting.repositories,
            operations,
            changes,
            history,
            notify,
            overviews: LiveOverviews::default(),
            clock: clock.clone(),
        });
        let rules = web::session::Rules {
            idle: setting.session.idle(),
            absolute: setting.session.absolute(),
            clock,
            store: sessions,
            cookies: web::Cookies { secure: setting.public_url.scheme() == "https" },
        };
        tasks.spawn(web::session::run(rules.clone()));
        let secret = &setting.registration.client_secret;
        let edge = Edge {
            services: Arc::clone(&services),
            seal: Arc::new(web::sign_in::sealed::Seal::new(secret, rules.cookies)?),
            limits,
            entra: Arc::new(Entra::new(http, setting.registration)),
            readiness: Arc::new(store::readiness::Readiness::new(database)),
            sessions: rules,
            public_url: setting.public_url,
            leptos,
            site: args.site.clone(),
        };
        let router = web::router::router(edge);
        let rules = overrides.serve.unwrap_or_else(|| serve::Rules::new(setting.proxies));
        Ok(Self { listener, router, rules, tasks, emulator, services, _claim: claim })
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
        let serving = serve::run(self.listener, self.router, self.rules, async move {
            stop.await;
            // The receiver waits below for as long as this runs.
            let _ = told.send(());
        });
        tokio::select! {
            served = serving => served?,
            // Live pages never end by themselves: do not wait for them.
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

/// Leptos finds the hashed names in a file beside the bundle.
fn leptos_options(
    site: &Path,
    address: SocketAddr,
) -> anyhow::Result<leptos::config::LeptosOptions> {
    let hashes = site.join("pkg").join("hash.txt");
    anyhow::ensure!(
        hashes.is_file(),
        "the browser's half is not in {}. Build it with “cargo bundle --release” and say where it is with --site",
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
