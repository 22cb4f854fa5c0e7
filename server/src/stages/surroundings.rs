//! GuardInputs that guards need besides the endpoint: free quota, images, latency, bandwidth, and the monitoring of the
//! endpoint. They are read when a plan needs them, shared by all plans, and cached.
//!
//! A fact that cannot be read stays `None`, which guards report as a warning.

use super::recent::Recent;
use super::traffic;
use super::ttl_cache::TtlCache;
use crate::azure::environments::NewestImage;
use crate::azure::region::Region;
use crate::azure::resource_id::ResourceId;
use crate::azure::{self, assets, environments, metrics, monitoring, newest, quota, workspaces};
use crate::planner::file::Label;
use crate::planner::latest::{Newest, Version};
use crate::planner::needs::{Built, Needs};
use crate::planner::observed::Found;
use crate::stages::StageContext;
use app::error::ConsoleError;
use domain::asset::{Asset, Found as AssetFound, Looked};
use domain::endpoint::Endpoint;
use domain::guard::inputs::{Bandwidth, Gate, GuardInputs, Image, Quota, Size};
use domain::log::{Container, Log};
use domain::name::{DeploymentName, EndpointName};
use domain::plan::image::PlannedImage;
use domain::timestamp::Timestamp;
use domain::traffic::WINDOW_MINUTES;
use serde_json::Value;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

/// Long, because a workspace never moves and rarely changes its Application Insights.
const WORKSPACE_AGE_MAX: Duration = Duration::from_secs(600);
/// An endpoint's bandwidth quota: 5 MB per second (Microsoft: manage quotas for Azure Machine Learning, managed
/// online endpoints). Azure does not report a raised quota; the configuration can state it.
const BANDWIDTH_BYTES_PER_S_DEFAULT: u64 = 5_000_000;

/// How long the end of a log is cached.
const LOG_MOMENT: Duration = Duration::from_millis(900);
/// Maximum number of cached log ends; each may have 2,000 lines.
const LOG_ENDS_MAX: usize = 32;

/// The log of a deployment's container, and the number of lines.
type LogEnd = (EndpointName, DeploymentName, Container, u32);

/// Cached facts about a stage's endpoints.
#[derive(Debug)]
pub struct Surroundings {
    workspace: TtlCache<(), workspaces::Read>,
    quota: TtlCache<(), Arc<[Quota]>>,
    images: TtlCache<String, Option<NewestImage>>,
    pub(super) digests: TtlCache<String, Option<PlannedImage>>,
    sizes: TtlCache<(), Arc<[Size]>>,
    assets: TtlCache<Asset, AssetFound>,
    network: TtlCache<EndpointName, Option<u64>>,
    logs: TtlCache<(), Option<ResourceId>>,
    settings: TtlCache<EndpointName, Option<Arc<Value>>>,
    alerts: TtlCache<String, Option<Arc<Value>>>,
    groups: TtlCache<String, Option<Arc<Value>>>,
    /// Many people may follow the same log.
    pub(crate) log_ends: Recent<LogEnd, Result<Log, ConsoleError>>,
    newest: TtlCache<Label, Option<Version>>,
    bandwidth_bytes_per_s: u64,
}

impl Surroundings {
    /// Empty. GuardInputs are read again after `age_max`; `bandwidth_bytes_per_s` is an endpoint's quota, or `None` for
    /// Azure's default.
    #[must_use]
    pub fn new(age_max: Duration, bandwidth_bytes_per_s: Option<u64>) -> Self {
        Self {
            workspace: TtlCache::new("a workspace", WORKSPACE_AGE_MAX),
            quota: TtlCache::new("quota", age_max),
            images: TtlCache::new("an environment's versions", age_max),
            digests: TtlCache::new("an image's digest", age_max),
            sizes: TtlCache::new("machine sizes", age_max),
            assets: TtlCache::new("an asset", age_max),
            network: TtlCache::new("an endpoint's bandwidth", age_max),
            logs: TtlCache::new("a Log Analytics workspace", WORKSPACE_AGE_MAX),
            settings: TtlCache::new("diagnostic settings", age_max),
            alerts: TtlCache::new("an alert rule", age_max),
            groups: TtlCache::new("an action group", age_max),
            log_ends: Recent::new(LOG_MOMENT, LOG_ENDS_MAX),
            newest: TtlCache::new("an asset's newest version", age_max),
            bandwidth_bytes_per_s: bandwidth_bytes_per_s.unwrap_or(BANDWIDTH_BYTES_PER_S_DEFAULT),
        }
    }
}

impl Surroundings {
    /// Forgets an endpoint's diagnostic settings, which the console has just set.
    pub fn forget_diagnostics(&self, endpoint: &EndpointName) {
        self.settings.forget(endpoint);
    }

    /// Forgets an alert rule, which the console has just set.
    pub fn forget_alert(&self, name: &str) {
        self.alerts.forget(&name.to_owned());
    }
}

impl StageContext {
    /// The facts that `needs` names, for the guards of a change.
    pub async fn facts(
        &self,
        needs: &Needs,
        endpoint: Option<&Endpoint>,
        now: Timestamp,
    ) -> GuardInputs {
        // Boxed, because each future may hold a whole request.
        let (quota, image, minute_p99_ms, bandwidth, sizes, assets) = futures::join!(
            Box::pin(async { if needs.quota { self.quota(now).await } else { None } }),
            Box::pin(async { self.image(needs.image.as_ref()?, now).await }),
            Box::pin(async {
                let endpoint = endpoint.filter(|_| needs.latency)?;
                let traffic = self.traffic.of(self, endpoint, now).await;
                traffic.minute_p99_ms(endpoint.route.split())
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
        GuardInputs {
            protected: self.stage.protected,
            gate: Some(self.rules.gate(now).unwrap_or(Gate::Open)),
            quota,
            sizes,
            assets,
            image,
            minute_p99_ms,
            bandwidth,
            promotion: self.rules.policy.promotion.clone(),
            release_environment: needs.image.as_ref().map(|built| built.name.clone()),
            ..GuardInputs::default()
        }
    }

    async fn workspace(&self, now: Timestamp) -> Option<workspaces::Read> {
        let read = workspaces::get(&self.arm, &self.workspace);
        self.around.workspace.get(&(), now, read).await
    }

    /// The region of the stage's endpoints.
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

    /// The region's machine sizes; empty when they cannot be read.
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

    /// `None` when the image exists but the commit's time is unknown: the image may be older or newer.
    async fn image(&self, built: &Built, now: Timestamp) -> Option<Image> {
        let read = environments::newest(&self.arm, &self.workspace, &built.name);
        match self.around.images.get(&built.name, now, read).await? {
            None => Some(Image::Missing),
            Some(NewestImage { commit: Some(from), .. }) if built.commit.is_some() => {
                Some(Image::BuiltFrom { from, commit: built.commit.clone()? })
            }
            Some(newest) => Some(Image::Built { at: newest.at, commit_at: built.commit_at? }),
        }
    }

    /// Uses the busiest minute, because an average does not show throttling. Azure does not document whether its
    /// number includes the copies to an existing mirror; if it does, this overestimates.
    async fn bandwidth(&self, endpoint: &Endpoint, now: Timestamp) -> Option<Bandwidth> {
        let name = &endpoint.key.endpoint;
        let start = traffic::start(now);
        let (arm, workspace) = (&self.arm, &self.workspace);
        let read = metrics::busiest_bytes_per_s(arm, workspace, name, start, WINDOW_MINUTES);
        let live_bytes_per_s = self.around.network.get(name, now, read).await??;
        let limit_bytes_per_s = self.around.bandwidth_bytes_per_s;
        Some(Bandwidth { live_bytes_per_s, limit_bytes_per_s })
    }

    /// The Log Analytics workspace of the logs; `Some(None)` when the stage has none.
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

    /// An endpoint's diagnostic settings by name.
    pub async fn diagnostics(&self, endpoint: &EndpointName, name: &str, now: Timestamp) -> Found {
        let read = monitoring::diagnostics(&self.arm, &self.workspace, endpoint, name);
        self.around.settings.get(endpoint, now, shared(read)).await
    }

    /// An alert rule.
    pub async fn alert(&self, name: &str, now: Timestamp) -> Found {
        let read = monitoring::rule(&self.arm, &self.workspace, name);
        self.around.alerts.get(&name.to_owned(), now, shared(read)).await
    }

    /// The newest versions of assets named by a label. Versions that cannot be read are left out.
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
