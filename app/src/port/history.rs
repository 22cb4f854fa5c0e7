//! Views of the account and of the ledger.

use super::Result;
use async_trait::async_trait;
use domain::history::LiveAt;
use domain::history::Verdict;
use domain::history::{Checked, Record};
use domain::history_filter::Filter;
use domain::notification::Health;
use domain::stage::EndpointKey;
use domain::timestamp::Timestamp;
use domain::user::User;
use serde::{Deserialize, Serialize};

/// The signed-in person and their current session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    pub user: User,
    pub signed_in: Timestamp,
    /// When the session ends even if it is not idle.
    pub ends: Timestamp,
    /// Minutes without a request after which the session ends.
    pub idle_minutes: u32,
    pub now: Timestamp,
}

/// One page of the history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryView {
    pub now: Timestamp,
    pub endpoints: Vec<EndpointKey>,
    /// The entries that match the filter, newest first.
    pub records: Vec<Record>,
    pub has_more: bool,
    pub size: u64,
    pub may_not_export: Option<String>,
    /// The health of the checkpoint webhook, if one is configured.
    pub webhook: Option<Health>,
    /// The result of the latest verification of the stored ledger; `None` before the first.
    pub checked: Option<Checked>,
}

/// One entry of the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryEntry {
    pub now: Timestamp,
    pub record: Record,
    /// The stored line, whose bytes are hashed.
    pub line: String,
    /// The line's hash, in base64 like all hashes here.
    pub leaf: String,
    pub size: u64,
    pub root: String,
    /// The hashes from the leaf to the root (RFC 6962).
    pub path: Vec<String>,
}

/// The ledger: reading and verifying it.
#[async_trait]
pub trait HistoryApi: Send + Sync {
    /// A page of the ledger's entries.
    async fn history(&self, filter: &Filter) -> Result<HistoryView>;
    /// One entry of the ledger, with its inclusion proof.
    async fn history_entry(&self, index: u64) -> Result<HistoryEntry>;
    /// What was live on an endpoint at a time, according to the ledger.
    async fn live_at(&self, at: &EndpointKey, time: Timestamp) -> Result<LiveAt>;
    /// Verifies the stored ledger.
    async fn verify_history(&self) -> Result<Verdict>;
}
