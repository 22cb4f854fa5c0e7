//! Stands in for Entra ID v2: discovery, authorize with PKCE, token, keys, sign-out (azure-wire.md
//! §12). Tokens live on the machine's time whatever the emulator's clock, for those who check them
//! do; only the lifetime of an authorization code follows the emulator's clock.

pub mod accounts;
pub mod authorize;
pub mod discovery;
pub mod error;
pub mod grants;
pub mod keys;
pub mod page;
pub mod token;

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use axum::Router;
use axum::routing::{get, post};
use dataplane::{AuthVerdict, Clock};
use http::{HeaderMap, StatusCode, header};
use rand::distr::{Alphanumeric, SampleString};
use serde_json::{Map, Value};
use time::OffsetDateTime;
use url::Url;

use crate::Shared;
use crate::arm::error::ArmError;
use grants::Grant;
use keys::Keys;

/// The console app's registration.
pub const CLIENT_ID: &str = "5a1d0c4e-0000-4000-8000-00000000c0de";

/// The tenant's memory.
#[derive(Debug)]
pub struct Entra {
    /// The tenant's id.
    pub tenant: String,
    /// Its signing key.
    pub keys: Keys,
    /// Redirect URIs of the console app; none means any on loopback.
    pub redirect_uris: Vec<String>,
    codes: Mutex<HashMap<String, Grant>>,
    /// App roles that were given by hand, by account; the others have their own.
    roles: Mutex<HashMap<&'static str, Vec<String>>>,
    /// Claims that ID tokens hold instead of the right ones; null leaves one out.
    claims: Mutex<Map<String, Value>>,
}

/// A secret of 40 letters and digits.
pub fn random_text() -> String {
    Alphanumeric.sample_string(&mut rand::rng(), 40)
}

/// The machine's time, in whole seconds.
pub fn now() -> i64 {
    Clock::auto().now().unix_timestamp()
}

/// Everything under `/{tenant}`.
pub fn routes() -> Router<Shared> {
    Router::new()
        .route("/{tenant}/v2.0/.well-known/openid-configuration", get(discovery::document))
        .route("/{tenant}/.well-known/openid-configuration", get(discovery::document))
        .route("/{tenant}/discovery/v2.0/keys", get(discovery::keys))
        .route("/{tenant}/discovery/keys", get(discovery::keys))
        .route("/common/discovery/instance", get(discovery::instance))
        .route("/{tenant}/oauth2/v2.0/authorize", get(authorize::show).post(authorize::choose))
        .route("/{tenant}/oauth2/v2.0/token", post(token::exchange))
        .route("/{tenant}/oauth2/v2.0/logout", get(authorize::logout).post(authorize::logout))
        .route("/oidc/userinfo", get(discovery::userinfo).post(discovery::userinfo))
        .route("/emulator/sign-in.css", get(page::style))
}

/// The bearer value of a request.
pub fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.trim().split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

impl Entra {
    /// A tenant.
    pub fn new(tenant: String, keys: Keys, redirect_uris: Vec<String>) -> Self {
        let (codes, roles, claims) = (Mutex::default(), Mutex::default(), Mutex::default());
        Self { tenant, keys, redirect_uris, codes, roles, claims }
    }

    /// `iss`
    pub fn issuer(&self, base: &str) -> String {
        format!("{base}/{}/v2.0", self.tenant)
    }

    /// Signs, or says in ARM's shape that it could not.
    pub fn signed(&self, claims: &Value) -> Result<String, ArmError> {
        self.keys.sign(claims).map_err(|error| {
            let text = format!("The token could not be signed: {error}.");
            ArmError::arm(StatusCode::INTERNAL_SERVER_ERROR, "InternalServerError", text)
        })
    }

    /// Who calls ARM. Our own tokens must be good; any other bearer value will do.
    pub fn caller(&self, headers: &HeaderMap, base: &str) -> Result<String, ArmError> {
        let missing = "Authentication failed. The 'Authorization' header is missing or invalid.";
        let token = bearer(headers).ok_or_else(|| ArmError::unauthenticated(missing))?;
        if !self.keys.is_ours(token) {
            return Ok("Anonymous bearer".to_owned());
        }
        let refused = |text: &str| Err(ArmError::unauthenticated(text));
        let Some(claims) = self.keys.verify(token) else {
            return refused("The access token's signature is not valid.");
        };
        if claims["exp"].as_i64().unwrap_or(0) <= now() {
            return refused("The access token expiry UTC time has passed.");
        }
        let audience = claims["aud"].as_str().unwrap_or_default();
        let is_arm = audience.trim_end_matches('/') == base
            || audience.starts_with("https://management.")
            || audience.starts_with("http://127.0.0.1")
            || audience.starts_with("http://localhost");
        if !is_arm {
            return refused("The access token has been obtained for the wrong audience.");
        }
        let name = claims["name"].as_str().or(claims["appid"].as_str());
        Ok(name.unwrap_or("Unknown").to_owned())
    }

    /// Judges a token of `…/token`. Its lifetime is the emulator's time.
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

    /// Judges a bearer value on an AADToken endpoint: our own tokens must be for Azure ML's data
    /// plane, and any other value will do, as with ARM.
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

    /// Whether the console app may be sent back there.
    pub fn is_redirect_registered(&self, uri: &str) -> bool {
        if self.redirect_uris.is_empty() {
            is_loopback(uri)
        } else {
            self.redirect_uris.iter().any(|r| r == uri)
        }
    }

    /// Whether a browser may be sent there after sign-out: the origin of a registered redirect.
    pub fn is_logout_registered(&self, uri: &str) -> bool {
        let Ok(wanted) = Url::parse(uri) else { return false };
        if self.redirect_uris.is_empty() {
            return is_loopback(uri);
        }
        let mut registered = self.redirect_uris.iter().filter_map(|r| Url::parse(r).ok());
        registered.any(|r| r.origin() == wanted.origin())
    }

    /// The app roles of an account, as the next sign-in tells them.
    pub fn roles_of(&self, account: &accounts::Account) -> Vec<String> {
        let given = self.roles.lock().unwrap_or_else(PoisonError::into_inner);
        let own = || account.app_role.iter().map(|&role| role.to_owned()).collect();
        given.get(account.id).cloned().unwrap_or_else(own)
    }

    /// Assigns app roles to an account instead of those that it has, as an administrator would.
    pub fn assign(&self, account: &accounts::Account, roles: Vec<String>) {
        let mut given = self.roles.lock().unwrap_or_else(PoisonError::into_inner);
        given.insert(account.id, roles);
    }

    /// Lets ID tokens hold other claims than they should, as a provider with a fault would.
    pub fn misstate(&self, claims: Map<String, Value>) {
        *self.claims.lock().unwrap_or_else(PoisonError::into_inner) = claims;
    }

    fn misstated(&self, mut right: Value) -> Value {
        let claims = self.claims.lock().unwrap_or_else(PoisonError::into_inner);
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

    fn keep_code(&self, grant: Grant, now: OffsetDateTime) -> String {
        let code = random_text();
        let mut codes = self.codes.lock().unwrap_or_else(PoisonError::into_inner);
        codes.retain(|_, grant| grant.is_fresh(now));
        codes.insert(code.clone(), grant);
        code
    }

    fn take_code(&self, code: &str) -> Option<Grant> {
        self.codes.lock().unwrap_or_else(PoisonError::into_inner).remove(code)
    }
}

/// Azure ML's data plane in the three clouds (azure-wire.md §13).
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
