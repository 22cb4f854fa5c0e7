//! Deliberate faults on the wire, armed by `POST /emulator/faults`: a given response, a dropped connection,
//! garbage, or silence.

use std::collections::BTreeMap;

use http::Method;
use parking_lot::Mutex;
use serde::Deserialize;
use serde_json::Value;

/// A fault as a caller writes it.
#[derive(Clone, Debug, Deserialize)]
pub struct Fault {
    #[serde(rename = "match", default)]
    pub matches: Match,
    /// The number of requests that it affects.
    #[serde(default = "once")]
    pub times: u32,
    pub respond: Respond,
}

fn once() -> u32 {
    1
}

/// Which requests a fault affects; an absent field matches everything.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Match {
    pub method: Option<String>,
    /// A part of the path, in any case.
    pub path_contains: Option<String>,
}

/// The response to an affected request.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum Respond {
    /// `"drop"`, `"garbage"`, `"hang"` or `"lost"`.
    Named(Misbehaviour),
    Answer {
        status: u16,
        /// `Retry-After`, in seconds.
        retry_after: Option<u64>,
        /// Other headers, for example GitHub's `x-ratelimit-remaining`.
        #[serde(default)]
        headers: BTreeMap<String, String>,
        /// Its body; by default ARM's error format.
        body: Option<Value>,
    },
}

/// Misbehaviour of the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Misbehaviour {
    /// Closes the connection without an answer.
    Drop,
    /// Answers 200 with something that is not JSON.
    Garbage,
    /// Never answers.
    Hang,
    /// Carries out the request, then closes the connection without an answer.
    Lost,
}

/// The armed faults, in order.
#[derive(Debug, Default)]
pub struct Faults(Mutex<Vec<Fault>>);

impl Faults {
    pub fn add(&self, fault: Fault) {
        self.0.lock().push(fault);
    }

    pub fn clear(&self) {
        self.0.lock().clear();
    }

    /// The fault that affects a request, if any.
    pub fn take(&self, method: &Method, path: &str) -> Option<Respond> {
        let mut faults = self.0.lock();
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
