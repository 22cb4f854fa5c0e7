//! The people in the emulated tenant: one per role, and one without a role.

use uuid::Uuid;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Account {
    /// The value of the account picker, also valid as `login_hint`.
    pub id: &'static str,
    pub name: &'static str,
    /// The role, for the page.
    pub role: &'static str,
    /// The value of the `roles` claim.
    pub app_role: Option<&'static str>,
    number: u128,
}

const fn account(
    id: &'static str,
    name: &'static str,
    role: &'static str,
    app_role: Option<&'static str>,
    number: u128,
) -> Account {
    Account { id, name, role, app_role, number }
}

/// All accounts.
pub const ACCOUNTS: [Account; 6] = [
    account("dana", "Dana Scott", "Data scientist", Some("Understudy.DataScientist"), 1),
    account("leo", "Leo Lead", "Lead", Some("Understudy.Lead"), 2),
    account("ada", "Ada Auditor", "Auditor", Some("Understudy.Auditor"), 3),
    account("vera", "Vera Viewer", "Viewer", Some("Understudy.Viewer"), 4),
    account("amir", "Amir Admin", "Admin", Some("Understudy.Admin"), 5),
    account("nora", "Nora Norole", "No role", None, 6),
];

impl Account {
    /// The account with this id, user name or object id.
    pub fn find(text: &str) -> Option<Self> {
        let text = text.trim().to_lowercase();
        ACCOUNTS.into_iter().find(|account| {
            account.id == text || account.user_name() == text || account.oid() == text
        })
    }

    /// `preferred_username` and `email`.
    pub fn user_name(&self) -> String {
        format!("{}@anet.example", self.id)
    }

    /// `oid`, the same at every start.
    pub fn oid(&self) -> String {
        Uuid::from_u128(0x0a0a_0000_0000_4000_8000_0000_0000_0000 + self.number).to_string()
    }

    /// `sub`, pairwise per app.
    pub fn subject(&self, client: &str) -> String {
        use base64::Engine;
        use sha2::Digest;
        let digest = sha2::Sha256::digest(format!("{}/{client}", self.oid()));
        base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(digest)
    }
}
