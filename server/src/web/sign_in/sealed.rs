//! Started sign-ins, each in a short-lived, encrypted and authenticated cookie of the browser. The server stores
//! nothing, a browser may have several sign-ins in progress, and any replica can finish them. Tags are compared by
//! [`hmac::verify`], in constant time; sessions are found by a hash. So the console needs no `subtle`.

use crate::lock::lock;
use crate::web::cookie::{self, Cookies};
use axum::http::{HeaderMap, HeaderValue};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::timestamp::Timestamp;
use oauth2::PkceCodeVerifier;
use openidconnect::Nonce;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, UnboundKey};
use ring::{hkdf, hmac};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

/// How long a sign-in may take.
pub const LASTS: Duration = Duration::from_secs(600);
/// Most started sign-ins of one browser. A further one replaces the oldest.
const STARTED_MAX: usize = 5;
/// Most bytes of these cookies together. Proxies reject `Cookie` headers over 8 KiB.
const BYTES_MAX: usize = 5_000;
/// Most used states that are remembered. Entra rejects the reuse of a code whose state has been forgotten.
const USED_MAX: usize = 4_096;
/// Random bytes at the start of a state, before its time.
const RANDOM_BYTES: usize = 16;
/// Authenticated bytes of a state: the random bytes and the time.
const SAID_BYTES: usize = RANDOM_BYTES + 8;
/// Infix of the cookies' names.
const NAME: &str = "-in-";

/// The content of a sign-in's cookie.
#[derive(Debug, Serialize, Deserialize)]
pub enum Note {
    Started(Started),
    /// Finished. The Back button leads to `to`.
    Done {
        to: String,
    },
}

/// A sign-in in progress.
#[derive(Debug, Serialize, Deserialize)]
pub struct Started {
    /// The ID token must contain it.
    pub nonce: Nonce,
    pub verifier: PkceCodeVerifier,
    /// Where the person wanted to go.
    pub to: String,
}

/// The origin of a `state` parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Issue {
    /// Issued by this console less than [`LASTS`] ago.
    Ours,
    /// Issued by this console, but too long ago.
    Late,
    /// Not issued by this console.
    Unknown,
}

/// Issues states, and encrypts and decrypts the cookies.
pub struct Seal {
    cookies: Cookies,
    notes: LessSafeKey,
    states: hmac::Key,
    used: Mutex<BTreeMap<(i64, String), ()>>,
}

impl std::fmt::Debug for Seal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Seal").finish_non_exhaustive()
    }
}

impl Seal {
    /// Derives the keys from a secret that all replicas share.
    ///
    /// # Errors
    /// Never with these algorithms.
    pub fn new(secret: &str, cookies: Cookies) -> anyhow::Result<Self> {
        let failed = |_| anyhow::anyhow!("keys for sign-in cannot be derived");
        let salt = hkdf::Salt::new(hkdf::HKDF_SHA256, b"understudy sign-in 1");
        let secret = salt.extract(secret.as_bytes());
        let notes = secret.expand(&[b"notes"], &AES_256_GCM).map_err(failed)?;
        let states = secret.expand(&[b"states"], hmac::HMAC_SHA256).map_err(failed)?;
        Ok(Self {
            cookies,
            notes: LessSafeKey::new(UnboundKey::from(notes)),
            states: hmac::Key::from(states),
            used: Mutex::default(),
        })
    }

    /// A new state. Its time and tag distinguish a late sign-in from a forged one.
    #[must_use]
    pub fn state(&self, now: Timestamp) -> String {
        let mut state = rand::random::<[u8; RANDOM_BYTES]>().to_vec();
        state.extend(now.0.to_be_bytes());
        let tag = hmac::sign(&self.states, &state);
        state.extend(tag.as_ref());
        URL_SAFE_NO_PAD.encode(state)
    }

    /// Determines the origin of a state.
    #[must_use]
    pub fn judge(&self, state: &str, now: Timestamp) -> Issue {
        let Some(issued) = self.issued(state) else { return Issue::Unknown };
        let age = u128::try_from(now.0.saturating_sub(issued.0)).unwrap_or(0);
        if age > LASTS.as_millis() { Issue::Late } else { Issue::Ours }
    }

    fn issued(&self, state: &str) -> Option<Timestamp> {
        let bytes = URL_SAFE_NO_PAD.decode(state).ok()?;
        let (said, tag) = bytes.split_at_checked(SAID_BYTES)?;
        hmac::verify(&self.states, said, tag).ok()?;
        let time = said.get(RANDOM_BYTES..)?.try_into().ok()?;
        Some(Timestamp(i64::from_be_bytes(time)))
    }

    /// Marks a state as used. Returns `false` if it was used before or is invalid.
    #[must_use]
    pub fn take(&self, state: &str, now: Timestamp) -> bool {
        let Some(issued) = self.issued(state) else { return false };
        let mut used = lock(&self.used);
        let lasts = i64::try_from(LASTS.as_millis()).unwrap_or(i64::MAX);
        used.retain(|(at, _), ()| now.0.saturating_sub(*at) <= lasts);
        if used.len() >= USED_MAX {
            used.pop_first();
        }
        used.insert((issued.0, state.to_owned()), ()).is_none()
    }

    /// The note of a state, if the browser sent it.
    #[must_use]
    pub fn find(&self, headers: &HeaderMap, state: &str) -> Option<Note> {
        let name = self.name(state);
        let (_, value) = cookie::sent(headers).find(|(sent, _)| *sent == name)?;
        self.open(state, value.split_once('.')?.1)
    }

    /// The `Set-Cookie` headers that store a note and delete the oldest others over the limits.
    #[must_use]
    pub fn keep(
        &self,
        headers: &HeaderMap,
        state: &str,
        note: &Note,
        now: Timestamp,
    ) -> Vec<HeaderValue> {
        let name = self.name(state);
        let Some(sealed) = self.sealed(state, note) else { return Vec::new() };
        let value = format!("{}.{sealed}", now.0);
        let mut others = self.others(headers, &name);
        // Newest first, so that the limits hit the oldest.
        others.sort_by_key(|(at, ..)| std::cmp::Reverse(*at));
        let mut bytes = name.len() + value.len();
        let mut lines = Vec::new();
        for (index, (_, other, length)) in others.iter().enumerate() {
            bytes += length;
            if index + 1 >= STARTED_MAX || bytes > BYTES_MAX {
                lines.extend(self.cookies.clear(other));
            }
        }
        lines.extend(self.cookies.set(&name, &value, LASTS));
        lines
    }

    /// The `Set-Cookie` header that deletes the note of a state.
    #[must_use]
    pub fn forget(&self, state: &str) -> Option<HeaderValue> {
        self.cookies.clear(&self.name(state))
    }

    /// The `Set-Cookie` headers that delete all notes.
    #[must_use]
    pub fn forget_all(&self, headers: &HeaderMap) -> Vec<HeaderValue> {
        let all = self.others(headers, "");
        all.iter().filter_map(|(_, name, _)| self.cookies.clear(name)).collect()
    }

    /// Time, name and length of each other cookie. A cookie without a time counts as the oldest.
    fn others<'a>(&self, headers: &'a HeaderMap, but: &str) -> Vec<(i64, &'a str, usize)> {
        let prefix = self.cookies.name(NAME);
        let ours = cookie::sent(headers).filter(|(name, _)| name.starts_with(&prefix));
        let others = ours.filter(|(name, _)| *name != but);
        let told = |value: &str| value.split_once('.')?.0.parse().ok();
        let row = |(name, value): (&'a str, &'a str)| {
            (told(value).unwrap_or(i64::MIN), name, name.len() + value.len() + 3)
        };
        others.map(row).collect()
    }

    /// The name of a state's cookie: a hash, because the name is not encrypted.
    fn name(&self, state: &str) -> String {
        let digest = Sha256::digest(state.as_bytes());
        self.cookies.name(&format!("{NAME}{}", URL_SAFE_NO_PAD.encode(&digest[..9])))
    }

    fn sealed(&self, state: &str, note: &Note) -> Option<String> {
        let nonce: [u8; NONCE_LEN] = rand::random();
        let mut sealed = serde_json::to_vec(note).ok()?;
        let (at, state) = (ring::aead::Nonce::assume_unique_for_key(nonce), Aad::from(state));
        self.notes.seal_in_place_append_tag(at, state, &mut sealed).ok()?;
        Some(URL_SAFE_NO_PAD.encode([&nonce, sealed.as_slice()].concat()))
    }

    fn open(&self, state: &str, sealed: &str) -> Option<Note> {
        let mut bytes = URL_SAFE_NO_PAD.decode(sealed).ok()?;
        let (nonce, sealed) = bytes.split_at_mut_checked(NONCE_LEN)?;
        let nonce = ring::aead::Nonce::try_assume_unique_for_key(nonce).ok()?;
        let note = self.notes.open_in_place(nonce, Aad::from(state), sealed).ok()?;
        serde_json::from_slice(note).ok()
    }
}

#[cfg(test)]
mod tests;
