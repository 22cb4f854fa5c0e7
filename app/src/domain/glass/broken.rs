//! Glass that was broken, and who acknowledged it.

use super::{GlassId, SetAside};
use crate::domain::change::event::Person;
use crate::domain::policy::Policy;
use crate::domain::run::RunId;
use crate::domain::stage::EndpointKey;
use crate::domain::timestamp::Timestamp;
use crate::domain::user::{Right, User};
use serde::{Deserialize, Serialize};

/// Who acknowledged that glass was broken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acknowledged {
    /// Who.
    pub by: Person,
    /// When.
    pub at: Timestamp,
    /// What they said, if they said something.
    pub comment: Option<String>,
    /// The entry of the ledger that says so.
    pub entry: u64,
}

/// One time that glass was broken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Broken {
    /// Its id.
    pub id: GlassId,
    /// On which endpoint.
    pub on: EndpointKey,
    /// The run that it began.
    pub run: RunId,
    /// What the run does, in a few words.
    pub title: String,
    /// Who broke it.
    pub by: Person,
    /// When.
    pub at: Timestamp,
    /// Why.
    pub reason: String,
    /// The rules that were set aside.
    pub set_aside: Vec<SetAside>,
    /// The entry of the ledger that says so.
    pub entry: u64,
    /// Who acknowledged it; `None` while a banner has to say so.
    pub acknowledged: Option<Acknowledged>,
}

impl Broken {
    /// Why somebody may not acknowledge it; `None` when they may. Accounts of one person are one person.
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
                "You broke this glass yourself. Somebody else has to acknowledge it.".to_owned(),
            );
        }
        policy.is_some_and(are_one).then(|| {
            format!(
                "By the stage's policy you and {}, who broke this glass, are one person. Somebody else has to \
                 acknowledge it.",
                self.by.name
            )
        })
    }
}
