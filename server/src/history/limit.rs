//! Limits how many refusals of one person and kind are recorded, so that nobody's noise hides another person's refusal.
//! The number of those left out is recorded afterwards.

use crate::entries;
use crate::lock::lock;
use domain::timestamp::Timestamp;
use ledger::entry::{About, By, Draft, Kind};
use std::collections::{BTreeMap, HashSet};
use std::sync::{Mutex, MutexGuard};

/// The period over which refusals are counted, in milliseconds. The same refusal is recorded once per period.
pub(super) const PAUSE_MS: i64 = 60_000;
/// Maximum number of refusals of one person and kind recorded per period.
const EACH_MAX: usize = 10;
/// Maximum number of separate counts. Further people share one count per kind.
const COUNTED_MAX: usize = 1_000;

/// The person's id and the kind of refusal.
type Key = (String, &'static str);

/// The counts of the current periods.
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
    /// What all refusals left out are about.
    about: About,
}

impl Refusals {
    /// Whether to record this refusal, and the entries about refusals left out whose period has ended.
    pub(super) fn admit(&self, draft: &Draft, now: Timestamp) -> (bool, Vec<Draft>) {
        let overdue = self.overdue(now);
        let mut lately = self.lock();
        let who = draft.by.id.clone().unwrap_or_default();
        let mut key = (who, draft.kind.word());
        if lately.len() >= COUNTED_MAX && !lately.contains_key(&key) {
            key.0 = "others".to_owned();
        }
        let what = format!("{}\n{:?}", draft.what, draft.about);
        let count = lately.entry(key).or_insert_with(|| Count {
            since: now,
            last: now,
            by: draft.by.clone(),
            kind: draft.kind,
            recorded: HashSet::new(),
            left_out: 0,
            about: draft.about.clone(),
        });
        let is_new = count.recorded.len() < EACH_MAX && count.recorded.insert(what);
        if !is_new {
            count.about = match count.left_out {
                0 => draft.about.clone(),
                _ => entries::common(&count.about, &draft.about),
            };
            count.left_out += 1;
            count.last = now;
        }
        (is_new, overdue)
    }

    /// The entries about refusals left out whose period has ended.
    pub(super) fn overdue(&self, now: Timestamp) -> Vec<Draft> {
        // A clock that was set back ends all periods.
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
                let counted = (count.left_out, count.about.clone());
                drafts.push(entries::left_out(count.kind, by, counted, span, now));
            }
            !taken
        });
        drafts
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<Key, Count>> {
        lock(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ledger::entry::Actor;

    fn draft(who: &str, what: &str) -> Draft {
        let mut draft = entries::sign_in_refused(what, "r", Timestamp(0));
        draft.by = By {
            id: Some(who.to_owned()),
            kind: Actor::Person,
            name: who.to_owned(),
            roles: vec![],
        };
        draft
    }

    #[test]
    fn one_persons_noise_is_counted_and_hides_no_other_refusal() {
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
    fn counted_refusals_name_what_all_of_them_are_about() {
        let about = |change: &str| About {
            change: Some(change.to_owned()),
            endpoint: Some("ep".to_owned()),
            stage: Some("prod".to_owned()),
            ..About::default()
        };
        let refuse = |refusals: &Refusals, what: &str, about: About| {
            refusals.admit(&Draft { about, ..draft("a", what) }, Timestamp(0));
        };
        for (last, change) in [("1", Some("1")), ("2", None)] {
            let refusals = Refusals::default();
            for again in ["1", "1", last, last] {
                refuse(&refusals, "approve", about(again));
            }
            let [counted] = &refusals.all(Timestamp(1))[..] else { panic!("one entry") };
            assert_eq!(counted.about.change.as_deref(), change, "{last}");
            assert_eq!(counted.about.endpoint.as_deref(), Some("ep"));
        }
    }

    #[test]
    fn kinds_are_counted_separately() {
        let refusals = Refusals::default();
        let denied = |n: usize| Draft { kind: Kind::Denied, ..draft("a", &n.to_string()) };
        assert_eq!(
            (0..20).filter(|n| refusals.admit(&denied(*n), Timestamp(0)).0).count(),
            EACH_MAX
        );
        assert!(refusals.admit(&draft("a", "x"), Timestamp(0)).0);
    }

    #[test]
    fn memory_is_bounded_however_many_people_are_refused() {
        let refusals = Refusals::default();
        for n in 0..5_000 {
            refusals.admit(&draft(&n.to_string(), "x"), Timestamp(0));
        }
        assert!(refusals.lock().len() <= COUNTED_MAX + 1);
        assert!(
            !refusals.all(Timestamp(1)).is_empty(),
            "refusals beyond the limit are counted, too"
        );
    }
}
