//! Tokens: who they act for, what they may do, and until when.

use std::collections::BTreeMap;

use http::StatusCode;
use serde::{Deserialize, Serialize};

use super::answer::Refusal;
use crate::entra::random_text;

/// The highest number of tokens besides the first one. Expired ones make room.
const TOKENS_MAX: usize = 1_000;
/// Permissions that tokens can have here (docs.github.com, permissions required for fine-grained access tokens).
pub const PERMISSIONS: [&str; 8] = [
    "actions",
    "administration",
    "contents",
    "deployments",
    "environments",
    "metadata",
    "pull_requests",
    "workflows",
];

/// What a permission allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    Read,
    Write,
}

/// Levels by permission.
pub type Permissions = BTreeMap<String, Level>;

/// The kind of a token, which its prefix shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kind {
    /// `ghp_`: may do everything that its owner may.
    Classic,
    /// `github_pat_`: a person's, with chosen permissions.
    FineGrained,
    /// `ghs_`: an app's installation's.
    Installation,
}

/// A token that was given out.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Grant {
    pub kind: Kind,
    pub login: String,
    pub permissions: Permissions,
    /// Seconds since 1970, by the machine's clock.
    pub expires_at: Option<i64>,
}

/// Who makes a request, and what they may do.
#[derive(Clone, Debug)]
pub struct Caller {
    pub kind: Kind,
    pub login: String,
    permissions: Permissions,
}

/// What an endpoint needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Need(pub &'static str, pub Level);

impl Caller {
    /// The owner of the first token.
    pub fn owner() -> Self {
        let login = super::users::OWNER.login.to_owned();
        Self { kind: Kind::Classic, login, permissions: Permissions::new() }
    }

    /// Whether the caller is a person, not an app.
    pub fn is_person(&self) -> bool {
        self.kind != Kind::Installation
    }

    /// Refuses a caller without a permission, as GitHub does: what cannot be read does not exist.
    pub fn check(&self, Need(permission, level): Need) -> Result<(), Refusal> {
        let has = self.permissions.get(permission).copied();
        // Every token can read a repository's metadata.
        let has = has.or((permission == "metadata").then_some(Level::Read));
        if self.kind == Kind::Classic || has >= Some(level) {
            return Ok(());
        }
        let refusal = if permission == "contents" && level == Level::Read {
            Refusal::not_found()
        } else {
            self.forbidden()
        };
        let word = if level == Level::Write { "write" } else { "read" };
        Err(refusal.needing(format!("{permission}={word}")))
    }

    /// 403: the token's kind or permissions are not enough.
    pub fn forbidden(&self) -> Refusal {
        let what = match self.kind {
            Kind::Installation => "integration",
            Kind::Classic | Kind::FineGrained => "personal access token",
        };
        Refusal::new(StatusCode::FORBIDDEN, format!("Resource not accessible by {what}"))
    }
}

/// The tokens besides the first one, by their text.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Tokens(BTreeMap<String, Grant>);

impl Tokens {
    /// Gives out a token; `None` if there are too many.
    pub fn add(&mut self, grant: Grant, now: i64) -> Option<String> {
        self.0.retain(|_, grant| grant.expires_at.is_none_or(|end| end > now));
        if self.0.len() >= TOKENS_MAX {
            return None;
        }
        let text = random_text();
        let token = match grant.kind {
            Kind::Classic => format!("ghp_{}", &text[..36]),
            Kind::FineGrained => format!("github_pat_{}_{text}", &random_text()[..22]),
            Kind::Installation => format!("ghs_{}", &text[..36]),
        };
        self.0.insert(token.clone(), grant);
        Some(token)
    }

    /// Revokes all of them.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// Who a token acts for, unless it has expired.
    pub fn caller(&self, token: &str, now: i64) -> Option<Caller> {
        let grant = self.0.get(token)?;
        let Grant { kind, login, permissions, expires_at } = grant.clone();
        expires_at.is_none_or(|end| end > now).then_some(Caller { kind, login, permissions })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caller(kind: Kind, permissions: &[(&str, Level)]) -> Caller {
        let permissions = permissions.iter().map(|(name, level)| ((*name).to_owned(), *level));
        Caller { kind, login: "x".to_owned(), permissions: permissions.collect() }
    }

    #[test]
    fn a_permission_to_write_includes_reading_and_not_the_reverse() {
        let reader = caller(Kind::FineGrained, &[("actions", Level::Read)]);
        let writer = caller(Kind::Installation, &[("actions", Level::Write)]);
        assert!(reader.check(Need("actions", Level::Read)).is_ok());
        assert!(writer.check(Need("actions", Level::Read)).is_ok());
        assert!(writer.check(Need("metadata", Level::Read)).is_ok());
        let refused = reader.check(Need("actions", Level::Write)).expect_err("it may only read");
        assert_eq!(refused.status, StatusCode::FORBIDDEN);
        assert_eq!(refused.message, "Resource not accessible by personal access token");
        let hidden = writer.check(Need("contents", Level::Read)).expect_err("it may not read");
        assert_eq!(hidden.status, StatusCode::NOT_FOUND);
        let refused = writer.check(Need("contents", Level::Write)).expect_err("nor write");
        assert_eq!(refused.message, "Resource not accessible by integration");
        assert!(caller(Kind::Classic, &[]).check(Need("contents", Level::Write)).is_ok());
    }

    #[test]
    fn tokens_expire_and_can_be_revoked() {
        let mut tokens = Tokens::default();
        let grant = Grant {
            kind: Kind::Installation,
            login: "x".to_owned(),
            permissions: Permissions::new(),
            expires_at: Some(100),
        };
        let token = tokens.add(grant, 0).expect("room");
        assert!(token.starts_with("ghs_") && token.len() == 40);
        assert!(tokens.caller(&token, 99).is_some() && tokens.caller(&token, 100).is_none());
        tokens.clear();
        assert!(tokens.caller(&token, 1).is_none());
    }
}
