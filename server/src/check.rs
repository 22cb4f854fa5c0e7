//! `understudy check`: tests everything that `serve` needs and reports each result. It only reads: nothing is changed
//! in Azure, and a console may be running at the same time.

use crate::azure::{self, arm::ML_API_VERSION, endpoints};
use crate::clock::Clock;
use crate::config::CheckArgs;
use crate::messages::setup::{Setup, Target};
use crate::releases::Reader;
use crate::releases::building::By;
use crate::runtime_config::{self, RuntimeConfig};
use crate::secrets::Marks;
use crate::secrets::file::KeyFile;
use crate::stages::StageContext;
use crate::store;
use crate::web::Entra;
use std::path::Path;
use std::time::Duration;

mod rights;

pub use rights::{builds, permissions, workflows};

/// Timeout of one check.
const TRY_MAX: Duration = Duration::from_secs(30);

/// The result of one check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    pub what: String,
    /// What was found, or what is wrong and how to fix it.
    pub outcome: Result<String, String>,
}

impl Finding {
    fn new(what: impl Into<String>, outcome: Result<String, String>) -> Self {
        Self { what: what.into(), outcome }
    }
}

/// Runs all checks and reports each result at once. Checks that depend on a failed one are skipped.
pub async fn run(args: &CheckArgs, mut tell: impl FnMut(Finding)) {
    let http = match azure::http::client() {
        Ok(http) => http,
        Err(error) => return tell(Finding::new("HTTP", Err(error.to_string()))),
    };
    let setting = runtime_config::from_file(&args.config, &http, &Clock::system());
    tell(configuration(&args.config, setting.as_ref()));
    tell(data(&args.data).await);
    let Ok(setting) = setting else { return };
    if let Some(finding) = keys(&setting) {
        tell(finding);
    }
    let stages = setting.stages(&http, &Marks::default());
    tell(in_time("sign-in", sign_in(&Entra::new(http, setting.registration))).await);
    for place in stages.iter() {
        let name = &place.stage.name;
        tell(in_time(&format!("stage {name}"), stage(place)).await);
        tell(in_time(&format!("permissions on stage {name}"), permissions(place)).await);
        if setting.repositories.iter().any(|reader| reader.building().method == By::Registry) {
            tell(in_time(&format!("builds on stage {name}"), builds(place)).await);
        }
    }
    for finding in webhooks(&setting.notify) {
        tell(finding);
    }
    for reader in &setting.repositories {
        let name = reader.name();
        tell(in_time(&format!("repository {name}"), repository(reader)).await);
        if reader.building().method == By::Workflow {
            tell(in_time(&format!("builds of repository {name}"), workflows(reader)).await);
        }
    }
}

fn configuration(file: &Path, setting: Result<&RuntimeConfig, &anyhow::Error>) -> Finding {
    let outcome = match setting {
        Ok(setting) => Ok(format!("{} names {} stages", file.display(), setting.stages.len())),
        Err(error) => Err(format!("{error:#}")),
    };
    Finding::new("configuration", outcome)
}

/// Checks the configured key file. The one in the data directory is created at the first start.
fn keys(setting: &RuntimeConfig) -> Option<Finding> {
    let file = KeyFile::at(setting.secrets_key.clone()?);
    let shown = file.path().display().to_string();
    let outcome = match file.read() {
        Ok(Some(ring)) => Ok(format!("{shown} has keys; {} seals", ring.sealing())),
        Ok(None) => Err(format!(
            "{shown} does not exist. To create it, run “understudy secrets make --file”"
        )),
        Err(error) => Err(format!("{error:#}")),
    };
    Some(Finding::new("key file", outcome))
}

/// Lists the webhooks. Their URLs and secrets were read with the configuration. Nothing is sent, because people would
/// mistake a test message for an event.
#[must_use]
pub fn webhooks(setup: &Setup) -> Vec<Finding> {
    let untried = "not tested, because a test would post a message";
    let target = |target: &Target| {
        let (kind, host) = (target.kind, target.address.host());
        Finding::new(format!("webhook {}", target.name), Ok(format!("{kind} at {host}; {untried}")))
    };
    let checkpoints = setup.checkpoints.iter().map(|checkpoints| {
        let host = checkpoints.address.host();
        Finding::new("checkpoint webhook", Ok(format!("at {host}; {untried}")))
    });
    setup.targets.iter().map(target).chain(checkpoints).collect()
}

/// Ends a check after [`TRY_MAX`].
async fn in_time(what: &str, trying: impl Future<Output = Finding>) -> Finding {
    tokio::time::timeout(TRY_MAX, trying).await.unwrap_or_else(|_| {
        let message = format!(
            "no response within {} s. Check the network, proxies and firewalls",
            TRY_MAX.as_secs()
        );
        Finding::new(what, Err(message))
    })
}

/// Checks that a repository can be read.
async fn repository(reader: &Reader) -> Finding {
    let outcome = match reader.check().await {
        Ok(commit) => {
            Ok(format!("{} can be read at {}", reader.place(), commit.get(..8).unwrap_or(&commit)))
        }
        Err(error) => Err(format!("{error:#}")),
    };
    Finding::new(format!("repository {}", reader.name()), outcome)
}

/// Checks that the data directory is writable and its database readable.
pub async fn data(directory: &Path) -> Finding {
    let outcome = match store::check(directory).await {
        Ok(()) => Ok(format!("{} can be written", directory.display())),
        Err(error) => Err(format!("{error:#}")),
    };
    Finding::new("data directory", outcome)
}

/// Checks that Entra's discovery document and keys can be read.
pub async fn sign_in(entra: &Entra) -> Finding {
    let outcome = match entra.discover().await {
        Ok(issuer) => Ok(format!("{issuer} responds")),
        Err(error) => {
            Err(format!("{error}. Check sign_in.tenant_id, cloud, and the network to Entra"))
        }
    };
    Finding::new("sign-in", outcome)
}

/// Checks that the console's identity gets a token, and may read the workspace and its endpoints.
pub async fn stage(place: &StageContext) -> Finding {
    let name = &place.stage.name;
    let outcome = match reach(place).await {
        Ok(found) => Ok(found),
        Err(error) => Err(format!("{error}. {}", advice(place, &error))),
    };
    Finding::new(format!("stage {name}"), outcome)
}

async fn reach(place: &StageContext) -> Result<String, azure::Error> {
    let (arm, workspace) = (&place.arm, &place.workspace);
    arm.get(arm.url(&workspace.id(), ML_API_VERSION, &[])?).await?;
    let endpoints = endpoints::list(arm, workspace, &place.stage.name).await?;
    Ok(format!("workspace {} has {} endpoints", workspace.name, endpoints.len()))
}

fn advice(place: &StageContext, error: &azure::Error) -> String {
    match error {
        azure::Error::NotFound(_) => format!(
            "Check subscription_id, resource_group and workspace of stage {}",
            place.stage.name
        ),
        azure::Error::Denied(_) => {
            "server/docs/operating.md lists the role that the console's identity needs".to_owned()
        }
        _ => format!(
            "Check credential, cloud, and the network to {}",
            place.arm.cloud().arm.host_str().unwrap_or("Azure")
        ),
    }
}
