//! What Azure Monitor's resources have in common: they are written whole by PUT, at once, and kept as
//! they are answered. There are no long-running operations here (azure-wire.md §7.1 to §7.3).

use http::StatusCode;
use serde_json::Value;

use crate::arm::call::{Answer, Call};
use crate::arm::error::ArmError;
use crate::inner::Inner;

/// Longest name (naming rules of Microsoft.Insights).
const NAME_CHARS_MAX: usize = 260;

/// One resource: its type, its name, and the id that it is answered with.
#[derive(Debug, Clone)]
pub struct Resource {
    /// As an error names it: `Microsoft.Insights/actionGroups`.
    pub kind: &'static str,
    /// As it was sent.
    pub name: String,
    /// Its id.
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

    /// What is kept.
    pub fn find(&self, inner: &Inner) -> Option<Value> {
        inner.store.read(|state| state.monitoring.get(&self.key()).cloned())
    }

    /// What is kept, or 404.
    pub fn present(&self, inner: &Inner) -> Result<Value, ArmError> {
        let missing = || {
            ArmError::no_resource(&format!("{}/{}", self.kind, self.name), &inner.resource_group)
        };
        self.find(inner).ok_or_else(missing)
    }

    /// GET.
    pub fn get(&self, inner: &Inner) -> Result<Answer, ArmError> {
        self.present(inner).map(Answer::ok)
    }

    /// Keeps what a PUT amounts to, and says whether it is new.
    pub fn put(&self, inner: &Inner, body: &Value) -> Result<bool, ArmError> {
        let key = self.key();
        Ok(inner.store.write(|state| state.monitoring.insert(key, body.clone()).is_none())?)
    }

    /// DELETE: 200, or 204 when there was nothing.
    pub fn delete(&self, inner: &Inner) -> Result<Answer, ArmError> {
        let gone = inner.store.write(|state| state.monitoring.remove(&self.key()))?;
        Ok(Answer::empty(if gone.is_some() { StatusCode::OK } else { StatusCode::NO_CONTENT }))
    }

    /// Refuses names that cannot be.
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

/// 400.
pub fn bad(message: impl Into<String>) -> ArmError {
    ArmError::arm(StatusCode::BAD_REQUEST, "BadRequest", message)
}
