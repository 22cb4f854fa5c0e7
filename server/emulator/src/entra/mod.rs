//! The tenant of Entra ID: its accounts, keys, and what it has granted. `sign_in` has its pages and
//! documents. Tokens use the machine's time, as do the clients that check them. Only the lifetime of an
//! authorization code follows the emulator's clock.

pub mod accounts;
pub mod grants;
pub mod keys;

use std::collections::HashMap;

use dataplane::{AuthVerdict, Clock};
use http::{HeaderMap, StatusCode, header};
use parking_lot::Mutex;
use rand::distr::{Alphanumeric, SampleString};
use serde_json::{Map, Value};
use time::OffsetDateTime;
use url::Url;

use crate::protocol::error::ArmError;
use grants::Grant;
use keys::Keys;

/// The console app's registration.
pub const CLIENT_ID: &str = "5a1d0c4e-0000-4000-8000-00000000c0de";

/// The tenant's state.
#[derive(Debug)]
pub struct Entra {
    pub tenant: String,
    pub keys: Keys,
    /// Redirect URIs of the console app; an empty list allows any URI on loopback.
    pub redirect_uris: Vec<String>,
    codes: Mutex<HashMap<String, Grant>>,
    /// App roles that were assigned by hand, by account; other accounts have their own.
    roles: Mutex<HashMap<&'static str, Vec<String>>>,
    /// Claims that replace the normal ones in ID tokens; null removes a claim.
    claims: Mutex<Map<String, Value>>,
}

/// A secret of 40 letters and digits.
pub fn random_text() -> String {
    Alphanumeric.sample_string(&mut rand::rng(), 40)
}

/// The machine's time, in seconds.
pub fn now() -> i64 {
    Clock::auto().now().unix_timestamp()
}

/// The bearer value of a request.
pub fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.trim().split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

/// What is wrong with a bearer token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TokenFault {
    Missing,
    /// It is not signed by us, or has expired.
    Invalid,
    /// It is for something else.
    Audience(String),
}

impl Entra {
    pub fn new(tenant: String, keys: Keys, redirect_uris: Vec<String>) -> Self {
        let (codes, roles, claims) = (Mutex::default(), Mutex::default(), Mutex::default());
        Self { tenant, keys, redirect_uris, codes, roles, claims }
    }

    /// `iss`
    pub fn issuer(&self, base: &str) -> String {
        format!("{base}/{}/v2.0", self.tenant)
    }

    /// Signs a token, or returns an error in ARM's format.
    pub fn signed(&self, claims: &Value) -> Result<String, ArmError> {
        self.keys.sign(claims).map_err(|error| {
            let text = format!("The token could not be signed: {error}.");
            ArmError::arm(StatusCode::INTERNAL_SERVER_ERROR, "InternalServerError", text)
        })
    }

    /// The caller of ARM. The emulator's own tokens must be valid; any other bearer value is accepted.
    pub fn caller(&self, headers: &HeaderMap, base: &str) -> Result<String, ArmError> {
        let is_arm = |audience: &str| {
            audience.trim_end_matches('/') == base
                || audience.starts_with("https://management.")
                || audience.starts_with("http://127.0.0.1")
                || audience.starts_with("http://localhost")
        };
        self.caller_for(headers, is_arm).map_err(ArmError::unauthenticated)
    }

    /// The caller of a service whose tokens have an audience of its own; otherwise like [`Entra::caller`].
    ///
    /// # Errors
    /// What is wrong with the token, in words.
    pub fn caller_for(
        &self,
        headers: &HeaderMap,
        is_audience: impl Fn(&str) -> bool,
    ) -> Result<String, &'static str> {
        let missing = "Authentication failed. The 'Authorization' header is missing or invalid.";
        let token = bearer(headers).ok_or(missing)?;
        if !self.keys.is_ours(token) {
            return Ok("Anonymous bearer".to_owned());
        }
        let claims = self.keys.verify(token);
        let claims = claims.ok_or("The access token's signature is not valid.")?;
        if claims["exp"].as_i64().unwrap_or(0) <= now() {
            return Err("The access token expiry UTC time has passed.");
        }
        if !is_audience(claims["aud"].as_str().unwrap_or_default()) {
            return Err("The access token has been obtained for the wrong audience.");
        }
        let name = claims["name"].as_str().or(claims["appid"].as_str());
        Ok(name.unwrap_or("Unknown").to_owned())
    }

    /// Who reads logs: the holder of a token for Log Analytics.
    ///
    /// # Errors
    /// What is wrong with the token.
    pub fn log_reader(&self, headers: &HeaderMap, base: &str) -> Result<String, TokenFault> {
        let token = bearer(headers).ok_or(TokenFault::Missing)?;
        if !self.keys.is_ours(token) {
            return Ok("Anonymous bearer".to_owned());
        }
        let claims = self.keys.verify(token).ok_or(TokenFault::Invalid)?;
        if claims["exp"].as_i64().unwrap_or(0) <= now() {
            return Err(TokenFault::Invalid);
        }
        let audience = claims["aud"].as_str().unwrap_or_default().trim_end_matches('/');
        let is_log = audience == base || audience.starts_with("https://api.loganalytics.");
        if !is_log {
            return Err(TokenFault::Audience(audience.to_owned()));
        }
        let name = claims["name"].as_str().or(claims["appid"].as_str());
        Ok(name.unwrap_or("Unknown").to_owned())
    }

    /// Judges a token of `…/token`. Its lifetime follows the emulator's clock.
    pub fn endpoint_token(&self, bearer: &str, name: &str, now: OffsetDateTime) -> AuthVerdict {
        let Some(claims) = self.keys.verify(bearer) else { return AuthVerdict::Refused };
        if claims["iss"] != "azureml" || claims["endpointName"] != name {
            return AuthVerdict::Refused;
        }
        if claims["exp"].as_i64().unwrap_or(0) <= now.unix_timestamp() {
            return AuthVerdict::Expired;
        }
        AuthVerdict::Accepted
    }

    /// Judges a bearer value on an AADToken endpoint. The emulator's own tokens must be for Azure ML's data
    /// plane; any other value is accepted, as with ARM.
    pub fn scoring_token(&self, bearer: &str) -> AuthVerdict {
        if !self.keys.is_ours(bearer) {
            return if bearer.is_empty() { AuthVerdict::Refused } else { AuthVerdict::Accepted };
        }
        match self.keys.verify(bearer) {
            None => AuthVerdict::Refused,
            Some(claims) if !is_for_scoring(&claims) => AuthVerdict::Refused,
            Some(claims) if claims["exp"].as_i64().unwrap_or(0) <= now() => AuthVerdict::Expired,
            Some(_) => AuthVerdict::Accepted,
        }
    }

    /// Whether this is a valid redirect URI of the console app.
    pub fn is_redirect_registered(&self, uri: &str) -> bool {
        if self.redirect_uris.is_empty() {
            is_loopback(uri)
        } else {
            self.redirect_uris.iter().any(|r| r == uri)
        }
    }

    /// Whether a browser may be redirected there after sign-out: the origin must be that of a registered
    /// redirect URI.
    pub fn is_logout_registered(&self, uri: &str) -> bool {
        let Ok(wanted) = Url::parse(uri) else { return false };
        if self.redirect_uris.is_empty() {
            return is_loopback(uri);
        }
        let mut registered = self.redirect_uris.iter().filter_map(|r| Url::parse(r).ok());
        registered.any(|r| r.origin() == wanted.origin())
    }

    /// The app roles of an account at the next sign-in.
    pub fn roles_of(&self, account: &accounts::Account) -> Vec<String> {
        let given = self.roles.lock();
        let own = || account.app_role.iter().map(|&role| role.to_owned()).collect();
        given.get(account.id).cloned().unwrap_or_else(own)
    }

    /// Replaces the app roles of an account, as an administrator would.
    pub fn assign(&self, account: &accounts::Account, roles: Vec<String>) {
        let mut given = self.roles.lock();
        given.insert(account.id, roles);
    }

    /// Replaces claims of ID tokens, as a faulty provider would.
    pub fn misstate(&self, claims: Map<String, Value>) {
        *self.claims.lock() = claims;
    }

    fn misstated(&self, mut right: Value) -> Value {
        let claims = self.claims.lock();
        if let Some(fields) = right.as_object_mut() {
            for (name, value) in claims.iter() {
                match value {
                    Value::Null => fields.remove(name),
                    value => fields.insert(name.clone(), value.clone()),
                };
            }
        }
        right
    }

    /// Stores a grant behind a new code.
    pub fn keep_code(&self, grant: Grant, now: OffsetDateTime) -> String {
        let code = random_text();
        let mut codes = self.codes.lock();
        codes.retain(|_, grant| grant.is_fresh(now));
        codes.insert(code.clone(), grant);
        code
    }

    /// The grant behind a code, which cannot be used again.
    pub fn take_code(&self, code: &str) -> Option<Grant> {
        self.codes.lock().remove(code)
    }
}

/// Azure ML's data plane in the three clouds.
fn is_for_scoring(claims: &Value) -> bool {
    let audience = claims["aud"].as_str().unwrap_or_default().trim_end_matches('/');
    ["https://ml.azure.com", "https://ml.azure.us", "https://ml.azure.cn"].contains(&audience)
}

fn is_loopback(uri: &str) -> bool {
    let Ok(url) = Url::parse(uri) else { return false };
    matches!(url.scheme(), "http" | "https")
        && url.fragment().is_none()
        && match url.host() {
            Some(url::Host::Domain(name)) => name == "localhost",
            Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
            Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
            None => false,
        }
}
