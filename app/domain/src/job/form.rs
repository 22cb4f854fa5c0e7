//! The fields of forms about jobs and images.

/// The commit that the person saw before the build.
pub const COMMIT: &str = "commit";
/// `true`: carry out the release after the build.
pub const DEPLOY: &str = "deploy";
/// `true`: GitHub runs only the failed jobs of the workflow again.
pub const FAILED_ONLY: &str = "failed_only";
/// The environment version to archive.
pub const VERSION: &str = "version";

/// Longest hash of a commit, in hexadecimal digits (SHA-256).
pub const COMMIT_DIGITS_MAX: usize = 64;

/// Whether a text can be a commit's hash.
#[must_use]
pub fn is_commit(text: &str) -> bool {
    let is_hexadecimal = text.bytes().all(|byte| byte.is_ascii_hexdigit());
    !text.is_empty() && text.len() <= COMMIT_DIGITS_MAX && is_hexadecimal
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_commit_is_a_hexadecimal_number() {
        let long = "a".repeat(COMMIT_DIGITS_MAX);
        for text in ["1f2e3d4", &long] {
            assert!(is_commit(text), "{text}");
        }
        let longer = "a".repeat(COMMIT_DIGITS_MAX + 1);
        for text in ["", "main", "../x", "1f2e 3d4", "é", &longer] {
            assert!(!is_commit(text), "{text}");
        }
    }
}
