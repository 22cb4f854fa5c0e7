//! The route of an endpoint: who gets live traffic, who gets a copy of it. One PUT sets both.

use super::name::DeploymentName;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

/// Most per cent of live traffic that Azure mirrors (safe-rollout documentation).
pub const MIRROR_MAX: u8 = 50;

/// Why a route is none. Its `Display` is the sentence that a person reads.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RouteError {
    /// One share above 100.
    #[error("{deployment} cannot take {percent} % of the traffic: a share is 0 to 100")]
    Share {
        /// Whose.
        deployment: DeploymentName,
        /// The refused share.
        percent: u32,
    },
    /// The shares add up to something else than 0 or 100.
    #[error(
        "live traffic adds up to {sum} %, not 100 %: change a share so that the sum is 100 (or 0 to switch all off)"
    )]
    Sum {
        /// What they add up to.
        sum: u32,
    },
    /// The mirror is outside `1..=50`.
    #[error("{percent} % cannot be mirrored: Azure mirrors 1 to {MIRROR_MAX} % of live traffic")]
    MirrorPercent {
        /// The refused percentage.
        percent: u32,
    },
    /// One deployment is both live and mirrored.
    #[error(
        "{deployment} takes live traffic, so nothing can be mirrored to it: a deployment is live or mirrored, not both. Clear the mirror or set its live share to 0"
    )]
    MirrorIsLive {
        /// Which.
        deployment: DeploymentName,
    },
    /// More than one mirror.
    #[error("only one deployment can be mirrored to; {count} are named. Keep one")]
    Mirrors {
        /// How many were named.
        count: usize,
    },
    /// The text form cannot be read.
    #[error("“{text}” is not a route; write it like “blue=90,green=10;mirror=red:20”")]
    Text {
        /// The refused text, shortened.
        text: String,
    },
}

/// The live percentages of an endpoint: whole numbers that sum to 100, or to 0 when all is off.
/// Deployments without a share are not kept.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Split(BTreeMap<DeploymentName, u8>);

impl Split {
    /// Builds a split from shares in per cent; zero shares are dropped.
    ///
    /// # Errors
    /// [`RouteError::Share`] or [`RouteError::Sum`].
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
            if share > 0 && split.insert(deployment.clone(), share).is_some() {
                return Err(RouteError::Share { deployment, percent });
            }
        }
        if sum == 0 || sum == 100 { Ok(Self(split)) } else { Err(RouteError::Sum { sum }) }
    }

    /// The share of a deployment, 0 to 100.
    #[must_use]
    pub fn share(&self, deployment: &DeploymentName) -> u8 {
        self.0.get(deployment).copied().unwrap_or(0)
    }

    /// Deployments with a share, and the share.
    pub fn iter(&self) -> impl Iterator<Item = (&DeploymentName, u8)> {
        self.0.iter().map(|(name, share)| (name, *share))
    }

    /// Whether nothing gets live traffic.
    #[must_use]
    pub fn is_off(&self) -> bool {
        self.0.is_empty()
    }
}

/// The one deployment that gets a copy of live traffic, and how much of it.
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

    /// Who gets the copies.
    #[must_use]
    pub fn deployment(&self) -> &DeploymentName {
        &self.deployment
    }

    /// How much is copied, `1..=50`.
    #[must_use]
    pub fn percent(&self) -> u8 {
        self.percent
    }
}

/// What a deployment does on an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Takes this much live traffic, in per cent.
    Live(u8),
    /// Gets a copy of this much live traffic, in per cent.
    Shadow(u8),
    /// Neither; it can still be called by name.
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

/// Split and mirror together; nobody is in both.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Route {
    split: Split,
    mirror: Option<Mirror>,
}

impl Route {
    /// Puts a split and a mirror together.
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

    /// What a deployment does.
    #[must_use]
    pub fn part(&self, deployment: &DeploymentName) -> Part {
        match (self.split.share(deployment), &self.mirror) {
            (1.., _) => Part::Live(self.split.share(deployment)),
            (0, Some(mirror)) if mirror.deployment == *deployment => Part::Shadow(mirror.percent),
            _ => Part::Idle,
        }
    }

    /// The deployment with the largest share; the first by name when shares are equal.
    #[must_use]
    pub fn primary(&self) -> Option<&DeploymentName> {
        let largest = self.split.iter().map(|(_, share)| share).max()?;
        self.split.iter().find(|(_, share)| *share == largest).map(|(name, _)| name)
    }

    /// Every deployment that the route names.
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
    /// For people: `anet-eedi 90 %, green 10 %, mirror 20 % to red`.
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
