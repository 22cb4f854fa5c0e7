//! Protection against hostile responses. No byte of a response and no address in it is trusted before it was checked.
//!
//! * [`caps`]: limits on size and time, with the source of each number.
//! * [`answer`]: reads all bodies. It counts bytes as they arrive, and checks a document's size before parsing.
//! * [`address`]: the IP addresses that requests may be sent to; [`resolver`]: checks resolved addresses, so that the
//!   checked address is the one that is connected to.
//! * [`timely`]: writes with a deadline.
//! * [`line`](mod@line): external texts in logs and messages.
//!
//! Each service decides which URLs it follows: `azure/link.rs`, `azure/hosts.rs`, `azure/inference.rs`, `github/redirect.rs`,
//! `web/entra/provider.rs`, `notify/address.rs`.

pub mod address;
pub mod answer;
pub mod caps;
#[cfg(test)]
pub(crate) mod fake;
pub mod line;
pub mod proxy;
pub mod resolver;
pub mod retry_after;
pub mod timely;
