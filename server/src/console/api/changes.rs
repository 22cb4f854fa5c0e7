//! [`ChangesApi`] for a signed-in person: checks the right, then calls the responsible module.

use crate::console::SignedIn;
use crate::console::knowing::learning;
use app::port::ChangeView;
use app::port::ChangesApi;
use app::port::ChangesView;
use app::port::Result;
use domain::change::ChangeId;
use domain::change::event::SubjectHash;
use domain::change::proposal::Act;
use domain::change::proposal::Words;
use domain::user::Right;

#[async_trait::async_trait]
impl ChangesApi for SignedIn {
    async fn changes(&self) -> Result<ChangesView> {
        self.require(Right::See).await?;
        self.view_changes().await
    }

    async fn changes_for_me(&self) -> Result<usize> {
        let open = self.services.changes.open();
        Ok(open.iter().filter(|row| self.waits_for_me(row)).count())
    }

    async fn change(&self, id: &ChangeId) -> Result<ChangeView> {
        self.require(Right::See).await?;
        learning(self.view_change(id)).await
    }

    async fn decide_change(
        &self,
        id: &ChangeId,
        act: Act,
        seen: &SubjectHash,
        comment: Option<Words>,
    ) -> Result<()> {
        learning(Box::pin(self.act_on(id, act, seen, comment.as_ref()))).await
    }
}
