//! Caps on what Azure, GitHub and Entra ID may send. `server/docs/limits.md` has the same table for people.

use std::time::Duration;

/// Most bytes of one answer of Azure. Source: the largest that was seen, a list of a region's machine sizes, has
/// some 400 kB; metrics of a thousand series have 6 MB.
pub const ANSWER_BYTES_MAX: usize = 8 * 1024 * 1024;
/// Most values (texts, numbers, objects and so on) of one document. Source: a thousand series of metrics of an
/// hour have 200,000. A value may take 60 times the bytes in memory that it has on the wire.
pub const VALUES_MAX: usize = 250_000;
/// Deepest nesting of a document, in levels. Source: a deployment's body has eight; `serde_json` gives up at 128.
pub const DEPTH_MAX: usize = 64;
/// Most pages of one list. Source: Azure allows 100 endpoints and 500 deployments per region, in pages of 20 or
/// more.
pub const LIST_PAGES_MAX: usize = 100;
/// Most items of one list. Source: a region has about 1,000 machine sizes and as many usages.
pub const LIST_ITEMS_MAX: usize = 5_000;
/// Most bytes of one list, all pages together. Source: four of the largest answers.
pub const LIST_BYTES_MAX: usize = 32 * 1024 * 1024;
/// Longest URL of an answer that is followed or kept, in bytes. Source: those of operations have some 300; gateways
/// take 8,192.
pub const LINK_BYTES_MAX: usize = 4_096;
/// Longest that Azure may ask the console to wait. Source: Azure's throttling windows last an hour at most.
pub const RETRY_AFTER_MAX: Duration = Duration::from_secs(3_600);
/// Most bytes of a log's end. Source: 2,000 lines, the most that are asked for, of 500 bytes each.
pub const LOG_BYTES_MAX: usize = 1024 * 1024;
/// Most bytes of a test request's answer that are kept. Source: what a page can show.
pub const SCORED_BYTES_MAX: usize = 64 * 1024;
/// Most bytes of one answer of Entra. Source: its discovery document has 2 kB and its keys have 20 kB; an ID token
/// with all groups that it may name has 20 kB.
pub const ENTRA_BYTES_MAX: usize = 512 * 1024;
/// Longest life of a token that is believed, in seconds. Source: those of managed identities live for 24 hours.
pub const TOKEN_SECONDS_MAX: i64 = 24 * 3_600;
/// Most bytes of one description by GitHub. Source: a folder has 1,000 entries at most, of some 2 kB.
pub const GITHUB_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Most entries of a folder. Source: GitHub's own limit of the contents API.
pub const GITHUB_ENTRIES_MAX: usize = 1_000;
/// Most headers of an answer. Source: Azure sends some 30.
pub const HEADERS_MAX: usize = 100;
/// Most bytes of the headers of an answer over HTTP/2. Source: a connection of the console itself takes as many.
pub const HEADER_BYTES_MAX: u32 = 64 * 1024;
/// Longest that connecting may take. Source: what a person waits for a page.
pub const CONNECT_TIME_MAX: Duration = Duration::from_secs(5);
/// Longest that one exchange may take, to the last byte of its answer. Source: a list of Azure ML takes some five
/// seconds on a bad day.
pub const ANSWER_TIME_MAX: Duration = Duration::from_secs(30);
/// Longest that a read may take, with all its tries.
pub const READ_TIME_MAX: Duration = Duration::from_secs(40);
/// Longest that a list may take, with all its pages.
pub const LIST_TIME_MAX: Duration = Duration::from_secs(60);
/// A stage whose round took longer is not called fresh. Source: pages say “up to date” for 90 s after a read.
pub const ROUND_FRESH_MAX: Duration = Duration::from_secs(30);
/// Longest that a round may take. Source: the first one reads 100 endpoints, eight at once, two seconds each.
pub const ROUND_TIME_MAX: Duration = Duration::from_secs(90);

/// How long a service may take; tests give it less.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Within {
    /// One exchange, to the last byte of its answer.
    pub answer: Duration,
    /// A read, with all its tries.
    pub read: Duration,
    /// A list, with all its pages.
    pub list: Duration,
}

impl Default for Within {
    fn default() -> Self {
        Self { answer: ANSWER_TIME_MAX, read: READ_TIME_MAX, list: LIST_TIME_MAX }
    }
}
