//! The names that GitHub takes for jobs.

/// Most characters of a job's name in the file, less one.
const JOB_ID_MAX: usize = 100;

/// Why a name is none for a job.
pub fn refused(id: &str) -> Option<&'static str> {
    let is_legal = id.chars().enumerate().all(|(at, c)| {
        c.is_ascii_alphabetic() || c == '_' || (at > 0 && (c.is_ascii_digit() || c == '-'))
    });
    if id.is_empty() || !is_legal {
        Some("it has letters, digits, - and _, and begins with a letter or _")
    } else if id.chars().count() >= JOB_ID_MAX {
        Some("it has fewer than 100 characters")
    } else if id.starts_with("__") {
        Some("names that begin with __ are GitHub's own")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::refused;

    #[test]
    fn names_of_jobs_are_those_of_github() {
        for id in ["a", "_a", "build-dev", "A_1"] {
            assert_eq!(refused(id), None, "{id}");
        }
        for id in ["", "1a", "-a", "a b", "a.b", "ä", "__a", &"a".repeat(100)] {
            assert!(refused(id).is_some(), "{id}");
        }
    }
}
