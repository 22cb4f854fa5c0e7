//! What comes from outside is hostile until it was looked at: every address that an answer names, and every byte
//! of it.
//!
//! * [`caps`]: how much of an answer is taken, and for how long, with the reason of each number.
//! * [`answer`]: the one way in which bodies are read. Bytes are counted as they come, and a document is weighed
//!   before it is parsed.
//! * [`address`]: which addresses of the network something may be sent to; [`resolver`]: names are held to it
//!   after they were resolved, so that what is checked is what is connected to.
//! * [`line`](mod@line): texts of others, where a log or a message takes one line.
//!
//! Which URLs are followed is the matter of each service: `azure/link.rs`, `azure/inference.rs`,
//! `github/redirect.rs`, `web/entra/provider.rs`, `notify/address.rs`.

pub mod address;
pub mod answer;
pub mod caps;
pub mod line;
pub mod resolver;
