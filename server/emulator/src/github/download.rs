//! Short-lived URLs without a token: where GitHub redirects for tarballs and logs.

use std::collections::BTreeMap;

use parking_lot::Mutex;

use crate::entra::random_text;

/// How long a tarball's URL works. GitHub says five minutes for private repositories (docs.github.com, download a
/// repository archive).
pub const TARBALL_S: i64 = 300;
/// How long a log's URL works (docs.github.com, download job logs for a workflow run: one minute).
pub const LOG_S: i64 = 60;
/// The highest number of valid URLs; the oldest ones end early.
const URLS_MAX: usize = 10_000;

/// What a URL returns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    Tarball { commit: String },
    JobLog { job: u64 },
    RunLogs { run: u64, attempt: u32 },
}

/// The valid URLs, by their secret part.
#[derive(Debug, Default)]
pub struct Downloads(Mutex<BTreeMap<String, (What, i64)>>);

impl Downloads {
    /// A new secret part for a URL that is valid for `seconds`.
    pub fn add(&self, what: What, now: i64, seconds: i64) -> String {
        let mut all = self.0.lock();
        all.retain(|_, (_, end)| *end > now);
        if all.len() >= URLS_MAX
            && let Some(oldest) = all.iter().min_by_key(|(_, (_, end))| *end)
        {
            let oldest = oldest.0.clone();
            all.remove(&oldest);
        }
        let secret = random_text();
        all.insert(secret.clone(), (what, now + seconds));
        secret
    }

    /// What a URL returns, while it is valid.
    pub fn find(&self, secret: &str, now: i64) -> Option<What> {
        let all = self.0.lock();
        all.get(secret).filter(|(_, end)| *end > now).map(|(what, _)| what.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_works_until_it_expires() {
        let downloads = Downloads::default();
        let secret = downloads.add(What::JobLog { job: 3 }, 100, 60);
        assert_eq!(downloads.find(&secret, 159), Some(What::JobLog { job: 3 }));
        assert_eq!(downloads.find(&secret, 160), None);
        assert_eq!(downloads.find("made-up", 100), None);
    }
}
