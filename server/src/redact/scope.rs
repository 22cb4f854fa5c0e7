//! The secrets that are known when a text is shown, logged or stored.
//!
//! There are two sets. The console's own secrets ([`own`]) apply to the whole process: its configuration reads them
//! from files and the environment. Other secrets apply to one task, such as a run or a request ([`within`]), which
//! learns them from bodies, keys and deployments ([`learn`]). These are separate because people choose their values:
//! somebody who sets a variable to `Succeeded` must garble only their own pages.
//!
//! The set belongs to the task. A spawned task starts with an empty one and must be given its own.

use super::forms;
use super::values::Values;
use crate::lock::lock;
use serde_json::Value;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

tokio::task_local! {
    /// The secrets of this task.
    static KNOWN: Arc<Mutex<Values>>;
}

/// The secrets of the configuration.
static OWN: RwLock<Option<Values>> = RwLock::new(None);

/// Runs `work` with these secrets. Secrets that it learns are not known outside.
pub async fn within<F: Future>(values: Values, work: F) -> F::Output {
    let mut known = KNOWN.try_with(|known| lock(known).clone()).unwrap_or_default();
    known.extend(&values);
    KNOWN.scope(Arc::new(Mutex::new(known)), work).await
}

/// Adds secrets to the current task's set. Does nothing outside [`within`].
pub fn learn(values: &Values) {
    if !values.is_empty() {
        let _ = KNOWN.try_with(|known| lock(known).extend(values));
    }
}

/// Adds a body's secrets to the current task's set.
pub fn learn_body(body: &Value) {
    // Saves work for observers, which read many bodies outside any scope.
    if KNOWN.try_with(|_| ()).is_ok() {
        learn(&Values::of_body(body));
    }
}

/// Adds one secret to the current task's set.
pub fn learn_value(value: &str) {
    let mut values = Values::default();
    values.add(value);
    learn(&values);
}

/// Adds a secret of the configuration.
pub fn own(value: &str) {
    let mut own = OWN.write().unwrap_or_else(PoisonError::into_inner);
    own.get_or_insert_default().add(value);
}

/// Redacts the task's and the console's own secrets, and known formats.
#[must_use]
pub fn text(text: &str) -> String {
    let known = KNOWN.try_with(|known| lock(known).hide(text).into_owned());
    public(&known.unwrap_or_else(|_| text.to_owned()))
}

/// Redacts only the console's own secrets and known formats, for texts that values chosen by people must not change.
#[must_use]
pub fn public(text: &str) -> String {
    let own = OWN.read().unwrap_or_else(PoisonError::into_inner);
    match &*own {
        Some(own) => own.hide_all(text),
        None => forms::hide(text).into_owned(),
    }
}

/// An upper limit of the length of the task's and the console's own secrets in a text, in bytes.
pub(super) fn spelling_bytes_max() -> usize {
    let known = KNOWN.try_with(|known| lock(known).spelling_bytes_max()).unwrap_or(0);
    let own = OWN.read().unwrap_or_else(PoisonError::into_inner);
    own.as_ref().map_or(0, Values::spelling_bytes_max).max(known)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[tokio::test]
    async fn a_task_knows_only_its_own_secrets() {
        let of = |key: &str| Values::of_body(&json!({"properties": {"keys": {"primaryKey": key}}}));
        within(of("outer-secret"), async {
            assert_eq!(text("outer-secret inner-secret"), "(hidden) inner-secret");
            within(of("inner-secret"), async {
                assert_eq!(text("outer-secret inner-secret"), "(hidden) (hidden)");
                learn_value("learnt-secret");
                assert_eq!(text("learnt-secret"), "(hidden)");
            })
            .await;
            assert_eq!(text("learnt-secret inner-secret"), "learnt-secret inner-secret");
            assert_eq!(public("outer-secret"), "outer-secret");
        })
        .await;
        learn_value("nobodys-secret");
        assert_eq!(text("outer-secret nobodys-secret"), "outer-secret nobodys-secret");
        own("the-consoles-own-secret");
        assert_eq!(text("at the-consoles-own-secret"), "at (hidden)");
        assert_eq!(public("at the-consoles-own-secret"), "at (hidden)");
    }
}
