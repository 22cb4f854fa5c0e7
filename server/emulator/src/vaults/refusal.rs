//! Vaults that a test has told to refuse everybody.

use std::collections::BTreeMap;

use parking_lot::Mutex;
use serde::{Deserialize, Serialize};

/// Why a vault refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Refusal {
    /// The caller has no role.
    Rbac,
    /// The vault's access policy does not name the caller.
    Policy,
    /// The caller's address is not allowed.
    Firewall,
}

impl Refusal {
    /// The inner code of the answer.
    pub fn code(self) -> &'static str {
        match self {
            Self::Rbac => "ForbiddenByRbac",
            Self::Policy => "ForbiddenByPolicy",
            Self::Firewall => "ForbiddenByFirewall",
        }
    }

    /// What the service says (shortened).
    pub fn message(self, caller: &str, vault: &str) -> String {
        match self {
            Self::Rbac => format!(
                "Caller is not authorized to perform action on resource. If role assignments, deny assignments or role \
                 definitions were changed recently, please observe propagation time. Caller: name={caller}. Vault: {vault}"
            ),
            Self::Policy => format!(
                "The user, group or application '{caller}' does not have secrets permission on key vault '{vault}'."
            ),
            Self::Firewall => format!(
                "Client address is not authorized and caller is not a trusted service. Vault: {vault}"
            ),
        }
    }
}

/// The vaults that refuse, by name in lower case, until the emulator ends.
#[derive(Debug, Default)]
pub struct Refusals(Mutex<BTreeMap<String, Refusal>>);

impl Refusals {
    pub fn of(&self, vault: &str) -> Option<Refusal> {
        self.0.lock().get(&vault.to_lowercase()).copied()
    }

    pub fn set(&self, vault: &str, refusal: Option<Refusal>) {
        let mut all = self.0.lock();
        match refusal {
            Some(refusal) => all.insert(vault.to_lowercase(), refusal),
            None => all.remove(&vault.to_lowercase()),
        };
    }
}
