//! What a sign-in granted, stored behind a one-time code or in a signed refresh token.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use time::OffsetDateTime;

use super::accounts::Account;
use super::{CLIENT_ID, Entra, now};

/// How long a code can be redeemed.
pub const CODE_S: i64 = 60;
/// Lifetimes on the wire.
pub const ACCESS_TOKEN_S: i64 = 3_599;
const ID_TOKEN_S: i64 = 3_600;
const REFRESH_TOKEN_S: i64 = 90 * 24 * 3_600;

/// What a code stands for.
#[derive(Clone, Debug)]
pub struct Grant {
    pub account: Account,
    /// The redirect URI to which the code was sent.
    pub redirect_uri: String,
    /// PKCE's S256 challenge.
    pub challenge: String,
    pub nonce: Option<String>,
    pub scope: String,
    /// The time on the emulator's clock.
    pub issued_at: OffsetDateTime,
}

impl Grant {
    /// Whether the code is still valid.
    pub fn is_fresh(&self, now: OffsetDateTime) -> bool {
        (now - self.issued_at).whole_seconds() <= CODE_S
    }

    /// Whether this verifier matches the challenge.
    pub fn is_verified_by(&self, verifier: &str) -> bool {
        (43..=128).contains(&verifier.len())
            && URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes())) == self.challenge
    }
}

/// A scope that names a resource, for example `https://management.azure.com/.default`.
pub fn resource(scope: &str) -> Option<String> {
    let named = scope.split_whitespace().find(|part| part.contains("://"))?;
    let resource = named.strip_suffix("/.default").or_else(|| named.rsplit_once('/').map(|p| p.0));
    Some(resource.unwrap_or(named).trim_end_matches('/').to_owned())
}

fn has(scope: &str, wanted: &str) -> bool {
    scope.split_whitespace().any(|part| part == wanted)
}

impl Entra {
    /// The ID token's claims.
    fn id_claims(&self, base: &str, account: &Account, scope: &str, nonce: Option<&str>) -> Value {
        let now = now();
        let mut claims = json!({
            "aud": CLIENT_ID,
            "iss": self.issuer(base),
            "iat": now,
            "nbf": now,
            "exp": now + ID_TOKEN_S,
            "tid": self.tenant,
            "sub": account.subject(CLIENT_ID),
            "uti": super::random_text()[..22],
            "ver": "2.0",
        });
        if let Some(nonce) = nonce {
            claims["nonce"] = json!(nonce);
        }
        if has(scope, "profile") {
            claims["oid"] = json!(account.oid());
            claims["name"] = json!(account.name);
            claims["preferred_username"] = json!(account.user_name());
        }
        if has(scope, "email") {
            claims["email"] = json!(account.user_name());
        }
        let roles = self.roles_of(account);
        if !roles.is_empty() {
            claims["roles"] = json!(roles);
        }
        claims
    }

    /// The answer to a redeemed code or refresh token.
    pub fn user_tokens(
        &self,
        base: &str,
        account: &Account,
        scope: &str,
        nonce: Option<&str>,
    ) -> Result<Value, jsonwebtoken::errors::Error> {
        let now = now();
        let audience = resource(scope).unwrap_or_else(|| "https://graph.microsoft.com".to_owned());
        let access = json!({
            "aud": audience, "iss": self.issuer(base), "iat": now, "nbf": now,
            "exp": now + ACCESS_TOKEN_S, "tid": self.tenant, "oid": account.oid(),
            "sub": account.subject(CLIENT_ID), "name": account.name, "upn": account.user_name(),
            "appid": CLIENT_ID, "scp": "user_impersonation", "ver": "1.0",
        });
        let mut answer = self.answer(scope, &access)?;
        if has(scope, "openid") {
            let claims = self.misstated(self.id_claims(base, account, scope, nonce));
            answer["id_token"] = json!(self.keys.sign(&claims)?);
        }
        if has(scope, "offline_access") {
            let claims = json!({
                "use": "refresh", "account": account.id, "scope": scope, "aud": CLIENT_ID,
                "iss": self.issuer(base), "exp": now + REFRESH_TOKEN_S,
                "jti": super::random_text(),
            });
            answer["refresh_token"] = json!(self.keys.sign(&claims)?);
        }
        Ok(answer)
    }

    /// The answer to client credentials.
    pub fn app_tokens(
        &self,
        base: &str,
        scope: &str,
    ) -> Result<Value, jsonwebtoken::errors::Error> {
        let now = now();
        let access = json!({
            "aud": resource(scope), "iss": self.issuer(base), "iat": now, "nbf": now,
            "exp": now + ACCESS_TOKEN_S, "tid": self.tenant, "oid": CLIENT_ID, "sub": CLIENT_ID,
            "appid": CLIENT_ID, "idtyp": "app", "ver": "1.0",
        });
        self.answer(scope, &access)
    }

    fn answer(&self, scope: &str, access: &Value) -> Result<Value, jsonwebtoken::errors::Error> {
        Ok(json!({
            "token_type": "Bearer",
            "scope": scope,
            "expires_in": ACCESS_TOKEN_S,
            "ext_expires_in": ACCESS_TOKEN_S,
            "access_token": self.keys.sign(access)?,
        }))
    }

    /// The owner of a refresh token, and its scopes.
    pub fn refreshed(&self, token: &str) -> Option<(Account, String)> {
        let claims = self.keys.verify(token)?;
        let is_good = claims["use"] == "refresh" && claims["exp"].as_i64()? > now();
        let account = Account::find(claims["account"].as_str()?)?;
        is_good.then(|| (account, claims["scope"].as_str().unwrap_or_default().to_owned()))
    }
}
