//! Shared by all request handlers: configuration, state, clock, data plane, keys.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use dataplane::{Clock, DataPlane};
use http::{HeaderMap, Method, StatusCode, header};

use crate::activity::Activity;
use crate::blob::Blobs;
use crate::builds::running::Running;
use crate::entra::Entra;
use crate::faults::Faults;
use crate::github::GitHub;
use crate::logs::Logs;
use crate::naming::log_workspace;
use crate::pace::{Agenda, Pace};
use crate::protocol::call::Call;
use crate::protocol::error::ArmError;
use crate::routines::Routines;
use crate::stale::Stale;
use crate::store::Store;
use crate::taken::Taken;
use crate::webhooks::Webhooks;
use crate::writes::WriteLog;

/// The state, as request handlers receive it.
pub type Shared = Arc<Inner>;

pub struct Inner {
    pub subscription: String,
    pub resource_group: String,
    pub tenant: String,
    /// The address of the listener.
    pub bound: SocketAddr,
    /// The URL to show to callers, if it differs from the one they used.
    pub public_url: Option<String>,
    pub clock: Clock,
    pub pace: Pace,
    /// Which operations wait for which time.
    pub agenda: Agenda,
    pub store: Store,
    /// The data plane behind the scoring URIs.
    pub plane: DataPlane,
    pub entra: Entra,
    pub blobs: Blobs,
    /// The images of the container registry.
    pub images: Arc<images::ImageStore>,
    /// Running builds and open uploads of images.
    pub running: Running,
    /// How images are built.
    pub builder: images::BuilderChoice,
    pub writes: WriteLog,
    /// Deliberate faults.
    pub faults: Faults,
    /// Actions that a test has taken away from callers.
    pub taken: Taken,
    /// Deliberately stale reads.
    pub stale: Stale,
    pub github: GitHub,
    /// The key of secrets, and vaults that refuse.
    pub vaults: crate::vaults::Vaults,
    /// Running load tests.
    pub load_tests: crate::loads::live::Live,
    /// Log Analytics.
    pub logs: Logs,
    /// What happens by the clock: alert rules and autoscale settings.
    pub routines: Routines,
    /// Calls the webhooks of action groups.
    pub webhooks: Webhooks,
    /// What autoscale did.
    pub activity: Activity,
    /// `x-ms-ratelimit-remaining-…`.
    pub rates: Rates,
}

/// Remaining calls, which ARM counts down. The emulator never refuses a call because of them.
#[derive(Debug, Default)]
pub struct Rates {
    calls: AtomicU32,
}

impl Rates {
    /// The header for one more call.
    pub fn next(&self, method: &Method) -> (&'static str, u32) {
        let used = self.calls.fetch_add(1, Ordering::Relaxed) % 1000;
        match *method {
            Method::GET | Method::HEAD => {
                ("x-ms-ratelimit-remaining-subscription-reads", 11_999 - used)
            }
            Method::DELETE => ("x-ms-ratelimit-remaining-subscription-deletes", 14_999 - used),
            _ => ("x-ms-ratelimit-remaining-subscription-writes", 1_199 - used),
        }
    }
}

impl Inner {
    /// The base URL for this caller: the configured one, or from the `Host` header.
    pub fn base(&self, headers: &HeaderMap) -> String {
        if let Some(url) = &self.public_url {
            return url.clone();
        }
        let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
        let is_plain =
            |host: &&str| host.chars().all(|c| c.is_ascii_alphanumeric() || ".-:[]_".contains(c));
        host.filter(is_plain).map_or_else(|| self.own_url(), |host| format!("http://{host}"))
    }

    /// The base URL if there is no request.
    pub fn own_url(&self) -> String {
        self.public_url.clone().unwrap_or_else(|| format!("http://{}", reachable(self.bound)))
    }

    /// The issuer of tokens.
    pub fn authority(&self, base: &str) -> String {
        format!("{base}/{}", self.tenant)
    }

    /// `{RG}`
    pub fn group_id(&self) -> String {
        format!("/subscriptions/{}/resourceGroups/{}", self.subscription, self.resource_group)
    }

    /// `{WS}`
    pub fn workspace_id(&self, name: &str) -> String {
        format!("{}/providers/Microsoft.MachineLearningServices/workspaces/{name}", self.group_id())
    }

    /// The ARM id of the Log Analytics workspace behind a workspace.
    pub fn log_workspace_id(&self, workspace: &str) -> String {
        let name = log_workspace(workspace);
        format!("{}/providers/Microsoft.OperationalInsights/workspaces/{name}", self.group_id())
    }

    /// `{LOC}`
    pub fn location_id(&self, location: &str) -> String {
        format!(
            "/subscriptions/{}/providers/Microsoft.MachineLearningServices/locations/{location}",
            self.subscription
        )
    }

    /// Refuses other subscriptions.
    pub fn check_subscription(&self, id: &str) -> Result<(), ArmError> {
        if id.eq_ignore_ascii_case(&self.subscription) {
            return Ok(());
        }
        Err(ArmError::arm(
            StatusCode::NOT_FOUND,
            "SubscriptionNotFound",
            format!("The subscription '{id}' could not be found."),
        ))
    }

    /// Refuses other resource groups.
    pub fn check_group(&self, name: &str) -> Result<(), ArmError> {
        if name.eq_ignore_ascii_case(&self.resource_group) {
            return Ok(());
        }
        Err(ArmError::arm(
            StatusCode::NOT_FOUND,
            "ResourceGroupNotFound",
            format!("Resource group '{name}' could not be found."),
        ))
    }

    /// Refuses other workspaces.
    pub fn check_workspace(&self, name: &str) -> Result<(), ArmError> {
        if self.store.read(|state| state.workspaces.contains_key(&name.to_lowercase())) {
            return Ok(());
        }
        let resource = format!("Microsoft.MachineLearningServices/workspaces/{name}");
        Err(ArmError::no_resource(&resource, &self.resource_group))
    }

    /// The region in an error body.
    pub fn location_of(&self, call: &Call) -> String {
        let workspace = call.after("workspaces").to_lowercase();
        self.store
            .read(|state| {
                let named = state.workspaces.get(&workspace);
                named.or_else(|| state.workspaces.values().next()).map(|ws| ws.location.clone())
            })
            .unwrap_or_default()
    }
}

/// Clients cannot connect to an unspecified address.
pub fn reachable(bound: SocketAddr) -> SocketAddr {
    let mut address = bound;
    if bound.ip().is_unspecified() {
        address.set_ip(match bound {
            SocketAddr::V4(_) => std::net::Ipv4Addr::LOCALHOST.into(),
            SocketAddr::V6(_) => std::net::Ipv6Addr::LOCALHOST.into(),
        });
    }
    address
}
