//! How many refusals are recorded.

use app::domain::timestamp::Timestamp;
use ledger::entry::Draft;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// The same refusal is recorded again after this many milliseconds.
const PAUSE_MS: i64 = 60_000;
/// Refusals recorded per pause, of all people together.
const REFUSALS_MAX: usize = 100;

/// What was refused lately.
#[derive(Debug, Default)]
pub(super) struct Refusals(Mutex<HashMap<String, Timestamp>>);

impl Refusals {
    /// Whether this one is to be recorded.
    pub(super) fn admit(&self, draft: &Draft, now: Timestamp) -> bool {
        let who = draft.by.id.as_deref().unwrap_or_default();
        let (what, about) = (&draft.what, &draft.about);
        let key = format!("{who}\n{what}\n{:?}\n{:?}", about.stage, about.endpoint);
        let mut lately = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        lately.retain(|_, at| now.0 - at.0 < PAUSE_MS);
        let is_new = lately.len() < REFUSALS_MAX && !lately.contains_key(&key);
        if is_new {
            lately.insert(key, now);
        }
        is_new
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::facts;

    #[test]
    fn the_same_refusal_is_recorded_once_a_minute_and_a_flood_not_at_all() {
        let refusals = Refusals::default();
        let draft = |what: &str| facts::sign_in_refused(what, "r", Timestamp(0));
        assert!(refusals.admit(&draft("a"), Timestamp(0)));
        assert!(!refusals.admit(&draft("a"), Timestamp(PAUSE_MS - 1)));
        assert!(refusals.admit(&draft("a"), Timestamp(PAUSE_MS)));
        let at = Timestamp(5 * PAUSE_MS);
        let admitted = (0..1000).filter(|n| refusals.admit(&draft(&n.to_string()), at)).count();
        assert_eq!(admitted, REFUSALS_MAX);
    }
}
