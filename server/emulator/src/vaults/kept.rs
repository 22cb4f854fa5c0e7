//! Vaults and their secrets in the state. Times are Unix seconds of the emulator's clock.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A vault.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Vault {
    pub name: String,
    pub location: String,
    pub tags: Map<String, Value>,
    pub created_at: String,
    pub created_by: String,
    /// How long a deleted secret can be recovered, in days (7 to 90).
    pub retention_days: i64,
    /// Whether deleted secrets cannot be purged.
    pub is_purge_protected: bool,
    /// By name in lower case.
    pub secrets: BTreeMap<String, Secret>,
}

/// A secret.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Secret {
    /// As it was first written.
    pub name: String,
    /// In the order of their creation; never empty.
    pub versions: Vec<Version>,
    pub deleted: Option<Deleted>,
}

/// A version of a secret.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Version {
    /// 32 hexadecimal digits.
    pub id: String,
    /// The encrypted value.
    pub sealed: String,
    pub content_type: Option<String>,
    pub is_enabled: bool,
    pub not_before: Option<i64>,
    pub expires: Option<i64>,
    pub tags: Map<String, Value>,
    pub created: i64,
    pub updated: i64,
}

/// When a secret was deleted, and when it is purged.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Deleted {
    pub at: i64,
    pub purged_at: i64,
}

impl Vault {
    /// A secret that exists, and is not deleted.
    pub fn secret(&self, name: &str) -> Option<&Secret> {
        self.secrets.get(&name.to_lowercase()).filter(|secret| secret.deleted.is_none())
    }

    /// A secret that is deleted and can be recovered.
    pub fn deleted(&self, name: &str, now: i64) -> Option<(&Secret, Deleted)> {
        let secret = self.secrets.get(&name.to_lowercase())?;
        secret.deleted.filter(|deleted| deleted.purged_at > now).map(|deleted| (secret, deleted))
    }

    /// Removes secrets whose time of recovery has ended.
    pub fn purge(&mut self, now: i64) {
        let is_kept = |secret: &Secret| secret.deleted.is_none_or(|d| d.purged_at > now);
        self.secrets.retain(|_, secret| is_kept(secret));
    }
}

impl Secret {
    /// A version, or the newest one for an empty id.
    pub fn version(&self, id: &str) -> Option<&Version> {
        match id {
            "" => self.versions.last(),
            id => self.versions.iter().find(|version| version.id.eq_ignore_ascii_case(id)),
        }
    }
}
