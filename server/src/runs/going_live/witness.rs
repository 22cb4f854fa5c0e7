//! Records what was approved and what held, independently of the console's own rules.

use super::world::Id;
use std::collections::BTreeMap;

/// Live shares, by name.
pub(super) type Shares = BTreeMap<String, u8>;
/// The identities of deployments, by name.
pub(super) type Ids = BTreeMap<String, Id>;

/// A state of live traffic.
#[derive(Debug, Clone, Default)]
pub(super) struct Good {
    pub(super) shares: Shares,
    pub(super) ids: Ids,
}

/// The record of one run.
#[derive(Debug, Clone)]
pub(super) struct Run {
    /// The approved end state and deployments; `None` for a roll-back.
    pub(super) approved: Option<Good>,
    /// Set when glass was broken instead of an approval; `true` when a freeze was set aside too. The result never
    /// becomes the good state.
    pub(super) glass: Option<bool>,
    /// The route at the start of the run.
    pub(super) base: Shares,
    /// The good state before the run; for a roll-back, before the run that is rolled back.
    pub(super) former: Good,
}

#[derive(Debug, Default)]
pub(super) struct Witness {
    /// The current good state; `None` before the first change.
    pub(super) good: Option<Good>,
}

fn share(shares: &Shares, name: &str) -> u8 {
    shares.get(name).copied().unwrap_or(0)
}

impl Witness {
    /// A PUT takes effect.
    pub(super) fn put(run: &Run, from: &Shares, to: &Shares, now: &Ids, is_frozen: bool) {
        for (name, more) in to.iter().filter(|(name, more)| **more > share(from, name)) {
            let is = now.get(name);
            match &run.approved {
                Some(approved) => {
                    let is_held = is_frozen && run.glass != Some(true);
                    assert!(!is_held, "{name} gets more on a frozen stage");
                    let most = share(&approved.shares, name).max(share(&run.base, name));
                    assert!(*more <= most, "{name}: {more} % where {most} % were approved");
                    assert_eq!(approved.ids.get(name), is, "{name} is not what was approved");
                }
                None => {
                    let most = share(&run.former.shares, name);
                    assert!(*more <= most, "{name} goes back to {more} %; {most} % were good");
                    assert_eq!(run.former.ids.get(name), is, "{name} is not what was good");
                }
            }
        }
    }

    /// A route of a run was verified, and has baked if required.
    pub(super) fn holds(&mut self, run: &Run, route: &Shares) {
        let Some(approved) = run.approved.as_ref().filter(|_| run.glass.is_none()) else {
            self.good = Some(run.former.clone());
            return;
        };
        // A deployment that was not live in the former good state is good only as somebody approved it.
        let id = |name: &String, more: u8| match more > share(&run.base, name) {
            true => approved.ids.get(name),
            false => run.former.ids.get(name).filter(|_| share(&run.former.shares, name) > 0),
        };
        let ids = route.iter().filter_map(|(name, more)| Some((name.clone(), *id(name, *more)?)));
        self.good = Some(Good { shares: route.clone(), ids: ids.collect() });
    }
}
