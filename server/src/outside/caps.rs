//! Limits on responses of Azure, GitHub and Entra ID. `server/docs/limits.md` documents the same table.

use std::time::Duration;

/// Most bytes of one response of Azure. Source: the largest observed one, a list of a region's machine sizes, has
/// about 400 kB; metrics with a thousand series have 6 MB.
pub const ANSWER_BYTES_MAX: usize = 8 * 1024 * 1024;
/// Most values (strings, numbers, objects and so on) of one document. Source: one hour of metrics with a thousand
/// series has 200,000. A value may need 60 times its bytes in memory.
pub const VALUES_MAX: usize = 250_000;
/// Deepest nesting of a document, in levels. Source: a deployment's body has eight; `serde_json` allows 128.
pub const DEPTH_MAX: usize = 64;
/// Most pages of one list. Source: Azure allows 100 endpoints and 500 deployments per region, in pages of 20 or
/// more.
pub const LIST_PAGES_MAX: usize = 100;
/// Most items of one list. Source: a region has about 1,000 machine sizes and as many usages.
pub const LIST_ITEMS_MAX: usize = 5_000;
/// Most bytes of one list, over all pages. Source: four of the largest responses.
pub const LIST_BYTES_MAX: usize = 32 * 1024 * 1024;
/// Longest URL from a response that is followed or stored, in bytes. Source: those of operations have about 300;
/// gateways accept 8,192.
pub const LINK_BYTES_MAX: usize = 4_096;
/// Longest `Retry-After` that is obeyed. Source: Azure's throttling windows last at most one hour.
pub const RETRY_AFTER_MAX: Duration = Duration::from_secs(3_600);
/// Most bytes of the end of a log. Source: 2,000 lines, the most that are requested, of 500 bytes each.
pub const LOG_BYTES_MAX: usize = 1024 * 1024;
/// Most bytes of the response to a test request that are kept. Source: what a page can show.
pub const SCORED_BYTES_MAX: usize = 64 * 1024;
/// Most bytes of one response of Entra. Source: its discovery document has 2 kB, its keys have 20 kB, and an ID token
/// with the most groups has 20 kB.
pub const ENTRA_BYTES_MAX: usize = 512 * 1024;
/// Longest lifetime of a token, in seconds. Source: those of managed identities last 24 hours.
pub const TOKEN_SECONDS_MAX: i64 = 24 * 3_600;
/// Most bytes of a manifest or of an image's configuration. Source: the OCI distribution specification asks registries
/// to accept manifests of at least 4 MiB.
pub const MANIFEST_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Most bytes of a build's log in one piece. Source: what is kept in memory for each log that is followed.
pub const LOG_PIECE_BYTES_MAX: usize = 1024 * 1024;
/// Bytes of a file that are sent in one request to a storage account. Source: the memory of one upload; the largest
/// context has 1 GB, which are 128 of 50,000 possible blocks.
pub const BLOCK_BYTES: usize = 8 * 1024 * 1024;
/// Timeout of one such request. Source: a slow line of 1 Mbit/s sends a block in about a minute.
pub const BLOCK_TIME_MAX: Duration = Duration::from_secs(120);
/// Most bytes of a repository's tarball. Source: GitHub's recommended size of a repository, 1 GB, in compressed form.
pub const TARBALL_BYTES_MAX: u64 = 1024 * 1024 * 1024;
/// Most bytes of the log of one job of GitHub Actions. Source: five times the log that the console's tests follow.
pub const JOB_LOG_BYTES_MAX: u64 = 1024 * 1024 * 1024;
/// Timeout of a download from GitHub to the last byte, as a multiple of a read with all its retries. Source: 1 GB at 10
/// Mbit/s takes 13 minutes.
pub const DOWNLOAD_READS: u32 = 22;
/// Most bytes of one JSON response of GitHub. Source: a folder has at most 1,000 entries of about 2 kB.
pub const GITHUB_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Most entries of a folder. Source: the limit of GitHub's contents API.
pub const GITHUB_ENTRIES_MAX: usize = 1_000;
/// Most headers of a response. Source: Azure sends about 30.
pub const HEADERS_MAX: usize = 100;
/// Most bytes of the headers of an HTTP/2 response. Source: the console's own server has the same limit.
pub const HEADER_BYTES_MAX: u32 = 64 * 1024;
/// Timeout of connecting. Source: how long a person waits for a page.
pub const CONNECT_TIME_MAX: Duration = Duration::from_secs(5);
/// Timeout of one request, to the last byte of its response. Source: a list of Azure ML takes about five seconds on a
/// bad day.
pub const ANSWER_TIME_MAX: Duration = Duration::from_secs(30);
/// Timeout of a read with all its retries.
pub const READ_TIME_MAX: Duration = Duration::from_secs(40);
/// Timeout of a list with all its pages.
pub const LIST_TIME_MAX: Duration = Duration::from_secs(60);
/// A stage is not fresh while a round takes longer. Source: pages say “up to date” for 90 s after a read.
pub const ROUND_FRESH_MAX: Duration = Duration::from_secs(30);
/// Timeout of a round. Source: the first one reads 100 endpoints, eight at a time, in two seconds each.
pub const ROUND_TIME_MAX: Duration = Duration::from_secs(90);

/// Timeouts of a service. Tests use shorter ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Within {
    /// One request, to the last byte of its response.
    pub answer: Duration,
    /// A read with all its retries.
    pub read: Duration,
    /// A list with all its pages.
    pub list: Duration,
}

impl Default for Within {
    fn default() -> Self {
        Self { answer: ANSWER_TIME_MAX, read: READ_TIME_MAX, list: LIST_TIME_MAX }
    }
}
