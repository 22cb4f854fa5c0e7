//! What Azure Monitor's resources share: a PUT replaces them at once, and a GET returns what was stored.
//! They have no long-running operations.

use http::StatusCode;
use serde_json::Value;

use crate::inner::Inner;
use crate::protocol::call::{Answer, Answered, Call};
use crate::protocol::error::ArmError;

/// The longest name (naming rules of Microsoft.Insights).
const NAME_CHARS_MAX: usize = 260;

/// One resource: its type, its name, and the id that answers contain.
#[derive(Debug, Clone)]
pub struct Resource {
    /// The type in errors: `Microsoft.Insights/actionGroups`.
    pub kind: &'static str,
    pub name: String,
    pub id: String,
}

impl Resource {
    /// `{scope}/providers/microsoft.insights/{collection}/{name}`, with the name as it was sent.
    pub fn at(call: &Call, scope: &str, kind: &'static str) -> Self {
        let collection = kind.rsplit('/').next().unwrap_or_default();
        let name = call.after(collection);
        let id = format!("{scope}/providers/microsoft.insights/{collection}/{name}");
        Self { kind, name, id }
    }

    fn key(&self) -> String {
        self.id.to_lowercase()
    }

    /// The stored resource.
    pub fn find(&self, inner: &Inner) -> Option<Value> {
        inner.store.read(|state| state.monitoring.get(&self.key()).cloned())
    }

    /// The stored resource, or 404.
    pub fn present(&self, inner: &Inner) -> Result<Value, ArmError> {
        let missing = || {
            ArmError::no_resource(&format!("{}/{}", self.kind, self.name), &inner.resource_group)
        };
        self.find(inner).ok_or_else(missing)
    }

    pub fn get(&self, inner: &Inner) -> Answered {
        self.present(inner).map(Answer::ok)
    }

    /// Stores the result of a PUT; returns whether it is new.
    pub fn put(&self, inner: &Inner, body: &Value) -> Result<bool, ArmError> {
        let key = self.key();
        Ok(inner.store.write(|state| state.monitoring.insert(key, body.clone()).is_none())?)
    }

    /// DELETE: 200, or 204 if it did not exist.
    pub fn delete(&self, inner: &Inner) -> Answered {
        let gone = inner.store.write(|state| state.monitoring.remove(&self.key()))?;
        Ok(Answer::gone(gone.is_some()))
    }

    /// Refuses invalid names.
    pub fn check_name(&self) -> Result<(), ArmError> {
        let is_plain = |c: char| !c.is_control() && !":<>+/&%\\?|#*".contains(c);
        let name = &self.name;
        let is_legal = !name.is_empty()
            && name.chars().count() <= NAME_CHARS_MAX
            && name.chars().all(is_plain)
            && !name.ends_with(['.', ' ']);
        if is_legal { Ok(()) } else { Err(bad(format!("The name [{name}] is not valid."))) }
    }
}

/// All of one collection, by name.
pub fn list(inner: &Inner, scope: &str, collection: &str) -> Vec<Value> {
    let start = format!("{scope}/providers/microsoft.insights/{collection}/").to_lowercase();
    let within = |(id, body): (&String, &Value)| id.starts_with(&start).then(|| body.clone());
    inner.store.read(|state| state.monitoring.iter().filter_map(within).collect())
}

pub fn bad(message: impl Into<String>) -> ArmError {
    ArmError::arm(StatusCode::BAD_REQUEST, "BadRequest", message)
}
