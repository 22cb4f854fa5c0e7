//! What differs between one Azure and another, as one value; here from a configuration file.

use crate::azure::arm::{Arm, Workspace};
use crate::azure::cloud::Cloud;
use crate::config::{self, SessionTimes};
use crate::observe::Observer;
use crate::stages::{Place, Stages};
use crate::web::Registration;
use anyhow::Context as _;
use app::domain::stage::Stage;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use url::Url;

/// Everything that differs between one Azure and another.
#[derive(Debug)]
pub(crate) struct Setting {
    /// Where Azure is, and as whom the console speaks to it.
    pub cloud: Cloud,
    /// How people sign in.
    pub registration: Registration,
    /// The stages, in the order in which they are shown.
    pub stages: Vec<Stage>,
    /// Where browsers reach the console.
    pub public_url: Url,
    /// How often a stage is read, whatever the number of viewers.
    pub poll_interval: Duration,
    /// How old shown metrics may be.
    pub traffic_age_max: Duration,
    /// When sessions end.
    pub session: SessionTimes,
}

impl Setting {
    /// The stages, each with its way to Azure.
    pub fn stages(&self, http: &reqwest::Client) -> Stages {
        let place = |stage: &Stage| {
            Arc::new(Place {
                stage: stage.clone(),
                arm: Arm::new(http.clone(), self.cloud.clone()),
                workspace: Workspace {
                    subscription: stage.subscription.clone(),
                    resource_group: stage.resource_group.clone(),
                    name: stage.workspace.clone(),
                },
                observer: Arc::new(Observer::new(self.poll_interval)),
            })
        };
        Stages::new(self.stages.iter().map(place).collect())
    }
}

/// The Azure of a configuration file.
///
/// # Errors
/// With the field that is wrong.
pub(crate) fn from_file(path: &Path) -> anyhow::Result<Setting> {
    let file = config::read(path)?;
    let (arm, authority, ml) = file.cloud.hosts();
    let secret = &file.sign_in.client_secret_file;
    let client_secret = std::fs::read_to_string(secret).with_context(|| {
        format!("sign_in.client_secret_file: {} cannot be read", secret.display())
    })?;
    let tenant = file.sign_in.tenant_id.to_string();
    let stage = |stage: &config::Stage| Stage {
        name: stage.name.clone(),
        subscription: stage.subscription_id.clone(),
        resource_group: stage.resource_group.clone(),
        workspace: stage.workspace.clone(),
        protected: stage.protected,
    };
    Ok(Setting {
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
        stages: file.stages.iter().map(stage).collect(),
        public_url: file.public_url.clone(),
        poll_interval: Duration::from_secs(file.poll_interval_s),
        traffic_age_max: Duration::from_secs(30),
        session: file.session,
    })
}
