//! Started sign-ins, kept by the browser that started them: one short-lived cookie each, encrypted and
//! authenticated. A started sign-in costs the server nothing, several may be under way at once, and every
//! replica can finish what another one started.

use crate::web::cookie::{self, Cookies};
use app::domain::timestamp::Timestamp;
use axum::http::{HeaderMap, HeaderValue};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use oauth2::PkceCodeVerifier;
use openidconnect::Nonce;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, UnboundKey};
use ring::{hkdf, hmac};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// How long a sign-in may take.
pub const LASTS: Duration = Duration::from_secs(600);
/// Started sign-ins of one browser; the oldest is dropped for another one.
const STARTED_MAX: usize = 5;
/// All of them together, in bytes: proxies refuse longer `Cookie` lines than 8 KiB.
const BYTES_MAX: usize = 5_000;
/// States that were used and are not taken again; what is used twice later than that, Entra refuses.
const USED_MAX: usize = 4_096;
/// Random bytes of a state, in front of its time.
const RANDOM_BYTES: usize = 16;
/// Bytes of a state that are authenticated: random ones and the time.
const SAID_BYTES: usize = RANDOM_BYTES + 8;
/// How the cookies' names go on.
const NAME: &str = "-in-";

/// What a browser keeps of a sign-in.
#[derive(Debug, Serialize, Deserialize)]
pub enum Note {
    /// It is under way.
    Started(Started),
    /// It is done; whoever presses Back goes here.
    Done {
        /// Where.
        to: String,
    },
}

/// A sign-in that is under way.
#[derive(Debug, Serialize, Deserialize)]
pub struct Started {
    /// What the ID token must hold.
    pub nonce: Nonce,
    /// The secret of PKCE.
    pub verifier: PkceCodeVerifier,
    /// Where the person wanted to go.
    pub to: String,
}

/// What a state is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Issue {
    /// Given out by this console within the time that a sign-in may take.
    Ours,
    /// Given out by this console before that.
    Late,
    /// Not given out by this console.
    Unknown,
}

/// Seals and opens.
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
    /// With keys from a secret that all replicas share.
    ///
    /// # Errors
    /// Never, with the algorithms that are used here.
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

    /// A new state. It says when it was given out, and by whom, so that nobody is accused of what is merely late.
    #[must_use]
    pub fn state(&self, now: Timestamp) -> String {
        let mut state = rand::random::<[u8; RANDOM_BYTES]>().to_vec();
        state.extend(now.0.to_be_bytes());
        let tag = hmac::sign(&self.states, &state);
        state.extend(tag.as_ref());
        URL_SAFE_NO_PAD.encode(state)
    }

    /// What a state is.
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

    /// Marks a state as used; whether it was not before.
    #[must_use]
    pub fn take(&self, state: &str, now: Timestamp) -> bool {
        let Some(issued) = self.issued(state) else { return false };
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        let lasts = i64::try_from(LASTS.as_millis()).unwrap_or(i64::MAX);
        used.retain(|(at, _), ()| now.0.saturating_sub(*at) <= lasts);
        if used.len() >= USED_MAX {
            used.pop_first();
        }
        used.insert((issued.0, state.to_owned()), ()).is_none()
    }

    /// The note of a state, if this browser has it.
    #[must_use]
    pub fn find(&self, headers: &HeaderMap, state: &str) -> Option<Note> {
        let name = self.name(state);
        let (_, value) = cookie::sent(headers).find(|(sent, _)| *sent == name)?;
        self.open(state, value.split_once('.')?.1)
    }

    /// The `Set-Cookie` lines that keep a note, and drop the oldest others where there are too many.
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
        // The newest first: the oldest are dropped.
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

    /// The `Set-Cookie` line that forgets a state.
    #[must_use]
    pub fn forget(&self, state: &str) -> Option<HeaderValue> {
        self.cookies.clear(&self.name(state))
    }

    /// The `Set-Cookie` lines that forget all of them.
    #[must_use]
    pub fn forget_all(&self, headers: &HeaderMap) -> Vec<HeaderValue> {
        let all = self.others(headers, "");
        all.iter().filter_map(|(_, name, _)| self.cookies.clear(name)).collect()
    }

    /// When they were set as they say, names and lengths. What says no time is the oldest.
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

    /// A cookie's name tells two states apart, and is no secret.
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
