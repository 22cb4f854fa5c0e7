//! A stage, as the configuration file writes it.

use super::probe::Probe;
use crate::changes::gate::unknown_zone;
use app::domain::name::StageName;
use app::domain::policy::Policy;
use serde::Deserialize;
use std::num::NonZeroU32;

/// One stage.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stage {
    /// The team's name of it.
    pub name: StageName,
    /// The subscription's id.
    pub subscription_id: String,
    /// The resource group.
    pub resource_group: String,
    /// The workspace.
    pub workspace: String,
    /// The workspace's region; only `render` needs to be told.
    #[serde(default)]
    pub location: Option<String>,
    /// Whether changes need an approval: short for a policy that asks for one.
    #[serde(default)]
    pub protected: bool,
    /// What each endpoint may use, in megabytes a second, where Azure has raised it. Azure does not tell.
    #[serde(default)]
    pub bandwidth_mb_per_s: Option<NonZeroU32>,
    /// What the stage asks before something is done to it.
    #[serde(default)]
    pub policy: Option<Policy>,
    /// What its endpoints are probed with while their routes are set.
    #[serde(default)]
    pub probe: Option<Probe>,
}

impl Stage {
    /// The same in the product's words.
    #[must_use]
    pub fn to_domain(&self) -> app::domain::stage::Stage {
        app::domain::stage::Stage {
            name: self.name.clone(),
            subscription: self.subscription_id.clone(),
            resource_group: self.resource_group.clone(),
            workspace: self.workspace.clone(),
            protected: self.policy().is_protected(),
        }
    }

    /// What it asks before something is done to it.
    #[must_use]
    pub fn policy(&self) -> Policy {
        let short = || Policy { approvals: u8::from(self.protected), ..Policy::default() };
        self.policy.clone().unwrap_or_else(short)
    }

    /// What is wrong with its policy, naming the key.
    pub(super) fn problem(&self) -> Option<String> {
        let policy = self.policy.as_ref()?;
        let both = self.protected.then(|| {
            "protected: it is short for a policy with one approval; leave it out beside a policy"
                .to_owned()
        });
        let of_policy = || policy.problem().or_else(|| unknown_zone(policy));
        both.or_else(|| of_policy().map(|problem| format!("policy: {problem}")))
    }
}
