//! The console's server. The composition root: the only place that picks a cloud.
//!
//! * [`web`]: the HTTP edge: sessions, sign-in, pages, forms, live events.
//! * [`console`]: implements `app::port::Console` for one signed-in person.
//! * [`operations`]: what the console does to Azure, durably.
//! * [`observe`]: one observer per stage reads ARM for everybody.
//! * [`azure`]: the only code that talks to Azure; [`github`]: to GitHub.
//! * [`releases`]: the team's repositories, read for everybody.
//! * [`store`]: SQLite. [`spec`]: deployment YAML. [`config`], [`clock`]: the doors to the outside.
//!
//! Direction: `web → console → operations, observe → azure`; only this file sees all.

pub mod azure;
pub mod clock;
pub mod config;
pub mod console;
pub mod github;
pub mod observe;
pub mod operations;
pub mod releases;
pub mod spec;
pub mod stages;
pub mod store;
pub mod web;

use anyhow::Context as _;
use app::domain::stage::Stage;
use azure::arm::{Arm, Workspace};
use azure::cloud::Cloud;
use azure::credential::ClientCredentials;
use clock::Clock;
use config::repository::Repository;
use config::{ServeArgs, SessionTimes};
use console::{Services, TrafficCache};
use emulator::Emulator;
use github::credential::Token;
use observe::Observer;
use operations::Operations;
use releases::Reader;
use releases::source::OnGitHub;
use stages::{Place, Stages};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use url::Url;
use web::{Edge, Entra, Registration};

/// How often a repository is looked at, viewers or not; unchanged it costs nothing of GitHub's limit.
const REPOSITORY_INTERVAL: Duration = Duration::from_secs(60);
/// A look at a repository that is older is done again when a page is opened.
const REPOSITORY_AGE_MAX: Duration = Duration::from_secs(15);

/// Everything that differs between one Azure and another.
#[derive(Debug)]
struct Setting {
    cloud: Cloud,
    registration: Registration,
    stages: Vec<Stage>,
    repositories: Vec<Arc<Reader>>,
    public_url: Url,
    poll_interval: Duration,
    traffic_age_max: Duration,
    repository_interval: Duration,
    session: SessionTimes,
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
            Some(path) => (real(path, &http, &overrides.clock)?, None),
            None => {
                let (setting, emulator) = embedded(args, address, &http, &overrides).await?;
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
            let reader = Arc::clone(reader);
            tasks.spawn(releases::run(reader, clock.clone(), setting.repository_interval));
        }
        tasks.spawn(operations::engine::run(Arc::clone(&operations)));
        let traffic = TrafficCache::new(setting.traffic_age_max);
        let repositories = setting.repositories;

        let services =
            Arc::new(Services { stages, repositories, operations, traffic, clock: clock.clone() });
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

/// The Azure of a configuration file.
fn real(path: &Path, http: &reqwest::Client, clock: &Clock) -> anyhow::Result<Setting> {
    let file = config::read(path)?;
    let (arm, authority, ml) = file.cloud.hosts();
    let secret = &file.sign_in.client_secret_file;
    let client_secret = std::fs::read_to_string(secret).with_context(|| {
        format!("sign_in.client_secret_file: {} cannot be read", secret.display())
    })?;
    let tenant = file.sign_in.tenant_id.to_string();
    let stages: Vec<Stage> = file.stages.iter().map(config::Stage::to_domain).collect();
    let repository = |repository: &Repository| {
        repository.reader(http, clock, &stages, REPOSITORY_AGE_MAX).map(Arc::new)
    };
    Ok(Setting {
        repositories: file.repositories.iter().map(repository).collect::<anyhow::Result<_>>()?,
        cloud: Cloud {
            arm: Url::parse(arm)?,
            arm_scope: format!("{arm}/.default"),
            scoring_scope: format!("{ml}/.default"),
            credential: file.credential.credential()?,
            scoring_on_loopback: false,
        },
        registration: Registration {
            issuer: format!("{authority}/{tenant}/v2.0"),
            tenant,
            client_id: file.sign_in.client_id.clone(),
            client_secret: client_secret.trim().to_owned(),
            redirect_url: file.public_url.join(app::paths::SIGN_IN_CALLBACK)?,
            roles: config::roles(&file.roles),
        },
        stages,
        public_url: file.public_url.clone(),
        poll_interval: Duration::from_secs(file.poll_interval_s),
        traffic_age_max: Duration::from_secs(30),
        repository_interval: REPOSITORY_INTERVAL,
        session: file.session,
    })
}

/// The Azure inside: the emulator with its demo team.
async fn embedded(
    args: &ServeArgs,
    address: SocketAddr,
    http: &reqwest::Client,
    overrides: &Overrides,
) -> anyhow::Result<(Setting, Emulator)> {
    let demo = [("anet-dev", "mlw-anet-0001dev"), ("anet-prod", "mlw-anet-0001prod")];
    let public_url = Url::parse(&format!("http://{address}"))?;
    let redirect_url = public_url.join(app::paths::SIGN_IN_CALLBACK)?;
    let workspaces = demo.map(|(_, workspace)| emulator::Workspace {
        name: workspace.to_owned(),
        location: "westeurope".to_owned(),
    });
    let subscription = "5b6e6a0c-5a1f-4d4e-9d0a-0a4e45ad0001".to_owned();
    let resource_group = "anet-0001".to_owned();
    let config = emulator::Config {
        listen: args.emulator_listen,
        subscription: subscription.clone(),
        resource_group: resource_group.clone(),
        workspaces: workspaces.to_vec(),
        tenant: "7d1b6b0e-3f0b-4c55-8f4e-5eedda7a0001".to_owned(),
        clock: overrides.emulator_clock.clone().unwrap_or_else(emulator::Clock::auto),
        state_dir: Some(args.data.join("emulator")),
        instance_command: overrides
            .instance_command
            .clone()
            .map_or_else(own_instance_command, Ok)?,
        demo: true,
        public_url: None,
        redirect_uris: vec![redirect_url.to_string()],
    };
    let emulator = Emulator::start(config).await.map_err(|error| {
        anyhow::anyhow!("{error}. Choose another address for it with --emulator-listen")
    })?;
    let url = emulator.url();
    let tenant = emulator.tenant().to_owned();
    let credential = ClientCredentials::new(
        http.clone(),
        url.join(&format!("{tenant}/oauth2/v2.0/token"))?,
        emulator.client_id().to_owned(),
        emulator.client_secret().to_owned(),
    );
    let stage = |(name, workspace): (&str, &str)| {
        anyhow::Ok(Stage {
            name: name.parse()?,
            subscription: subscription.clone(),
            resource_group: resource_group.clone(),
            workspace: workspace.to_owned(),
            protected: false,
        })
    };
    let base = url.as_str().trim_end_matches('/').to_owned();
    let stages = demo.into_iter().map(stage).collect::<anyhow::Result<Vec<_>>>()?;
    let repository = demo_repository(&emulator, http, &overrides.clock, &stages)?;
    let setting = Setting {
        repositories: vec![Arc::new(repository)],
        cloud: Cloud {
            arm: url,
            arm_scope: format!("{base}/.default"),
            scoring_scope: "https://ml.azure.com/.default".to_owned(),
            credential: Arc::new(credential),
            scoring_on_loopback: true,
        },
        registration: Registration {
            issuer: format!("{base}/{tenant}/v2.0"),
            tenant,
            client_id: emulator.client_id().to_owned(),
            client_secret: emulator.client_secret().to_owned(),
            redirect_url,
            roles: config::roles(&std::collections::BTreeMap::new()),
        },
        stages,
        public_url,
        poll_interval: Duration::from_millis(500),
        traffic_age_max: Duration::from_secs(2),
        repository_interval: Duration::from_secs(5),
        session: SessionTimes::default(),
    };
    Ok((setting, emulator))
}

/// The demo team's repository, on the emulator's GitHub.
fn demo_repository(
    emulator: &Emulator,
    http: &reqwest::Client,
    clock: &Clock,
    stages: &[Stage],
) -> anyhow::Result<Reader> {
    let token = Token::new(emulator.github_token())?;
    let api = Url::parse(&emulator.github_api())?;
    let client = github::Client::new(http.clone(), api, Some(token), clock.clone());
    let place = emulator.github_repository();
    let (owner, name) = place.split_once('/').context("a repository has an owner")?;
    let repository = github::contents::Repository::new(client, owner.to_owned(), name.to_owned());
    let name = name.to_owned();
    let source = OnGitHub::new(repository, format!("github.com/{place}"), None);
    // People who try things out should not have to wait for what they have just committed.
    let age_max = Duration::from_millis(500);
    let environments = std::collections::BTreeMap::new();
    Ok(Reader::new(name, Box::new(source), environments, stages.to_vec(), age_max))
}

/// This program serves the models too: the subcommand is mounted in `main.rs`.
fn own_instance_command() -> anyhow::Result<Vec<std::ffi::OsString>> {
    let program: PathBuf =
        std::env::current_exe().context("the path of this program is unknown")?;
    Ok(vec![program.into_os_string(), "emulator-instance".into()])
}
