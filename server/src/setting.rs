//! What differs between one Azure and another, as one value; here from a configuration file.

use crate::azure::arm::{Arm, Workspace};
use crate::azure::cloud::Cloud;
use crate::azure::inference::Inference;
use crate::clock::Clock;
use crate::config::{self, SessionTimes};
use crate::history::anchor::Anchor;
use crate::history::{History, key};
use crate::notify::setup::Setup;
use crate::observe::Observer;
use crate::observe::facts::Surroundings;
use crate::observe::traffic::TrafficCache;
use crate::patience::Patience;
use crate::releases::Reader;
use crate::secrets::Marks;
use crate::secrets::file::KeyFile;
use crate::serve::peer::Proxies;
use crate::stages::{Place, Probing, Rules, Stages};
use crate::store::Database;
use crate::store::ledger::Ledger;
use crate::web::Registration;
use anyhow::Context as _;
use app::domain::name::StageName;
use app::domain::policy::Policy;
use app::domain::stage::Stage;
use ledger::entry::Facts;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use url::Url;

/// How often a repository is looked at, viewers or not; unchanged it costs nothing of GitHub's limit.
const REPOSITORY_INTERVAL: Duration = Duration::from_secs(60);
/// A look at a repository that is older is done again when a page is opened.
const REPOSITORY_AGE_MAX: Duration = Duration::from_secs(15);

/// Everything that differs between one Azure and another.
#[derive(Debug)]
pub(crate) struct Setting {
    /// Where Azure is, and as whom the console speaks to it.
    pub cloud: Cloud,
    /// How people sign in.
    pub registration: Registration,
    /// The stages, in the order in which they are shown.
    pub stages: Vec<Stage>,
    /// What stages ask before something is done to them; nothing, where one is not named.
    pub policies: BTreeMap<StageName, Policy>,
    /// The team's repositories.
    pub repositories: Vec<Arc<Reader>>,
    /// How often they are looked at, whatever the number of viewers.
    pub repository_interval: Duration,
    /// Where browsers reach the console.
    pub public_url: Url,
    /// How often a stage is read, whatever the number of viewers.
    pub poll_interval: Duration,
    /// How long a read that contradicts what is known is not believed.
    pub patience: Patience,
    /// How old shown metrics may be, and what guards judge by.
    pub traffic_age_max: Duration,
    /// What an endpoint of a stage may use, in bytes per second, where Azure's default was raised.
    pub bandwidth: BTreeMap<StageName, u64>,
    /// What endpoints are probed with while their routes are set; those of other stages are not.
    pub probing: BTreeMap<StageName, Probing>,
    /// When sessions end.
    pub session: SessionTimes,
    /// Proxies that are believed whom they speak for.
    pub proxies: Proxies,
    /// The URL of a PostgreSQL database; SQLite in the data directory when `None`.
    pub database: Option<String>,
    /// The file with the ledger's key; in the data directory when `None`.
    pub ledger_key: Option<PathBuf>,
    /// The file with the keys of what is sealed; in the data directory when `None`.
    pub secrets_key: Option<PathBuf>,
    /// Who is told what happens.
    pub notify: Setup,
}

impl Setting {
    /// The stages, each with its way to Azure; what is secret there is told apart by marks.
    pub fn stages(&self, http: &reqwest::Client, marks: &Marks) -> Stages {
        let place = |stage: &Stage| {
            Arc::new(Place {
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

    /// The database: the server's, or the file in the data directory; with the keys of what is sealed in it.
    ///
    /// # Errors
    /// When it cannot be opened, or its keys are not there.
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

    /// The ledger with its key, which is made at the first start.
    ///
    /// # Errors
    /// When the key cannot be read or made.
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

    /// What the ledger says of the configuration: everything that decides, nothing that is secret.
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

/// The Azure of a configuration file.
///
/// # Errors
/// With the field that is wrong.
pub(crate) fn from_file(
    path: &Path,
    http: &reqwest::Client,
    clock: &Clock,
) -> anyhow::Result<Setting> {
    let file = config::read(path)?;
    let [arm, authority, ml] = file.cloud.hosts();
    let own = file.cloud.loopback();
    let credential = match own {
        Some(_) => file.credential.on_loopback(http, &authority)?,
        None => file.credential.credential()?,
    };
    let client_secret =
        config::secret("sign_in.client_secret_file", &file.sign_in.client_secret_file)?;
    let tenant = file.sign_in.tenant_id.to_string();
    let database = file.database_url_file.as_deref();
    let database = database.map(|file| config::secret("database_url_file", file));
    let inference = match own {
        Some(own) => Inference::on_loopback(own.clone(), http.clone()),
        None => {
            let domains = file.inference.all(&file.cloud);
            Inference::of_domains(domains, file.inference.allow_private)?
        }
    };
    Ok(Setting {
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
            client_secret,
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

/// What endpoints are probed with.
///
/// # Errors
/// With the stage whose body cannot be read, or is none.
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
/// When a token cannot be read.
pub(crate) fn readers(
    file: &config::File,
    http: &reqwest::Client,
    clock: &Clock,
) -> anyhow::Result<Vec<Arc<Reader>>> {
    let stages = stages(file);
    let reader = |repository: &config::repository::Repository| {
        repository.reader(http, clock, &stages, REPOSITORY_AGE_MAX).map(Arc::new)
    };
    file.repositories.iter().map(reader).collect()
}
