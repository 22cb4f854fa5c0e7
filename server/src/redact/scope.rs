//! Which secrets are known where a text is written down or shown.
//!
//! Two sets are looked for. The console's own ([`own`]) hold for the whole process: what its configuration reads
//! from files and the environment. The others belong to one piece of work, a run that is carried on or a request that is
//! answered ([`within`]): they are what its bodies, its keys and the deployments that it looks at hold ([`learn`]). They are
//! kept apart because people choose them: who gives a variable the value `Succeeded` garbles their own pages and nobody
//! else's.
//!
//! A set goes with the task. Work that is spawned off begins with none, and has to be given its own.

use super::forms;
use super::values::Values;
use serde_json::Value;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

tokio::task_local! {
    /// What this piece of work knows.
    static KNOWN: Arc<Mutex<Values>>;
}

/// What the console itself was configured with.
static OWN: RwLock<Option<Values>> = RwLock::new(None);

/// Carries a piece of work on that knows these secrets, and may learn more. What it learns, the work around it does
/// not know.
pub async fn within<F: Future>(values: Values, work: F) -> F::Output {
    let mut known = KNOWN.try_with(|known| lock(known).clone()).unwrap_or_default();
    known.extend(&values);
    KNOWN.scope(Arc::new(Mutex::new(known)), work).await
}

/// The work at hand has met these secrets. Outside of [`within`] nobody remembers them.
pub fn learn(values: &Values) {
    if !values.is_empty() {
        // Nothing to remember them for is no fault.
        let _ = KNOWN.try_with(|known| lock(known).extend(values));
    }
}

/// The work at hand has met a body.
pub fn learn_body(body: &Value) {
    // Observers read many bodies and remember none.
    if KNOWN.try_with(|_| ()).is_ok() {
        learn(&Values::of_body(body));
    }
}

/// The work at hand has met a secret.
pub fn learn_value(value: &str) {
    let mut values = Values::default();
    values.add(value);
    learn(&values);
}

/// The console was configured with this secret.
pub fn own(value: &str) {
    let mut own = OWN.write().unwrap_or_else(PoisonError::into_inner);
    own.get_or_insert_default().add(value);
}

/// A text as it may be shown and kept: without what is known to be secret here, and without known forms.
#[must_use]
pub fn text(text: &str) -> String {
    let known = KNOWN.try_with(|known| lock(known).hide(text).into_owned());
    public(&known.unwrap_or_else(|_| text.to_owned()))
}

/// A text without the console's own secrets and without known forms: where what a person chose must not change it.
#[must_use]
pub fn public(text: &str) -> String {
    let own = OWN.read().unwrap_or_else(PoisonError::into_inner);
    match &*own {
        Some(own) => own.hide_all(text),
        None => forms::hide(text).into_owned(),
    }
}

fn lock(known: &Mutex<Values>) -> std::sync::MutexGuard<'_, Values> {
    known.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[tokio::test]
    async fn work_knows_its_own_secrets_and_nobody_elses() {
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
