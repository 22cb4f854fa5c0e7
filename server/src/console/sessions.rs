//! Shows and ends sessions: a person's own, and for administrators everybody's.

use super::SignedIn;
use crate::entries;
use crate::entries::Principal;
use crate::error::{OrInternal as _, internal};
use crate::store::sessions::{StoredSession, Which};
use app::error::ConsoleError;
use app::port::{Everybody, Result, SessionView, SessionsView};
use domain::session::{Ending, Handle, browser};
use domain::user::{Right, User};

/// Maximum number of sessions in an administrator's list; others can be found by name.
const SHOWN_MAX: i64 = 100;
/// Maximum length of a search for a name, in characters.
const FIND_CHARS_MAX: usize = 100;

impl SignedIn {
    pub(super) async fn view_sessions(&self, find: &str) -> Result<SessionsView> {
        let unreadable = |error| internal("sessions cannot be read", &error);
        let store = &self.services.sessions;
        let own = store.of(&self.principal.id()).await.map_err(unreadable)?;
        let everybody = match self.principal.may(Right::EndSessions) {
            false => None,
            true => {
                let find: String = find.trim().chars().take(FIND_CHARS_MAX).collect();
                let (shown, found) = store.search(&find, SHOWN_MAX).await.map_err(unreadable)?;
                Some(Everybody { find, shown: self.shown(shown)?, found })
            }
        };
        Ok(SessionsView { now: self.services.clock.now(), own: self.shown(own)?, everybody })
    }

    pub(super) async fn end(&self, which: Ending) -> Result<u64> {
        let me = self.principal.id();
        if which == Ending::OwnOthers {
            let others = Which::Others { person: &me, but: &self.session };
            return self.end_of(&self.principal.user, others).await;
        }
        let (handle, all) = match &which {
            Ending::One(handle) => (handle, false),
            Ending::AllOf(handle) => (handle, true),
            Ending::OwnOthers => return Ok(0),
        };
        let handle = handle.to_string();
        let found =
            self.services.sessions.named(&handle).await.or_internal("sessions cannot be read")?;
        let whose = found.map(|kept| (person(&kept.user), kept.user));
        // People without the right must not learn whether the session exists.
        if whose.as_ref().is_none_or(|(id, _)| *id != me) {
            self.require(Right::EndSessions).await?;
        }
        let Some((id, user)) = whose else {
            return Err(ConsoleError::NotFound(
                "This session has already ended. Nothing was changed.".to_owned(),
            ));
        };
        self.end_of(&user, if all { Which::All(&id) } else { Which::One(&handle) }).await
    }

    async fn end_of(&self, whose: &User, which: Which<'_>) -> Result<u64> {
        let now = self.services.clock.now();
        let entry = |count| entries::sessions_ended(&self.principal, whose, count, now);
        self.services.sessions.end_with(which, entry).await.or_internal("a session cannot be ended")
    }

    fn shown(&self, kept: Vec<StoredSession>) -> Result<Vec<SessionView>> {
        let view = |kept: StoredSession| {
            let handle = kept.handle.parse::<Handle>().or_internal("a handle")?;
            Ok(SessionView {
                is_this: kept.handle == self.session,
                handle,
                user: kept.user,
                browser: browser(&kept.agent),
                address: kept.address,
                signed_in: kept.signed_in,
                seen: kept.seen,
            })
        };
        kept.into_iter().map(view).collect()
    }
}

/// Tenant and object ID, which identify a person permanently.
fn person(user: &User) -> String {
    Principal { user: user.clone(), request: String::new() }.id()
}
