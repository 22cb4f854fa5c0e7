//! Sessions for one signed-in person: their own, and for administrators everybody's.

use super::SignedIn;
use super::error::internal;
use crate::history::{Asker, facts};
use crate::store::sessions::{Kept, Which};
use app::domain::session::{Ending, Handle, browser};
use app::domain::user::{Right, User};
use app::error::ConsoleError;
use app::port::{Everybody, Result, SessionView, SessionsView};

/// Sessions of everybody that are shown at once; the others are found by name.
const SHOWN_MAX: i64 = 100;
/// Longest part of a name that is looked for.
const FIND_CHARS_MAX: usize = 100;

impl SignedIn {
    pub(super) async fn view_sessions(&self, find: &str) -> Result<SessionsView> {
        let unreadable = |error| internal("sessions cannot be read", &error);
        let store = &self.services.sessions;
        let own = store.of(&self.asker.id()).await.map_err(unreadable)?;
        let everybody = match self.asker.user.may(Right::EndSessions) {
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
        let me = self.asker.id();
        if which == Ending::OwnOthers {
            let others = Which::Others { person: &me, but: &self.session };
            return self.end_of(&self.asker.user, others).await;
        }
        let (handle, all) = match &which {
            Ending::One(handle) => (handle, false),
            Ending::AllOf(handle) => (handle, true),
            Ending::OwnOthers => return Ok(0),
        };
        let handle = handle.to_string();
        let found = self.services.sessions.named(&handle).await;
        let found = found.map_err(|error| internal("sessions cannot be read", &error))?;
        let whose = found.map(|kept| (person(&kept.user), kept.user));
        // Whether there is such a session is nobody's business who may not end it.
        if whose.as_ref().is_none_or(|(id, _)| *id != me) {
            self.require(Right::EndSessions).await?;
        }
        let Some((id, user)) = whose else {
            return Err(ConsoleError::NotFound(
                "This session has ended already. Nothing was changed.".to_owned(),
            ));
        };
        self.end_of(&user, if all { Which::All(&id) } else { Which::One(&handle) }).await
    }

    async fn end_of(&self, whose: &User, which: Which<'_>) -> Result<u64> {
        let now = self.services.clock.now();
        let entry = |count| facts::sessions_ended(&self.asker, whose, count, now);
        let ended = self.services.sessions.end_with(which, entry).await;
        ended.map_err(|error| internal("a session cannot be ended", &error))
    }

    fn shown(&self, kept: Vec<Kept>) -> Result<Vec<SessionView>> {
        let view = |kept: Kept| {
            let handle: Handle =
                kept.handle.parse().map_err(|error| internal("a handle", &error))?;
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

/// Directory and object, which name a person for ever.
fn person(user: &User) -> String {
    Asker { user: user.clone(), request: String::new() }.id()
}
