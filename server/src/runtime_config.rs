//! The settings that depend on the Azure in use, and how to read them from a configuration file.

use crate::azure::arm::{Arm, Workspace};
use crate::azure::cloud::Cloud;
use crate::azure::inference::Inference;
use crate::clock::Clock;
use crate::config;
use crate::config::SessionTimes;
use crate::history::anchor::Anchor;
use crate::history::key;
use crate::history::{History, check};
use crate::messages::setup::Setup;
use crate::patience::Patience;
use crate::releases::Reader;
use crate::secret_file::secret;
use crate::secrets::Marks;
use crate::secrets::file::KeyFile;
use crate::serve::peer::Proxies;
use crate::stages::Observer;
use crate::stages::surroundings::Surroundings;
use crate::stages::traffic::TrafficCache;
use crate::stages::{Probing, Rules, StageContext, Stages};
use crate::store::Database;
use crate::store::ledger::Ledger;
use crate::web::Registration;
use anyhow::Context as _;
use domain::name::StageName;
use domain::policy::Policy;
use domain::stage::Stage;
use ledger::entry::Facts;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use url::Url;

/// Interval between reads of a repository. An unchanged repository does not count against GitHub's rate limit.
const REPOSITORY_INTERVAL: Duration = Duration::from_secs(60);
/// A page reads a repository again if the last read is older.
const REPOSITORY_AGE_MAX: Duration = Duration::from_secs(15);

/// The settings that depend on the Azure in use.
#[derive(Debug)]
pub(crate) struct RuntimeConfig {
    pub cloud: Cloud,
    pub registration: Registration,
    /// In display order.
    pub stages: Vec<Stage>,
    /// A stage without a policy requires nothing.
    pub policies: BTreeMap<StageName, Policy>,
    pub repositories: Vec<Arc<Reader>>,
    /// Interval between reads of a repository, independent of the number of viewers.
    pub repository_interval: Duration,
    pub public_url: Url,
    /// Interval between reads of a stage, independent of the number of viewers.
    pub poll_interval: Duration,
    /// How long reads that contradict the known state are repeated before the console accepts them.
    pub patience: Patience,
    /// Longest age of metrics on pages and in guards.
    pub traffic_age_max: Duration,
    /// Bandwidth limit of a stage's endpoints, in bytes per second, if it differs from Azure's default.
    pub bandwidth: BTreeMap<StageName, u64>,
    /// Requests that probe a stage's endpoints while their traffic changes. Other stages are not probed.
    pub probing: BTreeMap<StageName, Probing>,
    /// How long the logs of ended jobs are kept.
    pub job_log_days: config::LogDays,
    pub session: SessionTimes,
    /// Proxies whose `X-Forwarded-For` header the console trusts.
    pub proxies: Proxies,
    /// The URL of a PostgreSQL database; `None` for SQLite in the data directory.
    pub database: Option<String>,
    /// The file with the ledger's key; `None` for the one in the data directory.
    pub ledger_key: Option<PathBuf>,
    /// The file with the keys for sealed secrets; `None` for the one in the data directory.
    pub secrets_key: Option<PathBuf>,
    pub notify: Setup,
}

impl RuntimeConfig {
    /// The stages, each with a client of Azure. Marks distinguish secret values.
    pub fn stages(&self, http: &reqwest::Client, marks: &Marks) -> Stages {
        let place = |stage: &Stage| {
            Arc::new(StageContext {
                stage: stage.clone(),
                rules: Rules::new(self.policy(&stage.name)),
                arm: Arm::new(http.clone(), self.cloud.clone()).marking(marks.clone()),
                workspace: Workspace {
                    subscription: stage.subscription.clone(),
                    resource_group: stage.resource_group.clone(),
                    name: stage.workspace.clone(),
                },
                observer: Arc::new(Observer::new(self.poll_interval, self.patience)),
                traffic: TrafficCache::new(self.traffic_age_max),
                around: Surroundings::new(
                    self.traffic_age_max,
                    self.bandwidth.get(&stage.name).copied(),
                ),
                patience: self.patience,
                probing: self.probing.get(&stage.name).cloned(),
            })
        };
        Stages::new(self.stages.iter().map(place).collect())
    }

    fn policy(&self, stage: &StageName) -> Policy {
        self.policies.get(stage).cloned().unwrap_or_default()
    }

    /// Opens the database and unlocks its sealed secrets.
    ///
    /// # Errors
    /// If the database cannot be opened or its keys are missing.
    pub async fn open_database(&self, data: &Path) -> anyhow::Result<Database> {
        let database = match &self.database {
            Some(url) => Database::at_server(url).await?,
            None => Database::locked_in(data).await?,
        };
        let given = self.secrets_key.clone().map(KeyFile::at);
        let keys = given.unwrap_or_else(|| KeyFile::in_directory(data));
        database.unlock(&keys).await?;
        Ok(database)
    }

    /// Opens the ledger with its key, which is created at the first start.
    ///
    /// # Errors
    /// If the key cannot be read or created.
    pub fn open_history(
        &self,
        data: &Path,
        database: &Database,
        clock: &Clock,
    ) -> anyhow::Result<History> {
        let host = self.public_url.host_str().unwrap_or("localhost");
        let file = self.ledger_key.clone().unwrap_or_else(|| key::file_in(data));
        let anchor = Anchor::of(&file, data);
        let signer = key::read_or_make(&file, &format!("{host}/understudy"), &anchor)?;
        let history = History::new(Ledger::new(database.clone()), signer, clock.clone());
        Ok(history.anchored(anchor))
    }

    /// Opens the ledger and signs it; rejects one that somebody else has written to.
    ///
    /// # Errors
    /// If the ledger cannot be opened, verified, written or signed.
    pub async fn start_history(
        &self,
        data: &Path,
        database: &Database,
        clock: &Clock,
    ) -> anyhow::Result<Arc<History>> {
        let history = Arc::new(self.open_history(data, database, clock)?);
        check::at_start(&history).await?;
        history.started(self.facts()).await.context("the ledger cannot be written")?;
        history.seal().await.context("the ledger cannot be signed")?;
        Ok(history)
    }

    /// The facts of the configuration that the ledger records: all that affect decisions, and no secrets.
    pub fn facts(&self) -> Facts {
        let mut facts: Facts = [
            ("public_url".to_owned(), self.public_url.to_string()),
            ("arm".to_owned(), self.cloud.arm.to_string()),
            ("inference".to_owned(), self.cloud.inference.to_string()),
            ("sign_in.issuer".to_owned(), self.registration.issuer.clone()),
            ("sign_in.client_id".to_owned(), self.registration.client_id.clone()),
            ("read_again_s".to_owned(), self.patience.total().as_secs().to_string()),
            ("session.idle_minutes".to_owned(), self.session.idle_minutes.to_string()),
            ("session.absolute_hours".to_owned(), self.session.absolute_hours.to_string()),
        ]
        .into();
        for stage in &self.stages {
            let Stage { name, subscription, resource_group, workspace, protected } = stage;
            let place = format!("{subscription}/{resource_group}/{workspace}");
            facts.insert(format!("stages.{name}"), place);
            facts.insert(format!("stages.{name}.protected"), protected.to_string());
            facts.extend(self.policy(name).facts(&format!("stages.{name}.policy")));
            let probing = self.probing.get(name).map(ToString::to_string);
            facts.extend(probing.map(|probing| (format!("stages.{name}.probe"), probing)));
        }
        for (role, values) in &self.registration.roles {
            facts.insert(format!("roles.{role:?}"), values.join(", "));
        }
        let proxies = self.proxies.to_string();
        if !proxies.is_empty() {
            facts.insert("trusted_proxies".to_owned(), proxies);
        }
        facts.extend(self.notify.facts());
        facts
    }
}

/// Reads the settings from a configuration file.
///
/// # Errors
/// With the invalid field.
pub(crate) fn from_file(
    path: &Path,
    http: &reqwest::Client,
    clock: &Clock,
) -> anyhow::Result<RuntimeConfig> {
    let file = config::read(path)?;
    let [arm, authority, ml] = file.cloud.hosts();
    let own = file.cloud.loopback();
    let credential = match own {
        Some(_) => file.credential.on_loopback(http, &authority)?,
        None => file.credential.credential()?,
    };
    let client_secret = secret("sign_in.client_secret_file", &file.sign_in.client_secret_file)?;
    let tenant = file.sign_in.tenant_id.to_string();
    let database = file.database_url_file.as_deref();
    let database = database.map(|file| secret("database_url_file", file));
    let inference = match own {
        Some(own) => Inference::on_loopback(own.clone(), http.clone()),
        None => {
            let domains = file.inference.all(&file.cloud);
            Inference::of_domains(domains, file.inference.allow_private)?
        }
    };
    Ok(RuntimeConfig {
        repositories: readers(&file, http, clock)?,
        repository_interval: REPOSITORY_INTERVAL,
        cloud: Cloud {
            arm: Url::parse(&arm)?,
            arm_scope: format!("{arm}/.default"),
            scoring_scope: format!("{ml}/.default"),
            credential,
            inference,
        },
        registration: Registration {
            issuer: format!("{authority}/{tenant}/v2.0"),
            tenant,
            client_id: file.sign_in.client_id.clone(),
            client_secret: client_secret.into(),
            redirect_url: file.public_url.join(app::paths::SIGN_IN_CALLBACK)?,
            roles: config::roles(&file.roles),
        },
        stages: stages(&file),
        policies: file.stages.iter().map(|stage| (stage.name.clone(), stage.policy())).collect(),
        public_url: file.public_url.clone(),
        poll_interval: Duration::from_secs(file.poll_interval_s),
        patience: Patience::lasting(Duration::from_secs(file.read_again_s)),
        traffic_age_max: Duration::from_secs(30),
        bandwidth: bandwidth(&file),
        probing: probing(&file)?,
        job_log_days: file.job_log_days,
        session: file.session,
        proxies: Proxies::new(file.trusted_proxies.clone()),
        database: database.transpose()?,
        ledger_key: file.ledger.key_file.clone(),
        secrets_key: file.secrets.key_file.clone(),
        notify: file.webhooks().setup()?,
    })
}

fn bandwidth(file: &config::File) -> BTreeMap<StageName, u64> {
    let raised = |stage: &config::Stage| {
        let megabytes = stage.bandwidth_mb_per_s?.get();
        Some((stage.name.clone(), u64::from(megabytes) * 1_000_000))
    };
    file.stages.iter().filter_map(raised).collect()
}

/// Reads the stages' probes.
///
/// # Errors
/// With the stage whose body cannot be read or is invalid.
fn probing(file: &config::File) -> anyhow::Result<BTreeMap<StageName, Probing>> {
    let mut all = BTreeMap::new();
    for stage in &file.stages {
        if let Some(probe) = &stage.probe {
            let probing = probe.read().with_context(|| format!("stages: {}", stage.name))?;
            all.insert(stage.name.clone(), probing);
        }
    }
    Ok(all)
}

fn stages(file: &config::File) -> Vec<Stage> {
    file.stages.iter().map(config::Stage::to_domain).collect()
}

/// The readers of the configured repositories.
///
/// # Errors
/// If a token or the GitHub App's private key cannot be read.
pub(crate) fn readers(
    file: &config::File,
    http: &reqwest::Client,
    clock: &Clock,
) -> anyhow::Result<Vec<Arc<Reader>>> {
    let stages = stages(file);
    let app = file.github.read()?;
    let reader = |repository: &config::repository::Repository| {
        repository.reader(http, clock, app.as_ref(), &stages, REPOSITORY_AGE_MAX).map(Arc::new)
    };
    file.repositories.iter().map(reader).collect()
}
