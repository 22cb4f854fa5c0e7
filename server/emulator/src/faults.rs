//! Faults on the wire, put in on purpose through `POST /emulator/faults`: an answer of one's own,
//! a dropped connection, garbage, or silence.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use http::Method;
use serde::Deserialize;
use serde_json::Value;

/// A fault as a caller writes it.
#[derive(Clone, Debug, Deserialize)]
pub struct Fault {
    /// Which requests it meets.
    #[serde(rename = "match", default)]
    pub matches: Match,
    /// How many requests it meets before it is used up.
    #[serde(default = "once")]
    pub times: u32,
    /// What they get.
    pub respond: Respond,
}

fn once() -> u32 {
    1
}

/// Which requests a fault meets; what is absent matches everything.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Match {
    /// The method.
    pub method: Option<String>,
    /// A part of the path, whatever its case.
    pub path_contains: Option<String>,
}

/// What a request that meets a fault gets.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum Respond {
    /// `"drop"`, `"garbage"`, `"hang"` or `"lost"`.
    Named(Misbehaviour),
    /// An answer.
    Answer {
        /// Its status.
        status: u16,
        /// `Retry-After`, in seconds.
        retry_after: Option<u64>,
        /// Other headers, for example GitHub's `x-ratelimit-remaining`.
        #[serde(default)]
        headers: BTreeMap<String, String>,
        /// Its body; ARM's error shape when absent.
        body: Option<Value>,
    },
}

/// What no server should do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Misbehaviour {
    /// Closes the connection without an answer.
    Drop,
    /// Answers 200 with something that is not JSON.
    Garbage,
    /// Never answers.
    Hang,
    /// Does what was asked, then closes the connection without an answer.
    Lost,
}

/// The faults that are armed, first come, first served.
#[derive(Debug, Default)]
pub struct Faults(Mutex<Vec<Fault>>);

impl Faults {
    /// Arms one.
    pub fn add(&self, fault: Fault) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(fault);
    }

    /// Disarms all.
    pub fn clear(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// The fault that a request meets, if any.
    pub fn take(&self, method: &Method, path: &str) -> Option<Respond> {
        let mut faults = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if faults.is_empty() {
            return None;
        }
        let path = path.to_lowercase();
        let at = faults.iter().position(|fault| fault.matches.meets(method, &path))?;
        let respond = faults[at].respond.clone();
        faults[at].times = faults[at].times.saturating_sub(1);
        if faults[at].times == 0 {
            faults.remove(at);
        }
        Some(respond)
    }
}

impl Match {
    fn meets(&self, method: &Method, path: &str) -> bool {
        let is_method =
            self.method.as_ref().is_none_or(|m| m.eq_ignore_ascii_case(method.as_str()));
        is_method && self.path_contains.as_ref().is_none_or(|p| path.contains(&p.to_lowercase()))
    }
}
