//! A cache of responses with entity tags. GitHub answers 304 for them, which does not count against the hourly quota.

use crate::lock::lock;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use url::Url;

/// Most cached responses.
const ANSWERS_MAX: usize = 256;
/// Most bytes of all cached responses together.
const BYTES_MAX: usize = 8 * 1024 * 1024;

/// The body of a response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Body {
    pub tag: String,
    pub content_type: String,
    pub bytes: Arc<[u8]>,
    /// The final URL, if GitHub redirected the request.
    pub moved_to: Option<Arc<Url>>,
}

/// The cache, ordered from least to most recently used.
#[derive(Debug, Default)]
pub struct EtagCache(Mutex<VecDeque<(String, Body)>>);

impl EtagCache {
    /// The cached response for the key `asked`.
    pub fn get(&self, asked: &str) -> Option<Body> {
        let mut all = lock(&self.0);
        let at = all.iter().position(|(one, _)| one == asked)?;
        let found = all.remove(at)?;
        let body = found.1.clone();
        all.push_back(found);
        Some(body)
    }

    /// Caches a response, and evicts the least recently used ones over the limits.
    pub fn keep(&self, asked: &str, body: Body) {
        if body.bytes.len() > BYTES_MAX {
            return;
        }
        let mut all = lock(&self.0);
        all.retain(|(one, _)| one != asked);
        all.push_back((asked.to_owned(), body));
        let mut bytes: usize = all.iter().map(|(_, body)| body.bytes.len()).sum();
        while all.len() > ANSWERS_MAX || bytes > BYTES_MAX {
            let Some((_, oldest)) = all.pop_front() else { break };
            bytes -= oldest.bytes.len();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(tag: &str, length: usize) -> Body {
        let bytes = vec![0; length].into();
        Body { tag: tag.to_owned(), content_type: String::new(), bytes, moved_to: None }
    }

    #[test]
    fn the_least_recently_used_is_evicted() {
        let known = EtagCache::default();
        for number in 0..ANSWERS_MAX {
            known.keep(&number.to_string(), body("a", 1));
        }
        assert!(known.get("0").is_some(), "used just now");
        known.keep("new", body("b", 1));
        assert!(known.get("0").is_some() && known.get("new").is_some());
        assert!(known.get("1").is_none());
    }

    #[test]
    fn the_bytes_are_bounded() {
        let known = EtagCache::default();
        known.keep("large", body("a", BYTES_MAX));
        known.keep("small", body("b", 1));
        assert!(known.get("large").is_none() && known.get("small").is_some());
        known.keep("too large", body("c", BYTES_MAX + 1));
        assert!(known.get("too large").is_none() && known.get("small").is_some());
        known.keep("small", body("d", 1));
        assert_eq!(known.get("small").map(|body| body.tag).as_deref(), Some("d"));
    }
}
