//! The private key of the GitHub App: generated at the first start and saved as `app.pem` beside GitHub's state, where a
//! console can read it. Without a state folder, it is generated when it is first needed.

use std::path::PathBuf;
use std::sync::Arc;

use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use rsa::pkcs1::{DecodeRsaPrivateKey, EncodeRsaPrivateKey, EncodeRsaPublicKey, LineEnding};
use rsa::{RsaPrivateKey, rand_core::OsRng};
use serde_json::Value;
use tokio::sync::OnceCell;

use crate::store::replace;

const KEY_BITS: usize = 2048;

/// The key, once it is there.
#[derive(Debug, Default)]
pub struct AppKey {
    file: Option<PathBuf>,
    ready: OnceCell<Arc<Ready>>,
}

/// A key that can verify.
pub struct Ready {
    /// PKCS#1, as GitHub's download.
    pub pem: String,
    decoding: DecodingKey,
}

impl std::fmt::Debug for Ready {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Ready(…)")
    }
}

impl AppKey {
    /// Reads or generates the key in a folder. This takes long, so do not call it on the runtime.
    pub fn open(dir: Option<PathBuf>) -> anyhow::Result<Self> {
        let file = dir.map(|dir| dir.join("app.pem"));
        let key = Self { file, ready: OnceCell::new() };
        if key.file.is_some() {
            let ready = Ready::open(key.file.clone())?;
            // Nobody else has the key yet.
            let _ = key.ready.set(Arc::new(ready));
        }
        Ok(key)
    }

    /// The key, which is generated if necessary.
    pub async fn get(&self) -> anyhow::Result<Arc<Ready>> {
        let make = || async {
            let file = self.file.clone();
            let made = tokio::task::spawn_blocking(move || Ready::open(file)).await?;
            made.map(Arc::new)
        };
        self.ready.get_or_try_init(make).await.cloned()
    }
}

impl Ready {
    fn open(file: Option<PathBuf>) -> anyhow::Result<Self> {
        let pem = match file.as_deref().map(std::fs::read_to_string) {
            Some(Ok(pem)) => pem,
            Some(Err(error)) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(error.into());
            }
            _ => {
                let key = RsaPrivateKey::new(&mut OsRng, KEY_BITS)?;
                let pem = key.to_pkcs1_pem(LineEnding::LF)?.to_string();
                if let Some(file) = &file {
                    replace(file, pem.as_bytes())?;
                }
                pem
            }
        };
        let key = RsaPrivateKey::from_pkcs1_pem(&pem)?;
        let public = key.to_public_key().to_pkcs1_der()?;
        Ok(Self { decoding: DecodingKey::from_rsa_der(public.as_bytes()), pem })
    }

    /// The claims of a token that this key signed. The caller must check times.
    pub fn verify(&self, token: &str) -> Option<Value> {
        let mut validation = Validation::new(Algorithm::RS256);
        validation.required_spec_claims.clear();
        validation.validate_exp = false;
        validation.validate_aud = false;
        jsonwebtoken::decode::<Value>(token, &self.decoding, &validation).ok().map(|d| d.claims)
    }
}
