//! [`SessionsApi`] for a signed-in person: checks the right, then calls the responsible module.

use crate::console::SignedIn;
use app::port::Account;
use app::port::Result;
use app::port::SessionsApi;
use app::port::SessionsView;
use domain::concern::Concern;
use domain::session::Ending;
use domain::user::Right;

#[async_trait::async_trait]
impl SessionsApi for SignedIn {
    fn account(&self) -> Account {
        Account {
            user: self.principal.user.clone(),
            signed_in: self.signed_in,
            ends: self.ends,
            idle_minutes: self.idle_minutes,
            now: self.services.clock.now(),
        }
    }

    async fn check_right(&self, right: Right, what: &str, concern: &Concern) -> Result<()> {
        self.require_to(right, what, concern).await
    }

    async fn sessions(&self, find: &str) -> Result<SessionsView> {
        self.view_sessions(find).await
    }

    async fn end_sessions(&self, which: Ending) -> Result<u64> {
        self.end(which).await
    }
}
