//! The ledger: an append-only record that an auditor can verify without trusting its operator.
//!
//! * [`entry`], of some [`kind`]: who did what, when, before and after, why, and with what result. An entry has one
//!   [canonical form](canonical), RFC 8785, and contains the hash of the preceding entry.
//! * [`tree`]: the RFC 6962 Merkle tree over the entries' canonical bytes, by the crate `tlog_tiles`.
//! * [`checkpoint`]: the tree's size and root in the form of C2SP tlog-checkpoint, signed as a C2SP
//!   signed note with Ed25519, by the crate `signed_note`. [`key`]: the keys that sign and verify.
//! * [`export`]: JSON lines that end with a checkpoint; [`table`]: the same as CSV.
//! * [`verify`]: reads an export once, in bounded memory, and names the first bad entry.
//!
//! An export's lines are the tree's leaves, byte for byte, so any implementation of RFC 6962 can check it. The tree
//! proves that nothing has changed; the chain of `previous` hashes locates a change.
//!
//! Pure: no clock, no network, no database. Hashing is done by the crates named above.

pub mod canonical;
pub mod checkpoint;
pub mod entry;
pub mod export;
pub mod key;
pub mod kind;
pub mod table;
pub mod tree;
pub mod verify;

/// The format of entries that this version writes and reads.
pub const VERSION: u32 = 1;
/// Maximum length of an export's line in bytes, more than any entry of the console needs.
pub const LINE_BYTES_MAX: usize = 1024 * 1024;
