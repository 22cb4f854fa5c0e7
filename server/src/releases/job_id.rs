//! GitHub's rule for job ids.

/// GitHub rejects ids of this many characters or more.
const JOB_ID_MAX: usize = 100;

/// Why GitHub rejects a job id.
pub fn refused(id: &str) -> Option<&'static str> {
    let is_legal = id.chars().enumerate().all(|(at, c)| {
        c.is_ascii_alphabetic() || c == '_' || (at > 0 && (c.is_ascii_digit() || c == '-'))
    });
    if id.is_empty() || !is_legal {
        Some("it may have letters, digits, - and _, and begins with a letter or _")
    } else if id.chars().count() >= JOB_ID_MAX {
        Some("it must have fewer than 100 characters")
    } else if id.starts_with("__") {
        Some("GitHub reserves names that begin with __")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::refused;

    #[test]
    fn job_ids_follow_githubs_rule() {
        for id in ["a", "_a", "build-dev", "A_1"] {
            assert_eq!(refused(id), None, "{id}");
        }
        for id in ["", "1a", "-a", "a b", "a.b", "ä", "__a", &"a".repeat(100)] {
            assert!(refused(id).is_some(), "{id}");
        }
    }
}
