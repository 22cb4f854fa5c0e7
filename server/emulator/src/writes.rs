//! The write log: every mutating request to ARM, so that tests and people can see what was really sent.
//! Values of keys are not stored. Of reads, only the number for each path is stored.

use std::collections::{BTreeMap, VecDeque};

use http::{Method, StatusCode};
use parking_lot::Mutex;
use serde_json::{Value, json};
use time::OffsetDateTime;

use crate::protocol::call::Call;
use crate::when;

/// The number of writes that are kept.
const WRITES_MAX: usize = 5_000;
/// The number of paths whose reads are counted.
const PATHS_MAX: usize = 5_000;

/// The latest writes, oldest first, and the number of reads of each path.
#[derive(Debug, Default)]
pub struct WriteLog {
    writes: Mutex<VecDeque<Value>>,
    reads: Mutex<BTreeMap<String, u64>>,
}

impl WriteLog {
    /// Records a request if it could change something.
    pub fn note(&self, call: &Call, status: StatusCode, now: OffsetDateTime) {
        if !is_write(call) {
            self.count(&call.path);
            return;
        }
        let mut body: Value = serde_json::from_slice(&call.body).unwrap_or(Value::Null);
        redact(&mut body);
        let entry = json!({
            "time": when::arm(now),
            "method": call.method.as_str(),
            "path": call.path,
            "apiVersion": call.api_version,
            "caller": call.caller,
            "body": body,
            "status": status.as_u16(),
        });
        let mut log = self.writes.lock();
        if log.len() == WRITES_MAX {
            log.pop_front();
        }
        log.push_back(entry);
    }

    /// All stored writes.
    pub fn all(&self) -> Vec<Value> {
        self.writes.lock().iter().cloned().collect()
    }

    fn count(&self, path: &str) {
        let mut reads = self.reads.lock();
        if let Some(count) = reads.get_mut(path) {
            *count += 1;
        } else if reads.len() < PATHS_MAX {
            reads.insert(path.to_owned(), 1);
        }
    }

    /// The number of reads of each path.
    pub fn reads(&self) -> BTreeMap<String, u64> {
        self.reads.lock().clone()
    }
}

/// POSTs that only read, because their answer is too secret or too long for a GET.
const READING_POSTS: [&str; 8] = [
    "listkeys",
    "getlogs",
    "token",
    "listsecrets",
    "listcredentials",
    "listlogsasurl",
    "listbuildsourceuploadurl",
    "metrics",
];
/// Fields of bodies whose value is a secret.
const SECRETS: [&str; 5] =
    ["keyValue", "primaryKey", "secondaryKey", "customRegistries", "encodedValuesContent"];

fn is_write(call: &Call) -> bool {
    match call.method {
        Method::PUT | Method::PATCH | Method::DELETE => true,
        Method::POST => {
            let action = call.segments.last().map(|action| action.to_lowercase());
            !action.is_some_and(|action| READING_POSTS.contains(&action.as_str()))
        }
        _ => false,
    }
}

fn redact(value: &mut Value) {
    match value {
        Value::Object(map) => {
            // A build argument that must not be shown.
            let is_secret = map.get("isSecret").is_some_and(|flag| flag == &Value::Bool(true));
            for (name, value) in map.iter_mut() {
                if SECRETS.contains(&name.as_str()) || (is_secret && name == "value") {
                    *value = Value::String("(not kept)".to_owned());
                } else {
                    redact(value);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(redact),
        _ => {}
    }
}
