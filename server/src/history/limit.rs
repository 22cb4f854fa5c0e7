//! How many refusals are recorded: so many of one person and kind, so that nobody's noise hides another's
//! refusal; and how many were left out, which is recorded afterwards.

use super::facts;
use app::domain::timestamp::Timestamp;
use ledger::entry::{By, Draft, Kind};
use std::collections::{BTreeMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Refusals are counted over this many milliseconds, and the same one is recorded once in them.
pub(super) const PAUSE_MS: i64 = 60_000;
/// Refusals of one person and kind that are recorded in them.
const EACH_MAX: usize = 10;
/// People and kinds that are counted at once. Those beyond are counted together, as one.
const COUNTED_MAX: usize = 1_000;

/// Whose refusals, and of what kind.
type Key = (String, &'static str);

/// What was refused lately.
#[derive(Debug, Default)]
pub(super) struct Refusals(Mutex<BTreeMap<Key, Count>>);

/// The refusals of one person and kind.
#[derive(Debug)]
struct Count {
    since: Timestamp,
    last: Timestamp,
    by: By,
    kind: Kind,
    recorded: HashSet<String>,
    left_out: u64,
}

impl Refusals {
    /// Whether this one is to be recorded, and what is to be recorded of those that were not.
    pub(super) fn admit(&self, draft: &Draft, now: Timestamp) -> (bool, Vec<Draft>) {
        let overdue = self.overdue(now);
        let mut lately = self.lock();
        let who = draft.by.id.clone().unwrap_or_default();
        let mut key = (who, draft.kind.word());
        if lately.len() >= COUNTED_MAX && !lately.contains_key(&key) {
            key.0 = "others".to_owned();
        }
        let about = &draft.about;
        let what = format!("{}\n{:?}\n{:?}", draft.what, about.stage, about.endpoint);
        let count = lately.entry(key).or_insert_with(|| Count {
            since: now,
            last: now,
            by: draft.by.clone(),
            kind: draft.kind,
            recorded: HashSet::new(),
            left_out: 0,
        });
        let is_new = count.recorded.len() < EACH_MAX && count.recorded.insert(what);
        if !is_new {
            count.left_out += 1;
            count.last = now;
        }
        (is_new, overdue)
    }

    /// What is to be recorded of refusals that were left out, once their time is over.
    pub(super) fn overdue(&self, now: Timestamp) -> Vec<Draft> {
        // A clock that was set back ends all of them.
        let is_over = |count: &Count| !(0..PAUSE_MS).contains(&(now.0 - count.since.0));
        self.take(now, is_over)
    }

    /// The same of all of them, whatever their time.
    pub(super) fn all(&self, now: Timestamp) -> Vec<Draft> {
        self.take(now, |_| true)
    }

    fn take(&self, now: Timestamp, is_taken: impl Fn(&Count) -> bool) -> Vec<Draft> {
        let mut drafts = Vec::new();
        self.lock().retain(|_, count| {
            let taken = is_taken(count);
            if taken && count.left_out > 0 {
                let (by, span) = (count.by.clone(), (count.since, count.last));
                drafts.push(facts::left_out(count.kind, by, count.left_out, span, now));
            }
            !taken
        });
        drafts
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<Key, Count>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ledger::entry::Actor;

    fn draft(who: &str, what: &str) -> Draft {
        let mut draft = facts::sign_in_refused(what, "r", Timestamp(0));
        draft.by = By {
            id: Some(who.to_owned()),
            kind: Actor::Person,
            name: who.to_owned(),
            roles: vec![],
        };
        draft
    }

    #[test]
    fn one_persons_noise_hides_nobody_elses_refusal_and_is_counted() {
        let refusals = Refusals::default();
        let at = Timestamp(1_000);
        let noise = (0..5_000).filter(|n| refusals.admit(&draft("noisy", &n.to_string()), at).0);
        assert_eq!(noise.count(), EACH_MAX);
        assert!(refusals.admit(&draft("quiet", "a"), at).0);
        assert!(
            !refusals.admit(&draft("quiet", "a"), Timestamp(at.0 + PAUSE_MS - 1)).0,
            "the same again"
        );
        let over = Timestamp(at.0 + PAUSE_MS);
        let (is_new, left_out) = refusals.admit(&draft("quiet", "a"), over);
        assert!(is_new);
        let said: Vec<_> =
            left_out.iter().map(|one| (one.by.name.as_str(), &one.after["left_out"][..])).collect();
        assert_eq!(said, [("noisy", "4990"), ("quiet", "1")]);
        assert!(refusals.overdue(over).is_empty(), "said once");
    }

    #[test]
    fn kinds_are_counted_apart() {
        let refusals = Refusals::default();
        let denied = |n: usize| Draft { kind: Kind::Denied, ..draft("a", &n.to_string()) };
        assert_eq!(
            (0..20).filter(|n| refusals.admit(&denied(*n), Timestamp(0)).0).count(),
            EACH_MAX
        );
        assert!(refusals.admit(&draft("a", "x"), Timestamp(0)).0);
    }

    #[test]
    fn a_thousand_people_cost_no_more_than_that() {
        let refusals = Refusals::default();
        for n in 0..5_000 {
            refusals.admit(&draft(&n.to_string(), "x"), Timestamp(0));
        }
        assert!(refusals.lock().len() <= COUNTED_MAX + 1);
        assert!(
            !refusals.all(Timestamp(1)).is_empty(),
            "whom there was no room for is counted, too"
        );
    }
}
