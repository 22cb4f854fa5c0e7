//! What differs between one Azure and another, as one value; here from a configuration file.

use crate::azure::cloud::Cloud;
use crate::clock::Clock;
use crate::config::{self, SessionTimes};
use crate::releases::Reader;
use crate::web::Registration;
use anyhow::Context as _;
use app::domain::stage::Stage;
use std::path::Path;
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
    /// The team's repositories.
    pub repositories: Vec<Arc<Reader>>,
    /// How often they are looked at, whatever the number of viewers.
    pub repository_interval: Duration,
    /// Where browsers reach the console.
    pub public_url: Url,
    /// How often a stage is read, whatever the number of viewers.
    pub poll_interval: Duration,
    /// How old shown metrics may be.
    pub traffic_age_max: Duration,
    /// When sessions end.
    pub session: SessionTimes,
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
    let (arm, authority, ml) = file.cloud.hosts();
    let secret = &file.sign_in.client_secret_file;
    let client_secret = std::fs::read_to_string(secret).with_context(|| {
        format!("sign_in.client_secret_file: {} cannot be read", secret.display())
    })?;
    let tenant = file.sign_in.tenant_id.to_string();
    Ok(Setting {
        repositories: readers(&file, http, clock)?,
        repository_interval: REPOSITORY_INTERVAL,
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
        stages: stages(&file),
        public_url: file.public_url.clone(),
        poll_interval: Duration::from_secs(file.poll_interval_s),
        traffic_age_max: Duration::from_secs(30),
        session: file.session,
    })
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
