//! Answers that are known already, by what was asked: GitHub says 304 to them, which costs nothing of the
//! hour's requests.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use url::Url;

/// Most answers that are kept.
const ANSWERS_MAX: usize = 256;
/// Most bytes that they have together.
const BYTES_MAX: usize = 8 * 1024 * 1024;

/// One answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Body {
    /// Its entity tag.
    pub tag: String,
    /// Its media type.
    pub content_type: String,
    /// Its bytes.
    pub bytes: Arc<[u8]>,
    /// Where it came from, when that is not where it was asked for.
    pub moved_to: Option<Arc<Url>>,
}

/// The answers that are kept, the one used last at the end.
#[derive(Debug, Default)]
pub struct Known(Mutex<VecDeque<(String, Body)>>);

impl Known {
    /// The answer to what was asked.
    pub fn get(&self, asked: &str) -> Option<Body> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let at = all.iter().position(|(one, _)| one == asked)?;
        let found = all.remove(at)?;
        let body = found.1.clone();
        all.push_back(found);
        Some(body)
    }

    /// Keeps an answer; those that were not used for longest make room.
    pub fn keep(&self, asked: &str, body: Body) {
        if body.bytes.len() > BYTES_MAX {
            return;
        }
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
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
    fn what_was_not_used_for_longest_makes_room() {
        let known = Known::default();
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
        let known = Known::default();
        known.keep("large", body("a", BYTES_MAX));
        known.keep("small", body("b", 1));
        assert!(known.get("large").is_none() && known.get("small").is_some());
        known.keep("too large", body("c", BYTES_MAX + 1));
        assert!(known.get("too large").is_none() && known.get("small").is_some());
        known.keep("small", body("d", 1));
        assert_eq!(known.get("small").map(|body| body.tag).as_deref(), Some("d"));
    }
}
