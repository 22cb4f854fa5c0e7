//! What guards may know beside the endpoint: free quota, images, latency, bandwidth, and what watches the
//! endpoint. Read when a plan needs it, once for all who plan, and kept for a while.
//!
//! What cannot be read stays `None`, “not known”, which guards say as a warning.

use super::kept::Kept;
use super::recent::Recent;
use super::traffic;
use crate::azure::region::Region;
use crate::azure::resource_id::ResourceId;
use crate::azure::{self, assets, environments, metrics, monitoring, newest, quota, workspaces};
use crate::operations::plan::file::Label;
use crate::operations::plan::latest::{Newest, Version};
use crate::stages::Place;
use app::domain::asset::{Asset, Found as AssetFound, Looked};
use app::domain::endpoint::Endpoint;
use app::domain::guard::facts::{Bandwidth, Facts, Gate, Image, Quota, Size};
use app::domain::log::{Container, Log};
use app::domain::name::{DeploymentName, EndpointName};
use app::domain::timestamp::Timestamp;
use app::domain::traffic::WINDOW_MINUTES;
use app::error::ConsoleError;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

/// A workspace never moves, and hardly ever gets another Application Insights.
const WORKSPACE_AGE_MAX: Duration = Duration::from_secs(600);
/// What an endpoint may use in a second: 5 MB (Microsoft: manage quotas for Azure Machine Learning, managed
/// online endpoints). Azure does not tell whether it was raised; the configuration may.
const BANDWIDTH_BYTES_PER_S_DEFAULT: u64 = 5_000_000;

/// For so long the end of a log is as good as a new one.
const LOG_MOMENT: Duration = Duration::from_millis(900);
/// Ends of logs that are kept; each may have 2,000 lines.
const LOG_ENDS_MAX: usize = 32;

/// Which log of which deployment, and how many lines of it.
type LogEnd = (EndpointName, DeploymentName, Container, u32);

/// The image that a release says it deploys.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Built {
    /// The environment's name.
    pub name: String,
    /// When the commit that the release stands at was made, if that is known.
    pub commit_at: Option<Timestamp>,
}

/// What a plan's guards need to know.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Needs {
    /// Free quota: something may be created.
    pub quota: bool,
    /// How long live requests take: a deployment may be written.
    pub latency: bool,
    /// The endpoint's bandwidth: a mirror may be set.
    pub bandwidth: bool,
    /// When the image was made.
    pub image: Option<Built>,
    /// The region's machine sizes: a deployment may be written.
    pub sizes: bool,
    /// The assets that deployments refer to.
    pub assets: Vec<Asset>,
}

/// One thing of Azure Monitor: its body, or that it is not there. `None`: nobody could look.
pub type Found = Option<Option<Arc<Value>>>;

/// What was read around a stage's endpoints.
#[derive(Debug)]
pub struct Surroundings {
    workspace: Kept<(), workspaces::Read>,
    quota: Kept<(), Arc<[Quota]>>,
    images: Kept<String, Option<Timestamp>>,
    sizes: Kept<(), Arc<[Size]>>,
    assets: Kept<Asset, AssetFound>,
    network: Kept<EndpointName, Option<u64>>,
    logs: Kept<(), Option<ResourceId>>,
    settings: Kept<EndpointName, Option<Arc<Value>>>,
    alerts: Kept<String, Option<Arc<Value>>>,
    groups: Kept<String, Option<Arc<Value>>>,
    /// The ends of logs, for a moment: many people follow the same one.
    pub(crate) log_ends: Recent<LogEnd, Result<Log, ConsoleError>>,
    newest: Kept<Label, Option<Version>>,
    bandwidth_bytes_per_s: u64,
}

impl Surroundings {
    /// Nothing yet; what is older than `age_max` is read again. An endpoint may use so many bytes a second:
    /// Azure's default when `None`.
    #[must_use]
    pub fn new(age_max: Duration, bandwidth_bytes_per_s: Option<u64>) -> Self {
        Self {
            workspace: Kept::new("a workspace", WORKSPACE_AGE_MAX),
            quota: Kept::new("quota", age_max),
            images: Kept::new("an environment's versions", age_max),
            sizes: Kept::new("machine sizes", age_max),
            assets: Kept::new("an asset", age_max),
            network: Kept::new("an endpoint's bandwidth", age_max),
            logs: Kept::new("a Log Analytics workspace", WORKSPACE_AGE_MAX),
            settings: Kept::new("diagnostic settings", age_max),
            alerts: Kept::new("an alert rule", age_max),
            groups: Kept::new("an action group", age_max),
            log_ends: Recent::new(LOG_MOMENT, LOG_ENDS_MAX),
            newest: Kept::new("an asset's newest version", age_max),
            bandwidth_bytes_per_s: bandwidth_bytes_per_s.unwrap_or(BANDWIDTH_BYTES_PER_S_DEFAULT),
        }
    }
}

impl Place {
    /// What guards may know of a change of an endpoint, as far as it is needed.
    pub async fn facts(&self, needs: &Needs, endpoint: Option<&Endpoint>, now: Timestamp) -> Facts {
        // Boxed: each may hold a whole request, and all plans hold them.
        let (quota, image, p99_ms, bandwidth, sizes, assets) = futures::join!(
            Box::pin(async { if needs.quota { self.quota(now).await } else { None } }),
            Box::pin(async { self.image(needs.image.as_ref()?, now).await }),
            Box::pin(async {
                let endpoint = endpoint.filter(|_| needs.latency)?;
                let traffic = self.traffic.of(self, endpoint, now).await;
                traffic.p99_ms(endpoint.route.split())
            }),
            Box::pin(async {
                let endpoint = endpoint.filter(|_| needs.bandwidth)?;
                self.bandwidth(endpoint, now).await
            }),
            Box::pin(async { if needs.sizes { Some(self.sizes(now).await) } else { None } }),
            Box::pin(async {
                let each = needs.assets.iter().map(|asset| self.asset(asset, now));
                let all = futures::future::join_all(each).await;
                (!needs.assets.is_empty()).then_some(all)
            }),
        );
        Facts {
            protected: self.stage.protected,
            gate: Some(self.rules.gate(now).unwrap_or(Gate::Open)),
            quota,
            sizes,
            assets,
            image,
            p99_ms,
            bandwidth,
            promotion: self.rules.policy.promotion.clone(),
            release_environment: needs.image.as_ref().map(|built| built.name.clone()),
            ..Facts::default()
        }
    }

    async fn workspace(&self, now: Timestamp) -> Option<workspaces::Read> {
        let read = workspaces::get(&self.arm, &self.workspace);
        self.around.workspace.get(&(), now, read).await
    }

    /// Where the stage's endpoints are.
    pub async fn location(&self, now: Timestamp) -> Option<Region> {
        Some(self.workspace(now).await?.location)
    }

    async fn quota(&self, now: Timestamp) -> Option<Vec<Quota>> {
        let location = self.location(now).await?;
        let read = async {
            quota::read(&self.arm, &self.workspace, &location).await.map(Arc::<[Quota]>::from)
        };
        Some(self.around.quota.get(&(), now, read).await?.to_vec())
    }

    /// The region's machine sizes; none when they cannot be read.
    async fn sizes(&self, now: Timestamp) -> Vec<Size> {
        let Some(location) = self.location(now).await else { return Vec::new() };
        let read = async {
            quota::sizes(&self.arm, &self.workspace, &location).await.map(Arc::<[Size]>::from)
        };
        let sizes = self.around.sizes.get(&(), now, read).await;
        sizes.map(|sizes| sizes.to_vec()).unwrap_or_default()
    }

    async fn asset(&self, asset: &Asset, now: Timestamp) -> Looked {
        let read = assets::look_up(&self.arm, &self.workspace, asset);
        let unread = || AssetFound::NotChecked("Azure did not say".to_owned());
        let found = self.around.assets.get(asset, now, read).await.unwrap_or_else(unread);
        Looked { asset: asset.clone(), found }
    }

    /// Without the commit's time an image that is there may be old or new: not known.
    async fn image(&self, built: &Built, now: Timestamp) -> Option<Image> {
        let read = environments::newest(&self.arm, &self.workspace, &built.name);
        match self.around.images.get(&built.name, now, read).await? {
            None => Some(Image::Missing),
            Some(at) => Some(Image::Built { at, commit_at: built.commit_at? }),
        }
    }

    /// The busiest minute counts: throttling is not told by an average. Whether Azure's number holds the
    /// copies to a mirror that is set already is not documented; taken as it is, it is rather too high.
    async fn bandwidth(&self, endpoint: &Endpoint, now: Timestamp) -> Option<Bandwidth> {
        let name = &endpoint.key.endpoint;
        let start = traffic::start(now);
        let (arm, workspace) = (&self.arm, &self.workspace);
        let read = metrics::busiest_bytes_per_s(arm, workspace, name, start, WINDOW_MINUTES);
        let live_bytes_per_s = self.around.network.get(name, now, read).await??;
        let limit_bytes_per_s = self.around.bandwidth_bytes_per_s;
        Some(Bandwidth { live_bytes_per_s, limit_bytes_per_s })
    }

    /// The Log Analytics workspace that logs go to; `None` inside when there is none.
    pub async fn log_analytics(&self, now: Timestamp) -> Option<Option<ResourceId>> {
        let insights = self.workspace(now).await?.insights;
        let read = async {
            match &insights {
                Some(component) => monitoring::log_analytics(&self.arm, component).await,
                None => Ok(None),
            }
        };
        self.around.logs.get(&(), now, read).await
    }

    /// An endpoint's diagnostic settings of a name.
    pub async fn diagnostics(&self, endpoint: &EndpointName, name: &str, now: Timestamp) -> Found {
        let read = monitoring::diagnostics(&self.arm, &self.workspace, endpoint, name);
        self.around.settings.get(endpoint, now, shared(read)).await
    }

    /// An alert rule.
    pub async fn alert(&self, name: &str, now: Timestamp) -> Found {
        let read = monitoring::rule(&self.arm, &self.workspace, name);
        self.around.alerts.get(&name.to_owned(), now, shared(read)).await
    }

    /// The newest versions of assets that are named by a label, as far as they can be told.
    pub async fn newest(&self, labels: &BTreeSet<Label>, now: Timestamp) -> Newest {
        let one = async |label: &Label| {
            let Label { collection, name } = label;
            let read = async {
                let found = newest::version(&self.arm, &self.workspace, collection, name);
                let version = found.await?;
                Ok::<_, azure::Error>(version.map(|version| Version {
                    id: format!("{}/{collection}/{name}/versions/{version}", self.workspace.id()),
                    version,
                }))
            };
            Some((label.clone(), self.around.newest.get(label, now, read).await?))
        };
        let all = futures::future::join_all(labels.iter().map(one)).await;
        all.into_iter().flatten().collect()
    }

    /// An action group.
    pub async fn action_group(&self, name: &str, now: Timestamp) -> Found {
        let read = monitoring::action_group(&self.arm, &self.workspace, name);
        self.around.groups.get(&name.to_owned(), now, shared(read)).await
    }
}

async fn shared(
    read: impl Future<Output = Result<Option<Value>, azure::Error>>,
) -> Result<Option<Arc<Value>>, azure::Error> {
    Ok(read.await?.map(Arc::new))
}
