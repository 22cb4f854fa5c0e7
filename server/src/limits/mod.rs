//! Limits per person, per address and in total. `server/docs/limits.md` documents the reason of each.

mod held;
mod rate;

pub use held::{Held, Holding};
pub use rate::Rates;

use std::net::IpAddr;
use std::sync::Arc;

/// Live pages per person: more than anybody has tabs.
pub const STREAMS_PER_PERSON_MAX: usize = 64;
/// Live pages per address, which may be an office behind one router.
pub const STREAMS_PER_ADDRESS_MAX: usize = 512;
/// Live pages in total.
pub const STREAMS_MAX: usize = 4_096;
/// Concurrent requests per person. A page with its islands sends a few.
pub const REQUESTS_PER_PERSON_MAX: usize = 64;
/// Concurrent requests of all signed-in people.
pub const REQUESTS_MAX: usize = 1_024;
/// Reads of Azure or GitHub that a person causes in addition to those that all people share: burst.
pub const READS_BURST: u32 = 60;
/// The same reads, per second after the burst.
pub const READS_PER_SECOND: f64 = 5.0;
/// Comments per person: burst.
pub const COMMENTS_BURST: u32 = 30;
/// Comments per person and second after the burst. Each one is a ledger entry and updates all pages of its change.
pub const COMMENTS_PER_SECOND: f64 = 0.1;
/// Authorization codes per address that are redeemed with Entra: burst.
pub const REDEEMED_BURST: u32 = 60;
/// Authorization codes per address and second after the burst.
pub const REDEEMED_PER_SECOND: f64 = 1.0;
/// Authorization codes that are redeemed at the same time, in total.
pub const REDEEMED_MAX: usize = 32;
/// Concurrent verifications and exports of the ledger per person.
pub const LEDGER_PER_PERSON_MAX: usize = 2;
/// Concurrent verifications and exports in total. Each one reads the whole ledger.
pub const LEDGER_MAX: usize = 6;
/// Most keys of one [`Rates`].
const KEPT_MAX: usize = 10_000;

/// All limits and their current use.
#[derive(Debug)]
pub struct Limits {
    streams_of_person: Arc<Held<String>>,
    streams_of_address: Arc<Held<IpAddr>>,
    requests: Arc<Held<String>>,
    ledger: Arc<Held<String>>,
    redeemed: Arc<Held<()>>,
    redeemed_from: Rates<IpAddr>,
    reads: Rates<String>,
    comments: Rates<String>,
}

/// The permit of an open live page.
#[derive(Debug)]
pub struct StreamTurn {
    _person: Holding<String>,
    _address: Option<Holding<IpAddr>>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            streams_of_person: Held::new(STREAMS_PER_PERSON_MAX, STREAMS_MAX),
            streams_of_address: Held::new(STREAMS_PER_ADDRESS_MAX, STREAMS_MAX),
            requests: Held::new(REQUESTS_PER_PERSON_MAX, REQUESTS_MAX),
            ledger: Held::new(LEDGER_PER_PERSON_MAX, LEDGER_MAX),
            redeemed: Held::new(REDEEMED_MAX, REDEEMED_MAX),
            redeemed_from: Rates::new(REDEEMED_BURST, REDEEMED_PER_SECOND, KEPT_MAX),
            reads: Rates::new(READS_BURST, READS_PER_SECOND, KEPT_MAX),
            comments: Rates::new(COMMENTS_BURST, COMMENTS_PER_SECOND, KEPT_MAX),
        }
    }
}

impl Limits {
    /// A permit for a live page; `None` if the person or the address has reached its limit.
    #[must_use]
    pub fn stream(&self, person: &str, address: IpAddr) -> Option<StreamTurn> {
        let by_person = self.streams_of_person.take(person.to_owned())?;
        // Behind a local proxy, all requests come from loopback.
        let by_address = match address.is_loopback() {
            true => None,
            false => Some(self.streams_of_address.take(network(address))?),
        };
        Some(StreamTurn { _person: by_person, _address: by_address })
    }

    /// The number of open live pages.
    #[must_use]
    pub fn streams(&self) -> usize {
        self.streams_of_person.all()
    }

    /// A permit for a person's request.
    #[must_use]
    pub fn request(&self, person: &str) -> Option<Holding<String>> {
        self.requests.take(person.to_owned())
    }

    /// A permit for a verification or export of the ledger.
    #[must_use]
    pub fn ledger(&self, person: &str) -> Option<Holding<String>> {
        self.ledger.take(person.to_owned())
    }

    /// A permit to redeem an authorization code with Entra.
    #[must_use]
    pub fn redeem(&self, address: IpAddr) -> Option<Holding<()>> {
        if !address.is_loopback() && !self.redeemed_from.take(&network(address)) {
            return None;
        }
        self.redeemed.take(())
    }

    /// Whether a person may cause another read of Azure or GitHub.
    #[must_use]
    pub fn read(&self, person: &str) -> bool {
        self.reads.take(&person.to_owned())
    }

    /// Whether a person may write another comment.
    #[must_use]
    pub fn comment(&self, person: &str) -> bool {
        self.comments.take(&person.to_owned())
    }
}

/// The network that counts as one address: an IPv6 subscriber has a whole /64.
#[must_use]
pub fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            IpAddr::from([a, b, c, d, 0, 0, 0, 0])
        }
        v4 => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_persons_live_pages_leave_room_for_others() {
        let limits = Limits::default();
        let here = IpAddr::from([127, 0, 0, 1]);
        let open: Vec<_> = (0..4_000).filter_map(|_| limits.stream("a", here)).collect();
        assert_eq!(open.len(), STREAMS_PER_PERSON_MAX);
        assert!(limits.stream("b", here).is_some());
        drop(open);
        assert_eq!(limits.streams(), 0);
        assert!(limits.stream("a", here).is_some());
    }

    #[test]
    fn one_addresss_live_pages_leave_room_for_others() {
        let limits = Limits::default();
        let there = |n: u16| IpAddr::from([0x2001, 0xdb8, 0, 1, 0, 0, 0, n]);
        let each = (0..600).filter_map(|n| limits.stream(&n.to_string(), there(n)));
        let open: Vec<_> = each.collect();
        assert_eq!(open.len(), STREAMS_PER_ADDRESS_MAX, "a /64 is one address");
        assert!(limits.stream("x", IpAddr::from([192, 0, 2, 1])).is_some());
    }

    #[test]
    fn one_persons_comments_do_not_use_up_the_rate_of_others() {
        let limits = Limits::default();
        let written = (0..1_000).filter(|_| limits.comment("a")).count();
        assert_eq!(u32::try_from(written), Ok(COMMENTS_BURST));
        assert!(limits.comment("b"));
    }

    #[test]
    fn a_mapped_address_counts_as_its_ipv4_address() {
        let mapped: IpAddr = "::ffff:192.0.2.1".parse().expect("an address");
        assert_eq!(network(mapped), IpAddr::from([192, 0, 2, 1]));
    }
}
