//! Who is signed in, and what they may do: the rights table.

use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A role, given by Entra app roles through the configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Role {
    /// Sees everything, changes nothing.
    Viewer,
    /// Proposes changes, applies them where no approval is needed.
    DataScientist,
    /// Approves, stops, freezes.
    Lead,
    /// Exports and verifies the record.
    Auditor,
    /// Keeps the console itself.
    Admin,
}

impl Role {
    /// All roles.
    pub const ALL: [Self; 5] =
        [Self::Viewer, Self::DataScientist, Self::Lead, Self::Auditor, Self::Admin];

    /// For people.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Viewer => "Viewer",
            Self::DataScientist => "Data scientist",
            Self::Lead => "Lead",
            Self::Auditor => "Auditor",
            Self::Admin => "Admin",
        }
    }
}

/// Something one may or may not do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Right {
    /// See endpoints, deployments, logs and traffic.
    See,
    /// Send a test request to a deployment, and capture evidence of it.
    Test,
    /// Propose a change.
    Propose,
    /// Apply a change to a stage that is not protected.
    ApplyUnprotected,
    /// Approve or refuse a change on a protected stage.
    Approve,
    /// Start a change that was approved.
    Start,
    /// Go back to the last good route.
    RollBack,
    /// Freeze a stage.
    Freeze,
    /// Break glass: do at once what a stage's policy forbids.
    BreakGlass,
    /// Acknowledge that somebody else broke glass.
    AcknowledgeGlass,
    /// Export and verify the ledger.
    Export,
    /// End other people's sessions.
    EndSessions,
}

impl Right {
    /// All rights, in the order of the table.
    pub const ALL: [Self; 12] = [
        Self::See,
        Self::Test,
        Self::Propose,
        Self::ApplyUnprotected,
        Self::Approve,
        Self::Start,
        Self::RollBack,
        Self::Freeze,
        Self::BreakGlass,
        Self::AcknowledgeGlass,
        Self::Export,
        Self::EndSessions,
    ];

    /// What the right is for, completing "may …".
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::See => "see endpoints, deployments, logs and traffic",
            Self::Test => "send test requests and capture evidence",
            Self::Propose => "propose changes",
            Self::ApplyUnprotected => "apply changes to unprotected stages",
            Self::Approve => "approve or refuse changes on protected stages",
            Self::Start => "start approved changes",
            Self::RollBack => "roll back to the last good route",
            Self::Freeze => "freeze a stage",
            Self::BreakGlass => "break glass",
            Self::AcknowledgeGlass => "acknowledge broken glass",
            Self::Export => "export and verify the ledger",
            Self::EndSessions => "end other people's sessions",
        }
    }

    /// The roles that have it.
    #[must_use]
    pub fn roles(self) -> &'static [Role] {
        use Role::{Admin, Auditor, DataScientist, Lead};
        match self {
            Self::See => &Role::ALL,
            Self::Test | Self::Propose | Self::ApplyUnprotected | Self::Start | Self::RollBack => {
                &[DataScientist, Lead]
            }
            Self::Approve => &[Lead],
            Self::Freeze | Self::BreakGlass => &[Lead, Admin],
            Self::AcknowledgeGlass => &[DataScientist, Lead, Auditor, Admin],
            Self::Export => &[Lead, Auditor, Admin],
            Self::EndSessions => &[Admin],
        }
    }
}

/// A person who has signed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// Entra's tenant id. With `object` it identifies the person; names and addresses change.
    pub tenant: String,
    /// Entra's object id of the person.
    pub object: String,
    /// The name to show.
    pub name: String,
    /// The name they sign in with; for display only.
    pub username: String,
    /// Their roles; may be empty.
    pub roles: BTreeSet<Role>,
}

impl User {
    /// Whether any of their roles has the right.
    #[must_use]
    pub fn may(&self, right: Right) -> bool {
        right.roles().iter().any(|role| self.roles.contains(role))
    }

    /// The sentence shown when they lack the right; `None` when they have it.
    #[must_use]
    pub fn why_not(&self, right: Right) -> Option<String> {
        if self.may(right) {
            return None;
        }
        let who: Vec<_> = right.roles().iter().map(|role| role.label()).collect();
        let have: Vec<_> = self.roles.iter().map(|role| role.label()).collect();
        let have = if have.is_empty() { "none".to_owned() } else { have.join(", ") };
        Some(format!(
            "Only these roles may {}: {}. Your roles: {have}. An administrator assigns roles in Entra ID.",
            right.label(),
            who.join(", ")
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The table of the design document, one row per right: Viewer, DataScientist, Lead, Auditor, Admin.
    #[test]
    fn the_rights_table_holds() {
        let table: [(Right, [bool; 5]); 12] = [
            (Right::See, [true; 5]),
            (Right::Test, [false, true, true, false, false]),
            (Right::Propose, [false, true, true, false, false]),
            (Right::ApplyUnprotected, [false, true, true, false, false]),
            (Right::Approve, [false, false, true, false, false]),
            (Right::Start, [false, true, true, false, false]),
            (Right::RollBack, [false, true, true, false, false]),
            (Right::Freeze, [false, false, true, false, true]),
            (Right::BreakGlass, [false, false, true, false, true]),
            (Right::AcknowledgeGlass, [false, true, true, true, true]),
            (Right::Export, [false, false, true, true, true]),
            (Right::EndSessions, [false, false, false, false, true]),
        ];
        for (right, row) in table {
            for (role, expected) in Role::ALL.into_iter().zip(row) {
                let user = person([role]);
                assert_eq!(user.may(right), expected, "{role:?} {right:?}");
                assert_eq!(user.why_not(right).is_none(), expected);
            }
        }
    }

    #[test]
    fn nobody_without_a_role_may_anything() {
        let user = person([]);
        assert!(Right::ALL.into_iter().all(|right| !user.may(right)));
        assert!(user.why_not(Right::See).expect("a reason").contains("Your roles: none"));
    }

    fn person<const N: usize>(roles: [Role; N]) -> User {
        User {
            tenant: "t".to_owned(),
            object: "o".to_owned(),
            name: "N".to_owned(),
            username: "n@example.org".to_owned(),
            roles: BTreeSet::from(roles),
        }
    }
}
