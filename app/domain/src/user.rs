//! Users, roles and rights.

use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A role. The configuration maps Entra app roles to roles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Role {
    /// May see everything and change nothing.
    Viewer,
    /// May propose changes, and apply them if no approval is required.
    DataScientist,
    /// May approve, stop and freeze.
    Lead,
    /// May export and verify the audit log.
    Auditor,
    /// Administers the console.
    Admin,
}

impl Role {
    /// All roles.
    pub const ALL: [Self; 5] =
        [Self::Viewer, Self::DataScientist, Self::Lead, Self::Auditor, Self::Admin];

    /// The role's name on screens.
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

/// A right, granted by roles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Right {
    /// See endpoints, deployments, logs and traffic.
    See,
    /// Send a test request to a deployment, and capture evidence of it.
    Test,
    /// Build images, cancel builds, and archive images.
    Build,
    /// Propose a change.
    Propose,
    /// Apply a change to a stage that is not protected.
    ApplyUnprotected,
    /// Approve or reject a change on a protected stage.
    Approve,
    /// Start a change that was approved.
    Start,
    /// Roll back to the last good route.
    RollBack,
    /// Freeze a stage.
    Freeze,
    /// Break glass: override a stage's policy.
    BreakGlass,
    /// Acknowledge that another person broke glass.
    AcknowledgeGlass,
    /// Export and verify the ledger.
    Export,
    /// End other people's sessions.
    EndSessions,
}

impl Right {
    /// All rights, in the order of the table.
    pub const ALL: [Self; 13] = [
        Self::See,
        Self::Test,
        Self::Build,
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

    /// The right as the completion of "may …".
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::See => "see endpoints, deployments, logs and traffic",
            Self::Test => "send test requests and capture evidence",
            Self::Build => "build and archive images",
            Self::Propose => "propose changes",
            Self::ApplyUnprotected => "apply changes to unprotected stages",
            Self::Approve => "approve or reject changes on protected stages",
            Self::Start => "start approved changes",
            Self::RollBack => "roll back to the last good route",
            Self::Freeze => "freeze and unfreeze a stage",
            Self::BreakGlass => "break glass",
            Self::AcknowledgeGlass => "acknowledge broken glass",
            Self::Export => "export and verify the audit log",
            Self::EndSessions => "end other people's sessions",
        }
    }

    /// The roles that have this right.
    #[must_use]
    pub fn roles(self) -> &'static [Role] {
        use Role::{Admin, Auditor, DataScientist, Lead};
        match self {
            Self::See => &Role::ALL,
            Self::Test
            | Self::Build
            | Self::Propose
            | Self::ApplyUnprotected
            | Self::Start
            | Self::RollBack => &[DataScientist, Lead],
            Self::Approve => &[Lead],
            Self::Freeze | Self::BreakGlass => &[Lead, Admin],
            Self::AcknowledgeGlass => &[DataScientist, Lead, Auditor, Admin],
            Self::Export => &[Lead, Auditor, Admin],
            Self::EndSessions => &[Admin],
        }
    }
}

/// A signed-in person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// Entra's tenant id. Tenant and object id identify the person; names and addresses can change.
    pub tenant: String,
    /// Entra's object id of the person.
    pub object: String,
    pub name: String,
    /// The sign-in name; for display only.
    pub username: String,
    /// May be empty.
    pub roles: BTreeSet<Role>,
}

impl User {
    /// Whether any of the user's roles has the right.
    #[must_use]
    pub fn may(&self, right: Right) -> bool {
        right.roles().iter().any(|role| self.roles.contains(role))
    }

    /// The sentence to show if the user lacks the right; `None` otherwise.
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

/// A person, with the names that they had at the time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// Entra's tenant and object id, which never change.
    pub id: String,
    pub name: String,
    /// The sign-in name.
    pub username: String,
}

impl From<&User> for Person {
    fn from(user: &User) -> Self {
        Self {
            id: format!("{}/{}", user.tenant, user.object),
            name: user.name.clone(),
            username: user.username.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One row per right, with columns Viewer, DataScientist, Lead, Auditor, Admin.
    #[test]
    fn the_rights_table_holds() {
        let table: [(Right, [bool; 5]); 13] = [
            (Right::See, [true; 5]),
            (Right::Test, [false, true, true, false, false]),
            (Right::Build, [false, true, true, false, false]),
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
    fn a_user_without_roles_has_no_rights() {
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
