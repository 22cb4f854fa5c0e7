//! The rules of an endpoint: who may call it, which deployment answers, and which one gets copies.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// What the control plane set with one PUT on the endpoint. It is replaced as a whole.
#[derive(Clone, Debug)]
pub struct EndpointRules {
    pub auth: Auth,
    /// The share of the requests without a deployment name that each deployment answers, in per cent.
    pub live: BTreeMap<String, u8>,
    /// The deployment that gets copies of live requests without a deployment name, and the percentage of
    /// them.
    pub mirror: Option<(String, u8)>,
}

/// Who may call an endpoint.
#[derive(Clone)]
pub struct Auth {
    /// Judges the bearer value of a request. Runs on every request, so it must be fast.
    pub accepted: Arc<dyn Fn(&str) -> AuthVerdict + Send + Sync>,
}

/// The verdict on a bearer value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuthVerdict {
    /// The caller may score.
    Accepted,
    /// There is no such key, or this emulator did not issue the token.
    Refused,
    /// The token was valid, but has expired.
    Expired,
}

impl Auth {
    /// Accepts exactly these keys.
    pub fn keys<K: Into<String>>(keys: impl IntoIterator<Item = K>) -> Auth {
        let keys: Vec<String> = keys.into_iter().map(Into::into).collect();
        Auth::by(move |bearer| {
            // Compares every key in full, so that timing reveals nothing.
            let is_known = keys.iter().fold(false, |known, key| known | is_same(key, bearer));
            if is_known { AuthVerdict::Accepted } else { AuthVerdict::Refused }
        })
    }

    /// Decides by `judge`.
    pub fn by(judge: impl Fn(&str) -> AuthVerdict + Send + Sync + 'static) -> Auth {
        Auth { accepted: Arc::new(judge) }
    }

    /// Accepts nobody.
    pub fn nobody() -> Auth {
        Auth::by(|_| AuthVerdict::Refused)
    }
}

impl fmt::Debug for Auth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Auth(..)")
    }
}

fn is_same(key: &str, bearer: &str) -> bool {
    key.len() == bearer.len()
        && key.bytes().zip(bearer.bytes()).fold(0, |acc, (a, b)| acc | (a ^ b)) == 0
}

/// The live percentages, prepared for random choice.
#[derive(Debug, Default)]
pub(crate) struct Split {
    /// Each deployment with the end of its range; the ranges are adjacent and start at 0.
    ends: Vec<(String, u32)>,
}

impl Split {
    pub(crate) fn new(live: &BTreeMap<String, u8>) -> Split {
        let mut end = 0;
        let weighted = live.iter().filter(|(_, percent)| **percent > 0);
        let ends = weighted.map(|(name, percent)| {
            end += u32::from(*percent);
            (name.clone(), end)
        });
        Split { ends: ends.collect() }
    }

    /// Chooses a deployment by weight; `None` if no deployment has any.
    pub(crate) fn choose(&self, rng: &mut impl rand::Rng) -> Option<&str> {
        let total = self.ends.last()?.1;
        // Usually one deployment takes everything, and no random choice is needed.
        let draw = if self.ends.len() == 1 { 0 } else { rng.random_range(0..total) };
        self.at(draw)
    }

    fn at(&self, draw: u32) -> Option<&str> {
        self.ends.iter().find(|(_, end)| draw < *end).map(|(name, _)| name.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rand::SeedableRng;

    proptest! {
        #[test]
        fn every_deployment_owns_exactly_its_weight(
            live in prop::collection::btree_map("[a-z]{3,8}", 0_u8..=100, 0..6),
        ) {
            let split = Split::new(&live);
            let total: u32 = live.values().map(|percent| u32::from(*percent)).sum();
            let mut owned: BTreeMap<&str, u32> = BTreeMap::new();
            for draw in 0..total {
                *owned.entry(split.at(draw).unwrap()).or_default() += 1;
            }
            prop_assert_eq!(split.at(total), None);
            for (name, percent) in &live {
                let got = owned.get(name.as_str()).copied().unwrap_or(0);
                prop_assert_eq!(got, u32::from(*percent));
            }
        }

        #[test]
        fn deployments_are_chosen_by_weight(share in 0_u8..=100, seed: u64) {
            let live = BTreeMap::from([("blue".to_owned(), share), ("green".to_owned(), 100 - share)]);
            let split = Split::new(&live);
            let mut rng = rand::rngs::StdRng::seed_from_u64(seed);
            let draws = 4_000;
            let blue = (0..draws).filter(|_| split.choose(&mut rng) == Some("blue")).count();
            // Six standard deviations of a fair choice of 4,000 are below 190.
            prop_assert!((blue as f64 - f64::from(share) * 40.0).abs() < 190.0);
        }
    }

    #[test]
    fn a_deployment_without_weight_never_answers() {
        let split = Split::new(&BTreeMap::from([("blue".to_owned(), 0)]));
        assert_eq!(split.choose(&mut rand::rng()), None);
    }

    #[test]
    fn keys_are_compared_in_full() {
        let auth = Auth::keys(["one", "two"]);
        assert_eq!((auth.accepted)("two"), AuthVerdict::Accepted);
        assert_eq!((auth.accepted)("tw"), AuthVerdict::Refused);
        assert_eq!((Auth::nobody().accepted)(""), AuthVerdict::Refused);
    }
}
