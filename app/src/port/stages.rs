//! Stages: their rules, and freezing them.

use super::Result;
use super::changes::StageRules;
use async_trait::async_trait;
use domain::change::proposal::Words;
use domain::name::StageName;

/// Stages: their rules, and freezing them.
#[async_trait]
pub trait StagesApi: Send + Sync {
    /// A stage's rules, gate, open changes and webhooks.
    async fn stage(&self, name: &StageName) -> Result<StageRules>;
    /// Freezes a stage, so that no change starts.
    async fn freeze(&self, name: &StageName, reason: Words) -> Result<()>;
    /// Unfreezes a stage.
    async fn thaw(&self, name: &StageName, reason: Words) -> Result<()>;
}
