//! A record of broken glass and its acknowledgement.

use super::{GlassId, SetAside};
use crate::ids::{ChangeId, RunId};
use crate::policy::Policy;
use crate::stage::EndpointKey;
use crate::timestamp::Timestamp;
use crate::user::Person;
use crate::user::{Right, User};
use serde::{Deserialize, Serialize};

/// The acknowledgement of broken glass.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acknowledged {
    pub by: Person,
    pub at: Timestamp,
    pub comment: Option<String>,
    /// The entry of the ledger that says so.
    pub entry: u64,
}

/// One use of break glass.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Broken {
    pub id: GlassId,
    pub on: EndpointKey,
    pub run: RunId,
    /// A short description of the run.
    pub title: String,
    pub by: Person,
    pub at: Timestamp,
    pub reason: String,
    /// The rules that were overridden.
    pub set_aside: Vec<SetAside>,
    /// The pending change that the run applies, if any.
    pub change: Option<ChangeId>,
    /// The entry of the ledger that says so.
    pub entry: u64,
    /// `None` until another person acknowledges it; a banner shows until then.
    pub acknowledged: Option<Acknowledged>,
}

impl Broken {
    /// Why a user may not acknowledge this; `None` if allowed. All accounts of one person count as one person.
    #[must_use]
    pub fn why_not_acknowledge(&self, user: &User, policy: Option<&Policy>) -> Option<String> {
        let me = Person::from(user);
        let are_one = |policy: &Policy| policy.are_one_person(&self.by.username, &me.username);
        if let Some(Acknowledged { by, at, .. }) = &self.acknowledged {
            return Some(format!("{} acknowledged it at {}.", by.name, at.utc()));
        }
        if let Some(why) = user.why_not(Right::AcknowledgeGlass) {
            return Some(why);
        }
        if self.by.id == me.id {
            return Some(
                "You broke this glass yourself. Another person must acknowledge it.".to_owned(),
            );
        }
        policy.is_some_and(are_one).then(|| {
            format!(
                "By the stage's policy you and {}, who broke this glass, are the same person. Another person must \
                 acknowledge it.",
                self.by.name
            )
        })
    }
}
