//! What every request handler sees: configuration, state, clock, data plane, keys.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU32, Ordering};

use dataplane::{Clock, DataPlane};
use http::{HeaderMap, Method, StatusCode, header};

use crate::arm::call::Call;
use crate::arm::error::ArmError;
use crate::blob::Blobs;
use crate::entra::Entra;
use crate::faults::Faults;
use crate::github::GitHub;
use crate::pace::{Agenda, Pace};
use crate::stale::Stale;
use crate::store::Store;
use crate::writes::WriteLog;

/// Shared by all requests.
pub struct Inner {
    /// The subscription's id.
    pub subscription: String,
    /// The resource group's name.
    pub resource_group: String,
    /// The tenant's id.
    pub tenant: String,
    /// Where the listener is bound.
    pub bound: SocketAddr,
    /// The URL to show to callers, when it is not the one they used.
    pub public_url: Option<String>,
    /// Moves phases along.
    pub clock: Clock,
    /// How quickly.
    pub pace: Pace,
    /// Which operations wait for which moment.
    pub agenda: Agenda,
    /// State and its file.
    pub store: Store,
    /// What stands behind scoring URIs.
    pub plane: DataPlane,
    /// Keys, accounts and tokens.
    pub entra: Entra,
    /// Uploaded files.
    pub blobs: Blobs,
    /// Every mutating request.
    pub writes: WriteLog,
    /// Faults put in on purpose.
    pub faults: Faults,
    /// Reads that learn late, on purpose.
    pub stale: Stale,
    /// The team's repository.
    pub github: GitHub,
    /// `x-ms-ratelimit-remaining-…`.
    pub rates: Rates,
}

/// Remaining calls, as ARM counts them down; the emulator never refuses for want of them.
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
    /// The base under which this caller reaches us: as configured, or as the `Host` header says.
    pub fn base(&self, headers: &HeaderMap) -> String {
        if let Some(url) = &self.public_url {
            return url.clone();
        }
        let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
        let is_plain =
            |host: &&str| host.chars().all(|c| c.is_ascii_alphanumeric() || ".-:[]_".contains(c));
        host.filter(is_plain).map_or_else(|| self.own_url(), |host| format!("http://{host}"))
    }

    /// The base for URLs that no request asked for.
    pub fn own_url(&self) -> String {
        self.public_url.clone().unwrap_or_else(|| format!("http://{}", reachable(self.bound)))
    }

    /// Where tokens come from.
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

    /// The region that an error body names.
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

/// An unspecified address is not one to connect to.
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
