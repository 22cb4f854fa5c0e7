//! The route of an endpoint: which deployments get live traffic, and which gets a copy. One PUT sets both.

use super::name::DeploymentName;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

/// Maximum percentage of live traffic that Azure mirrors (Azure docs: safe rollout).
pub const MIRROR_MAX: u8 = 50;

/// Why a route is invalid. `Display` is shown to people.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RouteError {
    /// A share above 100.
    #[error(
        "Deployment {deployment} cannot take {percent} % of the traffic: a share must be 0 to 100"
    )]
    Share { deployment: DeploymentName, percent: u32 },
    /// A deployment that is named twice.
    #[error("Deployment {deployment} is named twice. Name each deployment once")]
    Twice { deployment: DeploymentName },
    /// The shares do not add up to 0 or 100.
    #[error(
        "Live traffic adds up to {sum} %, not 100 %: change a share so that the sum is 100 (or 0 to switch all off)"
    )]
    Sum { sum: u32 },
    /// The mirror is outside `1..=50`.
    #[error("{percent} % cannot be mirrored: Azure mirrors 1 to {MIRROR_MAX} % of live traffic")]
    MirrorPercent { percent: u32 },
    /// A deployment is both live and the target of the mirror.
    #[error(
        "Deployment {deployment} takes live traffic, so nothing can be mirrored to it: a deployment is live or mirrored, not both. Clear the mirror or set its live share to 0"
    )]
    MirrorIsLive { deployment: DeploymentName },
    /// More than one mirror.
    #[error("Azure mirrors to only one deployment; {count} are named. Keep one")]
    Mirrors { count: usize },
    /// The text form is invalid.
    #[error("“{text}” is not a route; write it like “blue=90,green=10;mirror=red:20”")]
    Text { text: String },
}

/// The live percentages of an endpoint: whole numbers that add up to 100, or to 0 if all traffic is off.
/// Deployments without a share are not stored.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Split(BTreeMap<DeploymentName, u8>);

impl Split {
    /// Builds a split from shares in percent, dropping zero shares.
    ///
    /// # Errors
    /// [`RouteError::Share`], [`RouteError::Twice`] or [`RouteError::Sum`].
    pub fn new(
        shares: impl IntoIterator<Item = (DeploymentName, u32)>,
    ) -> Result<Self, RouteError> {
        let mut split = BTreeMap::new();
        let mut sum = 0_u32;
        for (deployment, percent) in shares {
            let Some(share) = u8::try_from(percent).ok().filter(|share| *share <= 100) else {
                return Err(RouteError::Share { deployment, percent });
            };
            sum += percent;
            if split.insert(deployment.clone(), share).is_some() {
                return Err(RouteError::Twice { deployment });
            }
        }
        split.retain(|_, share| *share > 0);
        if sum == 0 || sum == 100 { Ok(Self(split)) } else { Err(RouteError::Sum { sum }) }
    }

    /// The share of a deployment, 0 to 100.
    #[must_use]
    pub fn share(&self, deployment: &DeploymentName) -> u8 {
        self.0.get(deployment).copied().unwrap_or(0)
    }

    /// Deployments with a share above 0, and their shares.
    pub fn iter(&self) -> impl Iterator<Item = (&DeploymentName, u8)> {
        self.0.iter().map(|(name, share)| (name, *share))
    }

    /// Whether no deployment gets live traffic.
    #[must_use]
    pub fn is_off(&self) -> bool {
        self.0.is_empty()
    }
}

/// The deployment that gets a copy of live traffic, and the percentage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mirror {
    deployment: DeploymentName,
    percent: u8,
}

impl Mirror {
    /// Mirrors `percent` of live traffic to `deployment`.
    ///
    /// # Errors
    /// [`RouteError::MirrorPercent`] outside `1..=50`.
    pub fn new(deployment: DeploymentName, percent: u32) -> Result<Self, RouteError> {
        match u8::try_from(percent) {
            Ok(share @ 1..=MIRROR_MAX) => Ok(Self { deployment, percent: share }),
            _ => Err(RouteError::MirrorPercent { percent }),
        }
    }

    /// The deployment that gets the copies.
    #[must_use]
    pub fn deployment(&self) -> &DeploymentName {
        &self.deployment
    }

    /// The percentage to copy, `1..=50`.
    #[must_use]
    pub fn percent(&self) -> u8 {
        self.percent
    }
}

/// The role of a deployment on an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// Takes this percentage of live traffic.
    Live(u8),
    /// Gets a copy of this percentage of live traffic.
    Shadow(u8),
    /// Neither. Clients can still call the deployment by name.
    Idle,
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Live(percent) => write!(f, "live, {percent} %"),
            Self::Shadow(percent) => write!(f, "shadow, {percent} %"),
            Self::Idle => f.write_str("idle"),
        }
    }
}

/// Split and mirror. No deployment is in both.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Route {
    split: Split,
    mirror: Option<Mirror>,
}

impl Route {
    /// Builds a route.
    ///
    /// # Errors
    /// [`RouteError::MirrorIsLive`].
    pub fn new(split: Split, mirror: Option<Mirror>) -> Result<Self, RouteError> {
        match mirror {
            Some(mirror) if split.share(&mirror.deployment) > 0 => {
                Err(RouteError::MirrorIsLive { deployment: mirror.deployment })
            }
            mirror => Ok(Self { split, mirror }),
        }
    }

    /// The live shares.
    #[must_use]
    pub fn split(&self) -> &Split {
        &self.split
    }

    /// The mirror, if any.
    #[must_use]
    pub fn mirror(&self) -> Option<&Mirror> {
        self.mirror.as_ref()
    }

    /// The role of a deployment.
    #[must_use]
    pub fn part(&self, deployment: &DeploymentName) -> Part {
        match (self.split.share(deployment), &self.mirror) {
            (1.., _) => Part::Live(self.split.share(deployment)),
            (0, Some(mirror)) if mirror.deployment == *deployment => Part::Shadow(mirror.percent),
            _ => Part::Idle,
        }
    }

    /// The deployment with the largest share; the first by name if shares are equal.
    #[must_use]
    pub fn primary(&self) -> Option<&DeploymentName> {
        let largest = self.split.iter().map(|(_, share)| share).max()?;
        self.split.iter().find(|(_, share)| *share == largest).map(|(name, _)| name)
    }

    /// All deployments in the route.
    pub fn named(&self) -> impl Iterator<Item = &DeploymentName> {
        self.split.0.keys().chain(self.mirror.iter().map(|mirror| &mirror.deployment))
    }

    /// The compact text form (`blue=90,green=10;mirror=red:20`), for forms and URLs.
    #[must_use]
    pub fn to_text(&self) -> String {
        let shares: Vec<_> =
            self.split.iter().map(|(name, share)| format!("{name}={share}")).collect();
        match &self.mirror {
            Some(mirror) => {
                format!("{};mirror={}:{}", shares.join(","), mirror.deployment, mirror.percent)
            }
            None => shares.join(","),
        }
    }
}

impl fmt::Display for Route {
    /// The route on screens: `anet-eedi 90 %, green 10 %, mirror 20 % to red`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.split.is_off() {
            f.write_str("no live traffic")?;
        }
        for (index, (name, share)) in self.split.iter().enumerate() {
            write!(f, "{}{name} {share} %", if index == 0 { "" } else { ", " })?;
        }
        match &self.mirror {
            Some(mirror) => write!(f, ", mirror {} % to {}", mirror.percent, mirror.deployment),
            None => Ok(()),
        }
    }
}

impl FromStr for Route {
    type Err = RouteError;
    fn from_str(text: &str) -> Result<Self, RouteError> {
        let refused = || RouteError::Text { text: super::text::shortened(text, 80) };
        let (shares, mirror) = match text.split_once(";mirror=") {
            Some((shares, mirror)) => (shares, Some(mirror)),
            None => (text, None),
        };
        let pair = |text: &str, by: char| -> Option<(DeploymentName, u32)> {
            let (name, percent) = text.split_once(by)?;
            Some((name.parse().ok()?, percent.parse().ok()?))
        };
        let shares = shares
            .split(',')
            .filter(|share| !share.is_empty())
            .map(|share| pair(share, '=').ok_or_else(refused))
            .collect::<Result<Vec<_>, _>>()?;
        let mirror = mirror
            .map(|mirror| pair(mirror, ':').ok_or_else(refused))
            .transpose()?
            .map(|(name, percent)| Mirror::new(name, percent))
            .transpose()?;
        Self::new(Split::new(shares)?, mirror)
    }
}

impl TryFrom<String> for Route {
    type Error = RouteError;
    fn try_from(text: String) -> Result<Self, RouteError> {
        text.parse()
    }
}

impl From<Route> for String {
    fn from(route: Route) -> Self {
        route.to_text()
    }
}
