//! [`HistoryApi`] for a signed-in person: checks the right, then calls the responsible module.

use crate::console::SignedIn;
use app::port::HistoryApi;
use app::port::HistoryEntry;
use app::port::HistoryView;
use app::port::Result;
use domain::history::LiveAt;
use domain::history::Verdict;
use domain::history_filter::Filter;
use domain::stage::EndpointKey;
use domain::timestamp::Timestamp;
use domain::user::Right;

#[async_trait::async_trait]
impl HistoryApi for SignedIn {
    async fn history(&self, filter: &Filter) -> Result<HistoryView> {
        self.require(Right::See).await?;
        self.view_history(filter).await
    }

    async fn history_entry(&self, index: u64) -> Result<HistoryEntry> {
        self.require(Right::See).await?;
        self.view_history_entry(index).await
    }

    async fn live_at(&self, at: &EndpointKey, time: Timestamp) -> Result<LiveAt> {
        self.require(Right::See).await?;
        self.view_live_at(at, time).await
    }

    async fn verify_history(&self) -> Result<Verdict> {
        self.require(Right::Export).await?;
        self.check_history().await
    }
}
