//! The ledger: an append-only record that an auditor can verify without trusting who kept it.
//!
//! * [`entry`], of some [`kind`]: one fact: who did what, when, before and after, why, and how it ended. An entry has one
//!   [canonical form](canonical), RFC 8785, and names the hash of the entry before it.
//! * [`tree`]: the RFC 6962 Merkle tree over the entries' canonical bytes, by the crate `tlog_tiles`.
//! * [`checkpoint`]: the tree's size and root in the form of C2SP tlog-checkpoint, signed as a C2SP
//!   signed note with Ed25519, by the crate `signed_note`. [`key`]: who signs, and whom to believe.
//! * [`export`]: JSON lines that end with a checkpoint; [`table`]: the same as CSV.
//! * [`verify`]: reads an export once, in bounded memory, and names the first bad entry.
//!
//! An export's lines are the tree's leaves, byte for byte, so any program that knows RFC 6962 can check
//! it. The tree proves that nothing changed; the chain of `previous` hashes says where, if something did.
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

/// Format of the entries that this version writes and reads.
pub const VERSION: u32 = 1;
/// Longest line of an export, in bytes; above what any entry of the console needs.
pub const LINE_BYTES_MAX: usize = 1024 * 1024;
