//! Views of people's sessions and of what was recorded.

use crate::domain::history::{Checked, Record};
use crate::domain::notification::Health;
use crate::domain::stage::EndpointKey;
use crate::domain::timestamp::Timestamp;
use crate::domain::user::User;
use serde::{Deserialize, Serialize};

/// One of a person's sessions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Who.
    pub user: User,
    /// When they signed in.
    pub signed_in: Timestamp,
    /// When the session ends at the latest.
    pub ends: Timestamp,
    /// Minutes without a request after which it ends.
    pub idle_minutes: u32,
    /// The server's clock.
    pub now: Timestamp,
}

/// One page of what was recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryView {
    /// The server's clock, from which ages are computed.
    pub now: Timestamp,
    /// The endpoints there are, to choose from.
    pub endpoints: Vec<EndpointKey>,
    /// The entries that the filter lets through, newest first.
    pub records: Vec<Record>,
    /// Whether there are older ones.
    pub has_more: bool,
    /// Entries in the ledger.
    pub size: u64,
    /// Why this person may not export and verify; `None` when they may.
    pub may_not_export: Option<String>,
    /// How the webhook for checkpoints is doing; `None` when there is none.
    pub webhook: Option<Health>,
    /// What the latest verification of the stored ledger found; `None` before the first.
    pub checked: Option<Checked>,
}

/// One entry of the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryEntry {
    /// The server's clock, from which ages are computed.
    pub now: Timestamp,
    /// What it says.
    pub record: Record,
    /// How it is written: the bytes that are hashed.
    pub line: String,
    /// Their hash, in base64 as all hashes here.
    pub leaf: String,
    /// Entries in the tree.
    pub size: u64,
    /// The tree's root.
    pub root: String,
    /// The hashes that lead from the leaf to the root (RFC 6962).
    pub path: Vec<String>,
}
