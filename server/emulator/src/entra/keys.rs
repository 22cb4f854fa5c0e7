//! The tenant's signing key: RSA 2048, generated at the first start and stored with the state.

use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use rsa::pkcs8::{DecodePrivateKey, EncodePrivateKey, LineEnding};
use rsa::traits::PublicKeyParts;
use rsa::{RsaPrivateKey, rand_core::OsRng};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::store;

const KEY_BITS: usize = 2048;

/// The contents of the file.
#[derive(Serialize, Deserialize)]
struct Kept {
    private_key: String,
    client_secret: String,
}

/// Signs and verifies tokens.
pub struct Keys {
    encoding: EncodingKey,
    decoding: DecodingKey,
    kid: String,
    /// The number of key rotations since the start.
    rotated: AtomicU32,
    modulus: String,
    exponent: String,
    /// The console app's secret, stored with the key.
    pub client_secret: String,
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Keys({})", self.kid)
    }
}

impl Keys {
    /// Reads the key in `dir` or generates one. This takes long, so do not call it on the runtime.
    pub fn open(dir: Option<&Path>) -> anyhow::Result<Self> {
        let file = dir.map(|dir| dir.join("entra.json"));
        let kept = match file.as_deref().map(std::fs::read) {
            Some(Ok(bytes)) => serde_json::from_slice(&bytes)?,
            Some(Err(error)) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(error.into());
            }
            _ => {
                let kept = Kept::new()?;
                if let Some(file) = &file {
                    store::replace(file, &serde_json::to_vec(&kept)?)?;
                }
                kept
            }
        };
        Self::from_kept(kept)
    }

    fn from_kept(kept: Kept) -> anyhow::Result<Self> {
        let key = RsaPrivateKey::from_pkcs8_pem(&kept.private_key)?;
        let part = |n: &rsa::BigUint| URL_SAFE_NO_PAD.encode(n.to_bytes_be());
        let (modulus, exponent) = (part(key.n()), part(key.e()));
        Ok(Self {
            encoding: EncodingKey::from_rsa_pem(kept.private_key.as_bytes())?,
            decoding: DecodingKey::from_rsa_components(&modulus, &exponent)?,
            kid: URL_SAFE_NO_PAD.encode(&Sha256::digest(modulus.as_bytes())[..20]),
            rotated: AtomicU32::new(0),
            modulus,
            exponent,
            client_secret: kept.client_secret,
        })
    }

    pub fn sign(&self, claims: &Value) -> Result<String, jsonwebtoken::errors::Error> {
        let mut header = Header::new(Algorithm::RS256);
        header.kid = Some(self.kid());
        jsonwebtoken::encode(&header, claims, &self.encoding)
    }

    /// Whether the token's header names this key.
    pub fn is_ours(&self, token: &str) -> bool {
        jsonwebtoken::decode_header(token)
            .is_ok_and(|header| header.kid.is_some_and(|kid| kid.starts_with(&self.kid)))
    }

    /// Gives the key a new id, as a rotated key would have. A client that knows the former id only has to
    /// read the keys again.
    pub fn rotate(&self) {
        self.rotated.fetch_add(1, Ordering::Relaxed);
    }

    fn kid(&self) -> String {
        match self.rotated.load(Ordering::Relaxed) {
            0 => self.kid.clone(),
            times => format!("{}-{times}", self.kid),
        }
    }

    /// The claims of a token that this key signed. The caller must check times.
    pub fn verify(&self, token: &str) -> Option<Value> {
        let mut validation = Validation::new(Algorithm::RS256);
        validation.required_spec_claims.clear();
        validation.validate_exp = false;
        validation.validate_aud = false;
        jsonwebtoken::decode::<Value>(token, &self.decoding, &validation).ok().map(|d| d.claims)
    }

    /// The JWK set.
    pub fn jwks(&self, issuer: &str) -> Value {
        let kid = self.kid();
        json!({ "keys": [{
            "kty": "RSA", "use": "sig", "alg": "RS256", "kid": kid, "x5t": kid,
            "n": self.modulus, "e": self.exponent, "issuer": issuer,
        }] })
    }
}

impl Kept {
    fn new() -> anyhow::Result<Self> {
        let key = RsaPrivateKey::new(&mut OsRng, KEY_BITS)?;
        Ok(Self {
            private_key: key.to_pkcs8_pem(LineEnding::LF)?.to_string(),
            client_secret: super::random_text(),
        })
    }
}
