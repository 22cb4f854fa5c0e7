//! `understudy check`: tries, one after the other, what serving would need, and says how each went.
//! It asks and reads only; nothing is changed in Azure, and a console may be running meanwhile.

use crate::azure::{self, arm::ML_API_VERSION, endpoints};
use crate::clock::Clock;
use crate::config::CheckArgs;
use crate::notify::setup::{Setup, Target};
use crate::releases::Reader;
use crate::secrets::Marks;
use crate::secrets::file::KeyFile;
use crate::setting::{self, Setting};
use crate::stages::Place;
use crate::store;
use crate::web::Entra;
use std::path::Path;
use std::time::Duration;

/// Longest that one thing may take.
const TRY_MAX: Duration = Duration::from_secs(30);

/// How one thing went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What was tried.
    pub what: String,
    /// What was found, or what is wrong and what to do about it.
    pub outcome: Result<String, String>,
}

impl Finding {
    fn new(what: impl Into<String>, outcome: Result<String, String>) -> Self {
        Self { what: what.into(), outcome }
    }
}

/// Tries everything, and tells of each thing as soon as it is known. What depends on something that failed is
/// left out.
pub async fn run(args: &CheckArgs, mut tell: impl FnMut(Finding)) {
    let http = match azure::http::client() {
        Ok(http) => http,
        Err(error) => return tell(Finding::new("HTTP", Err(error.to_string()))),
    };
    let setting = setting::from_file(&args.config, &http, &Clock::system());
    tell(configuration(&args.config, setting.as_ref()));
    tell(data(&args.data).await);
    let Ok(setting) = setting else { return };
    if let Some(finding) = keys(&setting) {
        tell(finding);
    }
    let stages = setting.stages(&http, &Marks::default());
    tell(in_time("sign-in", sign_in(&Entra::new(http, setting.registration))).await);
    for place in stages.iter() {
        tell(in_time(&format!("stage {}", place.stage.name), stage(place)).await);
    }
    for finding in webhooks(&setting.notify) {
        tell(finding);
    }
    for reader in &setting.repositories {
        tell(in_time(&format!("repository {}", reader.name()), repository(reader)).await);
    }
}

fn configuration(file: &Path, setting: Result<&Setting, &anyhow::Error>) -> Finding {
    let outcome = match setting {
        Ok(setting) => Ok(format!("{} names {} stages", file.display(), setting.stages.len())),
        Err(error) => Err(format!("{error:#}")),
    };
    Finding::new("configuration", outcome)
}

/// Whether the configured key file holds keys; that of the data directory is made at the first start.
fn keys(setting: &Setting) -> Option<Finding> {
    let file = KeyFile::at(setting.secrets_key.clone()?);
    let shown = file.path().display().to_string();
    let outcome = match file.read() {
        Ok(Some(ring)) => Ok(format!("{shown} has keys; {} seals", ring.sealing())),
        Ok(None) => {
            Err(format!("{shown} is not there. “understudy secrets make --file” makes one"))
        }
        Err(error) => Err(format!("{error:#}")),
    };
    Some(Finding::new("key file", outcome))
}

/// Where webhooks are. Their URLs and secrets were read with the configuration; nothing is sent to them,
/// because whoever reads there would take it for news.
#[must_use]
pub fn webhooks(setup: &Setup) -> Vec<Finding> {
    let untried = "nothing was sent, so whether it takes messages is not known";
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

/// Gives up on what does not answer: somebody is waiting.
async fn in_time(what: &str, trying: impl Future<Output = Finding>) -> Finding {
    tokio::time::timeout(TRY_MAX, trying).await.unwrap_or_else(|_| {
        let message = format!(
            "no answer within {} s. Check the way from here, proxies and firewalls first",
            TRY_MAX.as_secs()
        );
        Finding::new(what, Err(message))
    })
}

/// Whether a repository can be read.
async fn repository(reader: &Reader) -> Finding {
    let outcome = match reader.check().await {
        Ok(commit) => {
            Ok(format!("{} can be read at {}", reader.place(), commit.get(..8).unwrap_or(&commit)))
        }
        Err(error) => Err(format!("{error:#}")),
    };
    Finding::new(format!("repository {}", reader.name()), outcome)
}

/// Whether the data directory can be written and its database be read.
pub async fn data(directory: &Path) -> Finding {
    let outcome = match store::check(directory).await {
        Ok(()) => Ok(format!("{} can be written", directory.display())),
        Err(error) => Err(format!("{error:#}")),
    };
    Finding::new("data directory", outcome)
}

/// Whether Entra's discovery document and keys can be read.
pub async fn sign_in(entra: &Entra) -> Finding {
    let outcome = match entra.discover().await {
        Ok(issuer) => Ok(format!("{issuer} answers")),
        Err(error) => {
            Err(format!("{error}. Check sign_in.tenant_id, cloud, and the way from here to Entra"))
        }
    };
    Finding::new("sign-in", outcome)
}

/// Whether the console's identity gets a token, finds the workspace and may read its endpoints.
pub async fn stage(place: &Place) -> Finding {
    let name = &place.stage.name;
    let outcome = match reach(place).await {
        Ok(found) => Ok(found),
        Err(error) => Err(format!("{error}. {}", advice(place, &error))),
    };
    Finding::new(format!("stage {name}"), outcome)
}

async fn reach(place: &Place) -> Result<String, azure::Error> {
    let (arm, workspace) = (&place.arm, &place.workspace);
    arm.get(arm.url(&workspace.id(), ML_API_VERSION, &[])?).await?;
    let endpoints = endpoints::list(arm, workspace, &place.stage.name).await?;
    Ok(format!("workspace {} has {} endpoints", workspace.name, endpoints.len()))
}

fn advice(place: &Place, error: &azure::Error) -> String {
    match error {
        azure::Error::NotFound(_) => format!(
            "Check subscription_id, resource_group and workspace of stage {}",
            place.stage.name
        ),
        azure::Error::Denied(_) => {
            "server/docs/operating.md has the role that the console's identity needs".to_owned()
        }
        _ => format!(
            "Check credential, cloud, and the way from here to {}",
            place.arm.cloud().arm.host_str().unwrap_or("Azure")
        ),
    }
}
