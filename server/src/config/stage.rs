//! A stage in the configuration file.

use super::probe::Probe;
use crate::stages::change_windows::unknown_zone;
use domain::name::StageName;
use domain::policy::Policy;
use serde::Deserialize;
use std::num::NonZeroU32;

/// A stage: a workspace that the console manages.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stage {
    pub name: StageName,
    pub subscription_id: String,
    pub resource_group: String,
    pub workspace: String,
    /// The workspace's region. Only `render` uses it.
    pub location: Option<String>,
    /// Whether changes need an approval: short for a policy with one approval.
    #[serde(default)]
    pub protected: bool,
    /// The bandwidth limit of each endpoint in MB/s, if Microsoft has raised it. No Azure API reports the limit.
    pub bandwidth_mb_per_s: Option<NonZeroU32>,
    pub policy: Option<Policy>,
    /// Requests that probe the stage's endpoints while their traffic changes.
    pub probe: Option<Probe>,
}

impl Stage {
    /// Converts to the domain's stage.
    #[must_use]
    pub fn to_domain(&self) -> domain::stage::Stage {
        domain::stage::Stage {
            name: self.name.clone(),
            subscription: self.subscription_id.clone(),
            resource_group: self.resource_group.clone(),
            workspace: self.workspace.clone(),
            protected: self.policy().is_protected(),
        }
    }

    /// The effective policy.
    #[must_use]
    pub fn policy(&self) -> Policy {
        let short = || Policy { approvals: u8::from(self.protected), ..Policy::default() };
        self.policy.clone().unwrap_or_else(short)
    }

    /// The error in the policy, if any, with its key.
    pub(super) fn problem(&self) -> Option<String> {
        let policy = self.policy.as_ref()?;
        let both = self.protected.then(|| {
            "protected: this is short for a policy with one approval. Remove it, because the stage has a policy"
                .to_owned()
        });
        let of_policy = || policy.problem().or_else(|| unknown_zone(policy));
        both.or_else(|| of_policy().map(|problem| format!("policy: {problem}")))
    }
}
