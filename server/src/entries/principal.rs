//! Who makes a request, and what they may do.

use domain::run::RunId;
use domain::user::{Right, User};
use std::collections::BTreeSet;

/// The person, or the console itself, that makes a request. It carries the person's rights, wherever it comes from: a
/// session, a change's schedule, or the policy of a stage.
#[derive(Debug, Clone)]
pub struct Principal {
    pub user: User,
    /// The request's id, as in the log.
    pub request: String,
}

/// The id of the console itself, for runs that no person started.
pub const CONSOLE: &str = "console";

impl Principal {
    /// Tenant id and object id, which identify a person permanently; or [`CONSOLE`].
    #[must_use]
    pub fn id(&self) -> String {
        match self.is_person() {
            true => format!("{}/{}", self.user.tenant, self.user.object),
            false => CONSOLE.to_owned(),
        }
    }

    /// The stage's policy as the origin of a request during the bake of a run.
    #[must_use]
    pub fn policy(run: &RunId) -> Self {
        let none = String::new;
        let name = "The stage’s policy".to_owned();
        let roles = BTreeSet::new();
        let user = User { tenant: none(), object: none(), name, username: none(), roles };
        Self { user, request: format!("bake of {run}") }
    }

    /// Whether the person has a right.
    #[must_use]
    pub fn may(&self, right: Right) -> bool {
        self.user.may(right)
    }

    /// The sentence to show if the person lacks a right; `None` otherwise.
    #[must_use]
    pub fn why_not(&self, right: Right) -> Option<String> {
        self.user.why_not(right)
    }

    /// Whether a person made the request, and not the console.
    #[must_use]
    pub fn is_person(&self) -> bool {
        !self.user.object.is_empty()
    }
}
